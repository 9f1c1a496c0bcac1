import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { pauseEndpoint, resumeEndpoint } from '../../shared/core/webhooks/endpoints.ts';
import { getDelivery, listDeliveries } from '../../shared/core/webhooks/list-deliveries.ts';
import { resendDelivery } from '../../shared/core/webhooks/manual-delivery.ts';
import { getRecovery, startRecovery } from '../../shared/core/webhooks/recoveries.ts';
import { limiterKey } from '../../shared/domain/table/keys.ts';
import { type Delivery, statusOf } from '../../shared/domain/webhooks/delivery.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Store } from '../../shared/ports/store.ts';
import { begun } from '../support/begun.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { exhaustedDelivery } from '../support/exhausted-delivery.ts';
import { interceptStore } from '../support/intercepted-store.ts';
import { clock, failuresOf, openDispatcher, project } from '../support/table-dispatcher.ts';

let table: Store;

beforeAll(async () => {
  table = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
});
afterAll(() => table.close());

let dispatcher: ReturnType<typeof openDispatcher>;
beforeEach(() => {
  dispatcher = openDispatcher(table);
});
afterEach(() => dispatcher.close());

/** Filter by a user of the test's own, since all tests share the table. */
const only = (user: string) => ({ filters: { user: [user] } });

describe('the delivery core on DynamoDB', () => {
  it('every endpoint on DynamoDB gets each fact once although every hint comes twice', async () => {
    const endpoints = [
      await dispatcher.endpoint({ ...only('ann'), url: 'https://one.example.com/' }),
      await dispatcher.endpoint({ ...only('ann'), url: 'https://two.example.com/' }),
    ];
    await dispatcher.facts(30, 'ann');
    const hints = dispatcher.takeAll();

    await dispatcher.perform([...hints, ...hints]);
    await dispatcher.work();

    const ids = dispatcher.receiver.posts.map(({ url, id }) => `${url} ${id}`);
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
    for (const endpoint of endpoints)
      expect(await dispatcher.deliveries(endpoint, 'succeeded')).toHaveLength(30);
    expect(dispatcher.largestTransaction()).toBeLessThanOrEqual(100);
  }, 120_000);

  it('an ordered endpoint on DynamoDB gets facts in order although hints come backwards and at once', async () => {
    await dispatcher.endpoint({ ...only('ivy'), ordered: true });
    const memories = await dispatcher.facts(20, 'ivy');

    await dispatcher.perform(dispatcher.takeAll().reverse());
    await dispatcher.work();

    const { posts } = dispatcher.receiver;
    expect(posts.map(({ payload }) => payload.data.memory_id)).toEqual(memories);
  }, 120_000);

  it('fifty copies of a hint make one POST on DynamoDB', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('ben') });
    await pauseEndpoint(dispatcher.platform, project, endpoint.id);
    await dispatcher.facts(1, 'ben');
    await dispatcher.work();
    await resumeEndpoint(dispatcher.platform, project, endpoint.id);
    const [{ id: delivery } = { id: '' }] = await dispatcher.deliveries(endpoint);
    const hint: Hint = { v: 1, kind: 'delivery', project, delivery };
    await resendDelivery(dispatcher.platform, project, delivery);
    dispatcher.takeAll();

    await dispatcher.perform(Array.from({ length: 50 }, () => hint));

    expect(dispatcher.receiver.posts).toHaveLength(1);
    expect(await getDelivery(dispatcher.platform, project, delivery)).toMatchObject({
      delivery: { state: 'succeeded', attempts: 1 },
      attempts: [{ number: 1, ok: true }],
    });
  }, 60_000);

  it('an endpoint on DynamoDB has no more attempts in flight than its limit, and its backlog is sent in turn', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('cora'), maxInFlight: 3 });
    let [inFlight, max] = [0, 0];
    dispatcher.receiver.usually(async () => {
      inFlight += 1;
      max = Math.max(max, inFlight);
      await clock.sleep(200);
      inFlight -= 1;
      return 200;
    });
    await dispatcher.facts(15, 'cora');

    await dispatcher.work();

    const key = limiterKey(project, endpoint.id);
    const limiter = await table.get(key);
    const left = await table.query({ kind: 'BACKLOG', pk: key.pk, prefix: 'BACKLOG#' });
    expect(dispatcher.receiver.posts).toHaveLength(15);
    expect(max).toBeGreaterThan(1);
    expect(max).toBeLessThanOrEqual(3);
    expect(limiter?.slots).toEqual([]);
    expect(left.items).toEqual([]);
    expect(dispatcher.largestTransaction()).toBeLessThanOrEqual(100);
  }, 120_000);

  it('four processes on DynamoDB share the slots of an endpoint, and send each delivery once', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('hal'), maxInFlight: 12 });
    let [inFlight, max] = [0, 0];
    dispatcher.receiver.usually(async () => {
      inFlight += 1;
      max = Math.max(max, inFlight);
      await clock.sleep(100);
      inFlight -= 1;
      return 200;
    });
    const processes = Array.from({ length: 4 }, () => createDispatcherHandler(dispatcher.platform));
    await dispatcher.facts(120, 'hal');

    for (let hints = dispatcher.takeAll(); hints.length > 0; hints = dispatcher.takeAll()) {
      const shares = processes.map((_, place) => hints.filter((__, n) => n % 4 === place));
      const failures = await Promise.all(
        processes.map((handle, place) => failuresOf(handle, shares[place] ?? [])),
      );
      expect(failures.flat().filter(({ transient }) => !transient)).toEqual([]);
    }
    for (let minute = 0; minute < 3; minute++) await dispatcher.later(61_000);

    const posted = dispatcher.receiver.posts.map(({ id }) => id);
    expect(new Set(posted).size).toBe(120);
    expect(posted).toHaveLength(120);
    expect(max).toBeLessThanOrEqual(12);
    expect(await dispatcher.deliveries(endpoint, 'succeeded')).toHaveLength(120);
    expect(dispatcher.largestTransaction()).toBeLessThanOrEqual(100);
  }, 180_000);

  it('deliveries of a paused endpoint on DynamoDB are queued, and sent once when it is resumed', async () => {
    const endpoint = await dispatcher.endpoint(only('dora'));
    await pauseEndpoint(dispatcher.platform, project, endpoint.id);
    await dispatcher.facts(40, 'dora');
    await dispatcher.work();
    const queued = await dispatcher.deliveries(endpoint, 'queued');

    await resumeEndpoint(dispatcher.platform, project, endpoint.id);
    await dispatcher.later(1_000);

    expect(queued).toHaveLength(40);
    expect(new Set(dispatcher.receiver.posts.map(({ id }) => id)).size).toBe(40);
    expect(dispatcher.receiver.posts).toHaveLength(40);
    expect(await dispatcher.deliveries(endpoint, 'succeeded')).toHaveLength(40);
  }, 60_000);

  it('a sweep on DynamoDB sends deliveries whose hints were lost, and retries follow the schedule', async () => {
    const endpoint = await dispatcher.endpoint(only('emil'));
    await dispatcher.facts(20, 'emil');
    dispatcher.takeAll();
    dispatcher.receiver.next(...Array.from({ length: 4 }, () => 500));

    await dispatcher.later(1_000);
    const before = await dispatcher.deliveries(endpoint);
    await dispatcher.later(20_000);

    const ends = before.map(({ state }) => state);
    expect(ends.filter((state) => state === 'succeeded')).toHaveLength(16);
    expect(ends.filter((state) => state === 'pending')).toHaveLength(4);
    expect(await dispatcher.deliveries(endpoint, 'succeeded')).toHaveLength(20);
    expect(dispatcher.receiver.posts).toHaveLength(24);
  }, 60_000);

  it('a recovery on DynamoDB sends hundreds of failed deliveries again although its process ends halfway', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('fay'), maxInFlight: 64 });
    const since = clock.now();
    for (let from = 0; from < 250; from += 50) {
      const numbers = Array.from({ length: 50 }, (_, n) => from + n);
      await table.transact(
        numbers.flatMap((n) => exhaustedDelivery(endpoint, { user: 'fay' }, n, since + n * 10)),
      );
    }
    clock.jump(10_000);
    const { id } = begun(await startRecovery(dispatcher.platform, project, endpoint.id, { since }));

    const [hint] = dispatcher.takeAll();
    await dieHalfway(hint);
    const halfway = await getRecovery(dispatcher.platform, project, endpoint.id, id);
    for (let minute = 0; minute < 3; minute++) await dispatcher.later(61_000);

    const done = await getRecovery(dispatcher.platform, project, endpoint.id, id);
    const again = dispatcher.receiver.posts.map(({ id }) => id);
    expect(halfway?.state).toBe('running');
    expect(done).toMatchObject({ state: 'succeeded', counts: { candidates: 250, recovered: 250 } });
    expect(again).toHaveLength(250);
    expect(new Set(again).size).toBe(250);
    expect(await dispatcher.deliveries(endpoint, 'succeeded')).toHaveLength(250);
    expect(dispatcher.largestTransaction()).toBeLessThanOrEqual(100);
  }, 180_000);

  it('deliveries on DynamoDB are listed page by page, newest first, each once', async () => {
    const endpoint = await dispatcher.endpoint(only('gil'));
    await dispatcher.facts(45, 'gil');
    await dispatcher.work();

    const pages: Delivery[][] = [];
    for (let after: string | undefined, isOver = false; !isOver; ) {
      const asked = { limit: 20, ...(after === undefined ? {} : { after }) };
      const listed = await listDeliveries(dispatcher.platform, project, endpoint.id, asked);
      if (typeof listed === 'string') throw new Error(listed);
      pages.push(listed.deliveries);
      after = listed.next;
      isOver = after === undefined;
    }

    const all = pages.flat();
    const times = all.map(({ createdAt }) => createdAt);
    expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(45);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(all.map(statusOf)).toEqual(all.map(() => 'succeeded'));
  }, 60_000);
});

/** Performs a hint in a process that ends at its fifth transaction. */
const dieHalfway = async (hint: Hint | undefined): Promise<void> => {
  let transactions = 0;
  const store = interceptStore(table, {
    before: ({ method }) => {
      transactions += method === 'transact' ? 1 : 0;
      if (transactions > 4) throw new Error('The process ended.');
    },
  });
  const dying = createDispatcherHandler({ ...dispatcher.platform, store });
  expect(await failuresOf(dying, hint ? [hint] : [])).toHaveLength(1);
};
