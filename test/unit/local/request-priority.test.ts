import { beforeEach, describe, expect, it } from 'vitest';
import { createRequestPriority } from '../../../functions/local/request-priority.ts';
import { openDatabase } from '../../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../../shared/adapters/sqlite/store.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';

/** Clock whose time passes only by sleeping; each sleep may bring a request. */
const sleeperClock = () => {
  let now = 1_000;
  const slept: number[] = [];
  let onWake = (): void => undefined;
  return {
    now: () => now,
    sleep: async (ms: number) => {
      slept.push(ms);
      now += ms;
      onWake();
    },
    slept,
    pass: (ms: number) => {
      now += ms;
    },
    wakeWith: (work: () => void) => {
      onWake = work;
    },
  };
};

let clock: ReturnType<typeof sleeperClock>;
let requestPriority: ReturnType<typeof createRequestPriority>;
const { signal } = new AbortController();

const burst = (): void => {
  for (let i = 0; i < 8; i++) requestPriority.onRequest();
};

beforeEach(() => {
  clock = sleeperClock();
  requestPriority = createRequestPriority(clock);
});

describe('waitForQuiet', () => {
  it('background work starts at once if there were no requests', async () => {
    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([]);
  });

  it('background work waits only for a moment after a single request', async () => {
    requestPriority.onRequest();

    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([10]);
  });

  it('background work does not take a short gap for the end of a burst', async () => {
    burst();
    clock.pass(15);

    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([25]);
  });

  it('background work starts within a second however long a burst lasts', async () => {
    burst();
    clock.wakeWith(burst);

    await requestPriority.waitForQuiet(signal);

    expect(clock.now()).toBe(2_000);
  });

  it('background work does not wait once it has to stop', async () => {
    burst();

    await requestPriority.waitForQuiet(AbortSignal.abort());

    expect(clock.slept).toEqual([]);
  });
});

describe('throttledStore', () => {
  const key = turnKey('proj_1', 'turn-1');
  const throttled = () => {
    const database = openDatabase({ path: ':memory:' });
    return requestPriority.throttledStore(createSqliteStore({ database, clock }));
  };

  it('the store of background work is not throttled while there are few requests', async () => {
    const store = throttled();
    requestPriority.onRequest();

    await store.get(key);

    expect(clock.slept).toEqual([]);
  });

  it('the store of background work pauses before each access during a burst, one at a time', async () => {
    const store = throttled();
    burst();
    clock.wakeWith(burst);

    await Promise.all([
      store.get(key),
      store.getMany([key]),
      store.query({ kind: 'TURN', pk: key.pk, prefix: '' }),
      store.transact([{ op: 'delete', key }]),
    ]);

    expect(clock.slept).toEqual([20, 20, 20, 20]);
  });
});
