import { beforeEach, describe, expect, it } from 'vitest';
import { createRequestPriority } from '../../../functions/local/request-priority.ts';
import { openDatabase } from '../../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../../shared/adapters/sqlite/store.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';

/** Sleeping is what lets time pass; each sleep may bring a request. */
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

describe('a lull', () => {
  it('is there at once when nothing came', async () => {
    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([]);
  });

  it('waits only for a moment after a lone request', async () => {
    requestPriority.onRequest();

    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([10]);
  });

  it('is not taken for the end of a burst when that only stumbles', async () => {
    burst();
    clock.pass(15);

    await requestPriority.waitForQuiet(signal);

    expect(clock.slept).toEqual([25]);
  });

  it('comes within a second however long a burst goes on', async () => {
    burst();
    clock.wakeWith(burst);

    await requestPriority.waitForQuiet(signal);

    expect(clock.now()).toBe(2_000);
  });

  it('is not waited for once the work has to stop', async () => {
    burst();

    await requestPriority.waitForQuiet(AbortSignal.abort());

    expect(clock.slept).toEqual([]);
  });
});

describe('the store of background work', () => {
  const key = turnKey('proj_1', 'turn-1');
  const politeStore = () => {
    const database = openDatabase({ path: ':memory:' });
    return requestPriority.throttledStore(createSqliteStore({ database, clock }));
  };

  it('is as it is while few requests come', async () => {
    const store = politeStore();
    requestPriority.onRequest();

    await store.get(key);

    expect(clock.slept).toEqual([]);
  });

  it('pauses before each access of a burst, one after the other', async () => {
    const store = politeStore();
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
