import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { createEndpoint } from '../../shared/core/webhooks/create-endpoint.ts';
import type { EndpointRequest } from '../../shared/core/webhooks/endpoint-request.ts';
import { pauseEndpoint, resumeEndpoint } from '../../shared/core/webhooks/hold.ts';
import { getDelivery, listDeliveries } from '../../shared/core/webhooks/list-deliveries.ts';
import { getRecovery, startRecovery } from '../../shared/core/webhooks/recoveries.ts';
import { resendDelivery } from '../../shared/core/webhooks/resend.ts';
import { limiterKey } from '../../shared/domain/table/keys.ts';
import {
  type Delivery,
  type DeliveryStatus,
  statusOf,
} from '../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../shared/domain/webhooks/endpoint.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Store } from '../../shared/ports/store.ts';
import { addedFact } from '../support/added-fact.ts';
import { begun } from '../support/begun.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { givenUp } from '../support/exhausted-delivery.ts';
import { plainEmbedder, plainLanguageModel } from '../support/fake-models.ts';
import { createHintLog } from '../support/hint-log.ts';
import { interceptStore } from '../support/intercepted-store.ts';
import { createJumpClock } from '../support/jump-clock.ts';
import { createScriptedReceiver } from '../support/scripted-receiver.ts';

const project = 'proj_1';
const clock = createJumpClock();
let table: Store;
let largest = 0;

/** The dispatcher and all it takes, on the table; its queue is emptied when a test says so. */
const openDispatcher = () => {
  const local = createLocalPlatform({
    path: ':memory:',
    clock,
    languageModel: plainLanguageModel,
    embedder: plainEmbedder,
    telemetry: { log: () => {} },
    webhookSchedule: [0, 5],
  });
  const store = interceptStore(table, {
    before: ({ steps }) => {
      largest = Math.max(largest, steps.length);
    },
  });
  const receiver = createScriptedReceiver(clock);
  const hints = createHintLog(clock);
  const platform: FullPlatform = {
    ...local,
    store,
    notifications: hints,
    outbound: receiver.outbound,
  };

  const perform = async (taken: readonly Hint[]): Promise<void> => {
    const Records = taken.map((hint, i) => ({ messageId: `m${i}`, body: JSON.stringify(hint) }));
    const limits = { deadlineAt: clock.now() + 600_000, signal: new AbortController().signal };
    const { batchItemFailures } = await createDispatcherHandler(platform)({ Records }, limits);
    expect(batchItemFailures).toEqual([]);
  };
  const takeAll = (): Hint[] => {
    const hint = hints.take();
    return hint ? [hint, ...takeAll()] : [];
  };

  return {
    platform,
    receiver,
    close: local.close,
    perform,
    takeAll,
    /** Does what was hinted at, all of it at once, until nothing is left. */
    async work(): Promise<void> {
      for (let taken = takeAll(); taken.length > 0; taken = takeAll()) await perform(taken);
    },
    async later(ms: number): Promise<void> {
      clock.jump(ms);
      await sweep(platform);
      await this.work();
    },
    async endpoint(request: Partial<EndpointRequest> = {}): Promise<Endpoint> {
      const asked = { url: `https://example.com/${clock.now()}`, ...request };
      const created = await createEndpoint(platform, project, asked);
      if (created.outcome !== 'created') throw new Error(JSON.stringify(created));
      return created.endpoint;
    },
    /** So many memories are added, of which a user's endpoints are told. */
    async facts(count: number, user: string): Promise<string[]> {
      const createdAt = clock.now();
      const memories = Array.from({ length: count }, (_, i) => `${user}-${createdAt}-${i}`);
      const about = { project, entities: { user }, createdAt };
      const made = memories.map((memory) =>
        addedFact(memory, { ...about, order: platform.ids.next() }),
      );
      for (const { step } of made) await table.transact([step]);
      return hints.send(made.map(({ hint }) => hint)).then(() => memories);
    },
    async deliveries({ id }: Endpoint, status?: DeliveryStatus): Promise<Delivery[]> {
      const asked = { limit: 1_000, ...(status === undefined ? {} : { status }) };
      const listed = await listDeliveries(platform, project, id, asked);
      if (typeof listed === 'string') throw new Error(listed);
      return listed.deliveries;
    },
  };
};

beforeAll(async () => {
  table = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
});
afterAll(() => table.close());

let dispatcher: ReturnType<typeof openDispatcher>;
beforeEach(() => {
  dispatcher = openDispatcher();
  largest = 0;
});
afterEach(() => dispatcher.close());

/** Of an endpoint's own: the others of the table do not hear of them. */
const only = (user: string) => ({ filters: { user: [user] } });

describe('the delivery core on DynamoDB', () => {
  it('tells facts to every endpoint once each, though every hint comes twice', async () => {
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
    expect(largest).toBeLessThanOrEqual(100);
  }, 120_000);

  it('tells in order who wants it so, though the hints come backwards and all at once', async () => {
    await dispatcher.endpoint({ ...only('ivy'), ordered: true });
    const memories = await dispatcher.facts(20, 'ivy');

    await dispatcher.perform(dispatcher.takeAll().reverse());
    await dispatcher.work();

    const { posts } = dispatcher.receiver;
    expect(posts.map(({ payload }) => payload.data.memory_id)).toEqual(memories);
  }, 120_000);

  it('makes one POST of fifty copies of one hint', async () => {
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

  it('has no more in flight than the gate lets pass, parks the others, and lets them pass in turn', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('cora'), maxInFlight: 3 });
    let inFlight = 0;
    let max = 0;
    dispatcher.receiver.usually(async () => {
      inFlight += 1;
      max = Math.max(max, inFlight);
      await clock.sleep(200);
      inFlight -= 1;
      return 200;
    });
    await dispatcher.facts(15, 'cora');

    await dispatcher.work();

    const limiter = await table.get(limiterKey(project, endpoint.id));
    const left = await table.query({ kind: 'PARK', ...queuedAt(endpoint) });
    expect(dispatcher.receiver.posts).toHaveLength(15);
    expect(max).toBeGreaterThan(1);
    expect(max).toBeLessThanOrEqual(3);
    expect(limiter?.slots).toEqual([]);
    expect(left.items).toEqual([]);
    expect(largest).toBeLessThanOrEqual(100);
  }, 120_000);

  it('keeps what a paused endpoint would be told, and tells it once on resuming', async () => {
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

  it('tells what the queue lost with a sweep, and on the schedule what failed', async () => {
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

  it('makes hundreds of failed deliveries again, though whoever does it dies halfway', async () => {
    const endpoint = await dispatcher.endpoint({ ...only('fay'), maxInFlight: 64 });
    const since = clock.now();
    for (let from = 0; from < 250; from += 50) {
      const numbers = Array.from({ length: 50 }, (_, n) => from + n);
      await table.transact(
        numbers.flatMap((n) => givenUp(endpoint, { user: 'fay' }, n, since + n * 10)),
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
    expect(largest).toBeLessThanOrEqual(100);
  }, 180_000);

  it('lists deliveries page by page, the newest first, each once', async () => {
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

const queuedAt = ({ id }: Endpoint) => ({ pk: limiterKey(project, id).pk, prefix: 'PARK#' });

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
  const limits = { deadlineAt: clock.now() + 600_000, signal: new AbortController().signal };
  const Records = [{ messageId: 'last', body: JSON.stringify(hint) }];
  expect((await dying({ Records }, limits)).batchItemFailures).toHaveLength(1);
};
