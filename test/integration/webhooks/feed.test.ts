import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { listDeliveries } from '../../../shared/core/webhooks/list-deliveries.ts';
import { listNotifications } from '../../../shared/core/webhooks/poll-notifications.ts';
import { deliveryPks } from '../../../shared/domain/table/keys.ts';
import { interceptStore, type StoreCall } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';
import { dayMs, hourMs, openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { alice, project } from '../../support/world.ts';

const poll = async (world: WebhookWorld, after?: string, limit = 100) => {
  const page = await listNotifications(world.platform, project, {
    limit,
    ...(after === undefined ? {} : { after }),
  });
  if (page === 'bad_cursor') throw new Error(page);
  return page;
};

describe('polling', () => {
  it('tells what was told, in order, each once', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.model.next(learning('Alice lives in Lisbon.'));
    await world.learn('I live in Lisbon.');
    await world.tell();

    const first = await poll(world);
    const second = await poll(world, first.next);
    await world.fact();
    await world.tell();
    const third = await poll(world, second.next);

    expect(first.notifications.map(({ type }) => type)).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
    ]);
    expect(second.notifications).toEqual([]);
    expect(third.notifications.map(({ type }) => type)).toEqual(['memory_add']);
  });

  it('misses nothing and repeats nothing, whatever the pages, over days', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    const seen: string[] = [];
    let after: string | undefined;
    const look = async () => {
      const { notifications, next } = await poll(world, after, 7);
      seen.push(...notifications.map(({ id }) => id));
      after = next;
    };
    for (let round = 0; round < 12; round++) {
      for (let fact = 0; fact < 20; fact++) await world.fact();
      await world.tell();
      await look();
      await look();
      await world.clock.advance(round % 3 === 0 ? dayMs : 1_700);
    }
    for (let page = 0; page < 60; page++) {
      await look();
      await world.clock.advance(1_000);
    }

    expect(seen).toHaveLength(240);
    expect(new Set(seen).size).toBe(240);
  });

  it('keeps notifications also while there is no endpoint, from the first look on', async () => {
    const world = openWebhookWorld();
    const { next } = await poll(world);

    await world.fact();
    await world.tell();

    expect((await poll(world, next)).notifications).toHaveLength(1);
  });

  it('refuses a cursor that is none', async () => {
    const world = openWebhookWorld();

    const page = await listNotifications(world.platform, project, { after: 'nonsense', limit: 10 });

    expect(page).toBe('bad_cursor');
  });
});

describe('the deliveries of an endpoint', () => {
  it('are listed newest first, by status and since, in pages', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint();
    for (let fact = 0; fact < 9; fact++) {
      if (fact === 8) world.receiver.next(500);
      await world.fact();
      await world.tell();
      await world.clock.advance(fact % 4 === 0 ? dayMs : 1_000);
    }
    const list = async (query: object, after?: string) => {
      const page = await listDeliveries(world.platform, project, endpoint.id, {
        limit: 4,
        ...query,
        ...(after === undefined ? {} : { after }),
      });
      if (typeof page === 'string') throw new Error(page);
      return page;
    };

    const first = await list({});
    const second = await list({}, first.next);
    const third = await list({}, second.next);
    const pending = await list({ status: 'pending' });
    const since = await list({ since: first.deliveries[1]?.createdAt });

    const all = [first, second, third].flatMap(({ deliveries }) => deliveries);
    const times = all.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(new Set(all.map(({ id }) => id)).size).toBe(9);
    expect(third.next).toBeUndefined();
    expect(pending.deliveries).toHaveLength(1);
    expect(since.deliveries).toHaveLength(2);
  });

  it('are not looked for in the days before there was the endpoint', async () => {
    const world = openWebhookWorld();
    await world.clock.advance(20 * dayMs);
    const endpoint = await world.endpoint();
    const lists: StoreCall[] = [];
    const before = (call: StoreCall) => call.method === 'list' && lists.push(call);
    const store = interceptStore(world.platform.store, { before });

    await listDeliveries({ ...world.platform, store }, project, endpoint.id, { limit: 10 });

    const shards = deliveryPks(project, endpoint.id, endpoint.createdAt).length;
    expect(lists.length).toBeGreaterThanOrEqual(shards);
    expect(lists.length).toBeLessThanOrEqual(2 * shards);
  });
});

describe('a memory that is erased', () => {
  it('leaves its text neither in notifications nor in what receivers answered', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.receiver.usually(({ body }) => ({ status: 200, body: Buffer.from(body).toString() }));
    world.model.next(learning('A heron nests by the mill.'));
    const [id = ''] = await world.learn('A heron nests by the mill.');
    await world.tell();
    const before = world.kindsSaying('heron');

    await deleteMemory(world.platform, project, id);
    await world.work();
    await world.tell();

    expect(before).toEqual(expect.arrayContaining(['NOTIFICATION', 'ATTEMPT']));
    expect(world.kindsSaying('heron')).toEqual([]);
  });

  it('by a delete-all leaves none, and what was not delivered yet is delivered without it', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ eventTypes: ['memory_add'] });
    world.receiver.next(500);
    world.model.next(learning('A heron nests by the mill.'));
    await world.learn('A heron nests by the mill.');
    await world.tell();

    await deleteAll(world.platform, project, alice);
    await world.work();
    await world.later(10_000);

    expect(world.kindsSaying('heron')).toEqual([]);
    const [first, second] = world.receiver.posts;
    expect(second?.id).toBe(first?.id);
    expect(second?.payload.data).toMatchObject({ erased: true, metadata: {} });
    expect(JSON.stringify(second?.payload)).not.toContain('heron');
  });

  it('while its notices are made leaves no text in any of them', async () => {
    const world = openWebhookWorld();
    for (let n = 0; n < 100; n++) await world.endpoint({ url: `https://example.com/${n}` });
    world.model.next(learning('A heron nests by the mill.'));
    const [id = ''] = await world.learn('A heron nests by the mill.');

    await Promise.all([world.tell(), deleteMemory(world.platform, project, id)]);
    await world.work();
    await world.tell();

    expect(world.kindsSaying('heron').filter((kind) => kind !== 'ATTEMPT')).toEqual([]);
  });
});

describe('the sweeper', () => {
  it('hints ahead at what a long schedule has due before it looks again', async () => {
    const world = openWebhookWorld({ webhookSchedule: [0, 7_200] });
    await world.endpoint();
    world.receiver.next(500);
    await world.fact();
    await world.tell();
    const { nextAt = 0 } = (await world.delivery()).delivery;
    await world.clock.advance(nextAt - world.clock.now() - 30_000);

    await sweep(world.platform);
    await world.tell();
    const early = world.receiver.posts.length;
    await world.clock.advance(31_000);
    await world.tell();

    expect(early).toBe(1);
    expect(world.receiver.posts).toHaveLength(2);
  });

  it('tells how long the oldest notice has waited', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    await world.fact();
    await world.fanOut();
    await world.clock.advance(hourMs);

    const { oldestDeliveryDueMs } = await sweep(world.platform);

    expect(oldestDeliveryDueMs).toBe(hourMs);
  });
});

describe('retention', () => {
  it('lets notifications, deliveries and attempts go after their days', async () => {
    const world = openWebhookWorld({ retainDeliveriesDays: 4 });
    await world.endpoint();
    await world.fact();
    await world.tell();
    const before = world.rows('ATTEMPT').length;

    await world.later(4 * dayMs + 1);

    expect(before).toBe(1);
    for (const kind of ['NOTIFICATION', 'DELIVERY', 'ATTEMPT'] as const)
      expect(world.rows(kind)).toEqual([]);
  });
});
