import { describe, expect, it } from 'vitest';
import { pauseEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import {
  cancelRecovery,
  getRecovery,
  startRecovery,
} from '../../../shared/core/webhooks/recoveries.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { begun } from '../../support/begun.ts';
import { alice, project } from '../../support/core-fixture.ts';
import { exhaustedDelivery } from '../../support/exhausted-delivery.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { dayMs, openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

const countByStatus = (service: WebhookFixture) => {
  const found: { [status: string]: number } = {};
  for (const delivery of service.deliveries())
    found[statusOf(delivery)] = (found[statusOf(delivery)] ?? 0) + 1;
  return found;
};

/** A service with so many exhausted deliveries, a second apart. */
const failed = async (count: number) => {
  const service = openWebhookFixture({ webhookSchedule: [0] });
  const endpoint = await service.endpoint({ maxInFlight: 64 });
  const since = service.clock.now();
  for (let from = 0; from < count; from += 50) {
    const numbers = Array.from({ length: Math.min(50, count - from) }, (_, n) => from + n);
    await service.store.transact(
      numbers.flatMap((n) => exhaustedDelivery(endpoint, alice, n, since + n * 1_000)),
    );
  }
  await service.clock.advance(count * 1_000);
  return { service, endpoint, since };
};

describe('a recovery', () => {
  it('a recovery delivers 15,000 failed deliveries again although its worker is killed halfway', async () => {
    const count = 15_000;
    const { service, endpoint, since } = await failed(count);
    const recovery = begun(await startRecovery(service.platform, project, endpoint.id, { since }));
    let calls = 0;
    const dying = {
      ...service.platform,
      store: interceptStore(service.store, {
        before: ({ steps }) => {
          calls += steps.some(({ key }) => key.kind === 'RECOVERY') ? 1 : 0;
          if (calls > 250) throw new Error('The process ended.');
        },
      }),
    };
    const hint = service.notices.take();
    if (hint) await service.perform(hint, dying).catch(() => {});
    const halfway = await getRecovery(service.platform, project, endpoint.id, recovery.id);

    for (let minute = 0; minute < 3; minute++) await service.later(61_000);

    const done = await getRecovery(service.platform, project, endpoint.id, recovery.id);
    expect(halfway?.counts.recovered).toBeGreaterThan(5_000);
    expect(halfway?.counts.recovered).toBeLessThan(10_000);
    expect(done).toMatchObject({
      state: 'succeeded',
      counts: { candidates: count, recovered: count },
    });
    expect(countByStatus(service)).toEqual({ succeeded: count });
    const ids = service.receiver.posts.map(({ id }) => id);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
  }, 120_000);

  it('a recovery crosses hundreds of empty days, a bounded number per scan', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0], retainDeliveriesDays: 36_500 });
    const endpoint = await service.endpoint();
    const since = service.clock.now();
    await service.store.transact(exhaustedDelivery(endpoint, alice, 1, since));
    await service.clock.advance(300 * dayMs);
    await service.store.transact(exhaustedDelivery(endpoint, alice, 2, service.clock.now()));
    let [reads, max] = [0, 0];
    const counted = interceptStore(service.store, {
      before: ({ method }) => {
        reads = method === 'list' ? reads + 1 : 0;
        max = Math.max(max, reads);
      },
    });

    const recovery = begun(
      await startRecovery(service.platform, project, endpoint.id, { since: 0 }),
    );
    await service.dispatch({ ...service.platform, store: counted });

    const done = await getRecovery(service.platform, project, endpoint.id, recovery.id);
    expect(done).toMatchObject({ state: 'succeeded', counts: { candidates: 2, recovered: 2 } });
    expect(max).toBeLessThan(300);
  });

  it('recovered deliveries have the full retry budget, the same ids and the trigger recover', async () => {
    const { service, endpoint, since } = await failed(1);
    const [before] = service.deliveries();
    service.receiver.next(500);

    await startRecovery(service.platform, project, endpoint.id, { since });
    await service.dispatch();

    const { delivery, attempts } = await service.delivery();
    expect(delivery.id).toBe(before?.id);
    expect(delivery).toMatchObject({ state: 'exhausted', scheduledAttempts: 1 });
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['recover']);
  });

  it('a recovery examines only its time range and kind', async () => {
    const { service, endpoint, since } = await failed(20);
    const range = { since: since + 5_000, until: since + 9_000 };

    await startRecovery(service.platform, project, endpoint.id, range);
    await service.dispatch();

    expect(countByStatus(service)).toEqual({ exhausted: 15, succeeded: 5 });
    expect(service.receiver.posts).toHaveLength(5);
  });

  it('a recovery of missing deliveries sends an endpoint notifications from before its creation', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ url: 'https://old.example.com/' });
    for (let fact = 0; fact < 5; fact++) await service.fact();
    await service.dispatch();
    await service.clock.advance(60_000);
    const late = await service.endpoint({ url: 'https://late.example.com/' });

    await startRecovery(service.platform, project, late.id, { which: 'missing', since: 0 });
    await service.dispatch();

    expect(service.receiver.at('https://late.example.com/')).toHaveLength(5);
    expect(service.receiver.at('https://old.example.com/')).toHaveLength(5);
  });

  it('a recovery of all deliveries sends succeeded ones again', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    for (let fact = 0; fact < 5; fact++) await service.fact();
    await service.dispatch();

    await startRecovery(service.platform, project, endpoint.id, { which: 'all', since: 0 });
    await service.dispatch();

    expect(service.receiver.posts).toHaveLength(10);
    expect(new Set(service.receiver.posts.map(({ id }) => id)).size).toBe(5);
  });

  it('a cancelled recovery restores queued deliveries that were not tried', async () => {
    const { service, endpoint, since } = await failed(50);
    await pauseEndpoint(service.platform, project, endpoint.id);
    const recovery = begun(await startRecovery(service.platform, project, endpoint.id, { since }));
    await service.dispatch();
    const during = countByStatus(service);

    const cancelled = await cancelRecovery(service.platform, project, endpoint.id, recovery.id);
    await service.dispatch();

    expect(during).toEqual({ queued: 50 });
    expect(cancelled?.state).toBe('succeeded');
    expect(countByStatus(service)).toEqual({ queued: 50 });
  });

  it('a recovery cancelled before it is done leaves every delivery as it was', async () => {
    const { service, endpoint, since } = await failed(50);
    await pauseEndpoint(service.platform, project, endpoint.id);
    await service.dispatch();
    const recovery = begun(await startRecovery(service.platform, project, endpoint.id, { since }));
    const hint = service.notices.take();
    let pages = 0;
    const cancelling = {
      ...service.platform,
      store: interceptStore(service.store, {
        before: async ({ steps }) => {
          const isPage = steps.some(({ key }) => key.kind === 'BACKLOG');
          pages += isPage ? 1 : 0;
          if (isPage && pages === 2)
            await cancelRecovery(service.platform, project, endpoint.id, recovery.id);
        },
      }),
    };

    if (hint) await service.perform(hint, cancelling);
    const during = countByStatus(service);
    await service.dispatch();

    expect(during).toEqual({ queued: 30, exhausted: 20 });
    expect(countByStatus(service)).toEqual({ exhausted: 50 });
    expect(service.rows('BACKLOG')).toEqual([]);
    expect(service.receiver.posts).toEqual([]);
  });

  it('recovered deliveries are sent after live ones and retries', async () => {
    const { service, endpoint, since } = await failed(5);
    await pauseEndpoint(service.platform, project, endpoint.id);
    await startRecovery(service.platform, project, endpoint.id, { since });
    await service.dispatch();
    await service.fact();
    await service.dispatch();

    const ranks = service.rows('BACKLOG').map(({ key }) => key.sk.split('#')[1]);

    expect(ranks).toEqual(['0', '2', '2', '2', '2', '2']);
  });
});
