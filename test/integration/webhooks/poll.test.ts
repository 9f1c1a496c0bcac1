import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { listDeliveries } from '../../../shared/core/webhooks/list-deliveries.ts';
import { listNotifications } from '../../../shared/core/webhooks/poll-notifications.ts';
import { deliveryPks } from '../../../shared/domain/table/time-listings.ts';
import { alice, project } from '../../support/core-fixture.ts';
import { interceptStore, type StoreCall } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';
import {
  dayMs,
  hourMs,
  openWebhookFixture,
  type WebhookFixture,
} from '../../support/webhook-fixture.ts';

const poll = async (service: WebhookFixture, after?: string, limit = 100) => {
  const page = await listNotifications(service.platform, project, {
    limit,
    ...(after === undefined ? {} : { after }),
  });
  if (page === 'bad_cursor') throw new Error(page);
  return page;
};

describe('polling', () => {
  it('polling returns notifications in order, each once', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.model.next(learning('Alice lives in Lisbon.'));
    await service.learn('I live in Lisbon.');
    await service.dispatch();

    const first = await poll(service);
    const second = await poll(service, first.next);
    await service.fact();
    await service.dispatch();
    const third = await poll(service, second.next);

    expect(first.notifications.map(({ type }) => type)).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
    ]);
    expect(second.notifications).toEqual([]);
    expect(third.notifications.map(({ type }) => type)).toEqual(['memory_add']);
  });

  it('polling misses and repeats nothing over days, whatever the page size', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    const seen: string[] = [];
    let after: string | undefined;
    const look = async () => {
      const { notifications, next } = await poll(service, after, 7);
      seen.push(...notifications.map(({ id }) => id));
      after = next;
    };
    for (let round = 0; round < 12; round++) {
      for (let fact = 0; fact < 20; fact++) await service.fact();
      await service.dispatch();
      await look();
      await look();
      await service.clock.advance(round % 3 === 0 ? dayMs : 1_700);
    }
    for (let page = 0; page < 60; page++) {
      await look();
      await service.clock.advance(1_000);
    }

    expect(seen).toHaveLength(240);
    expect(new Set(seen).size).toBe(240);
  });

  it('from the first poll on, notifications are stored without an endpoint', async () => {
    const service = openWebhookFixture();
    const { next } = await poll(service);

    await service.fact();
    await service.dispatch();

    expect((await poll(service, next)).notifications).toHaveLength(1);
  });

  it('polling refuses an invalid cursor', async () => {
    const service = openWebhookFixture();

    const page = await listNotifications(service.platform, project, {
      after: 'nonsense',
      limit: 10,
    });

    expect(page).toBe('bad_cursor');
  });
});

describe('the deliveries of an endpoint', () => {
  it('deliveries are listed newest first, by status and time, in pages', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    for (let fact = 0; fact < 9; fact++) {
      if (fact === 8) service.receiver.next(500);
      await service.fact();
      await service.dispatch();
      await service.clock.advance(fact % 4 === 0 ? dayMs : 1_000);
    }
    const list = async (query: object, after?: string) => {
      const page = await listDeliveries(service.platform, project, endpoint.id, {
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

  it('deliveries are not searched for in days before the endpoint was created', async () => {
    const service = openWebhookFixture();
    await service.clock.advance(20 * dayMs);
    const endpoint = await service.endpoint();
    const lists: StoreCall[] = [];
    const before = (call: StoreCall) => call.method === 'list' && lists.push(call);
    const store = interceptStore(service.platform.store, { before });

    await listDeliveries({ ...service.platform, store }, project, endpoint.id, { limit: 10 });

    const shards = deliveryPks(project, endpoint.id, endpoint.createdAt).length;
    expect(lists.length).toBeGreaterThanOrEqual(shards);
    expect(lists.length).toBeLessThanOrEqual(2 * shards);
  });
});

describe('a memory that is erased', () => {
  it('an erased memory leaves its text neither in notifications nor in stored responses', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.usually(({ body }) => ({ status: 200, body: Buffer.from(body).toString() }));
    service.model.next(learning('A heron nests by the mill.'));
    const [id = ''] = await service.learn('A heron nests by the mill.');
    await service.dispatch();
    const before = service.kindsSaying('heron');

    await deleteMemory(service.platform, project, id);
    await service.work();
    await service.dispatch();

    expect(before).toEqual(expect.arrayContaining(['NOTIFICATION', 'ATTEMPT']));
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('a delete-all leaves no text in notifications, and open deliveries are sent without it', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_add'] });
    service.receiver.next(500);
    service.model.next(learning('A heron nests by the mill.'));
    await service.learn('A heron nests by the mill.');
    await service.dispatch();

    await deleteAll(service.platform, project, alice);
    await service.work();
    await service.later(10_000);

    expect(service.kindsSaying('heron')).toEqual([]);
    const [first, second] = service.receiver.posts;
    expect(second?.id).toBe(first?.id);
    expect(second?.payload.data).toMatchObject({ erased: true, metadata: {} });
    expect(JSON.stringify(second?.payload)).not.toContain('heron');
  });

  it('a memory erased during fan-out leaves its text in no notification', async () => {
    const service = openWebhookFixture();
    for (let n = 0; n < 100; n++) await service.endpoint({ url: `https://example.com/${n}` });
    service.model.next(learning('A heron nests by the mill.'));
    const [id = ''] = await service.learn('A heron nests by the mill.');

    await Promise.all([service.dispatch(), deleteMemory(service.platform, project, id)]);
    await service.work();
    await service.dispatch();

    expect(service.kindsSaying('heron').filter((kind) => kind !== 'ATTEMPT')).toEqual([]);
  });
});

describe('the sweeper', () => {
  it('the sweeper hints ahead at deliveries that fall due before the next sweep', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0, 7_200] });
    await service.endpoint();
    service.receiver.next(500);
    await service.fact();
    await service.dispatch();
    const { nextAt = 0 } = (await service.delivery()).delivery;
    await service.clock.advance(nextAt - service.clock.now() - 30_000);

    await sweep(service.platform);
    await service.dispatch();
    const early = service.receiver.posts.length;
    await service.clock.advance(31_000);
    await service.dispatch();

    expect(early).toBe(1);
    expect(service.receiver.posts).toHaveLength(2);
  });

  it('the sweeper reports the age of the oldest notification that is due', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    await service.fact();
    await service.fanOut();
    await service.clock.advance(hourMs);

    const { oldestDeliveryDueMs } = await sweep(service.platform);

    expect(oldestDeliveryDueMs).toBe(hourMs);
  });
});

describe('retention', () => {
  it('notifications, deliveries and attempts expire after the retention period', async () => {
    const service = openWebhookFixture({ retainDeliveriesDays: 4 });
    await service.endpoint();
    await service.fact();
    await service.dispatch();
    const before = service.rows('ATTEMPT').length;

    await service.later(4 * dayMs + 1);

    expect(before).toBe(1);
    for (const kind of ['NOTIFICATION', 'DELIVERY', 'ATTEMPT'] as const)
      expect(service.rows(kind)).toEqual([]);
  });
});
