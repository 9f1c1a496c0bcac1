import { describe, expect, it } from 'vitest';
import { pauseEndpoint } from '../../../shared/core/webhooks/hold.ts';
import {
  cancelRecovery,
  getRecovery,
  startRecovery,
} from '../../../shared/core/webhooks/recoveries.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { begun } from '../../support/begun.ts';
import { givenUp } from '../../support/given-up.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { dayMs, openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { alice, project } from '../../support/world.ts';

const tally = (world: WebhookWorld) => {
  const found: { [status: string]: number } = {};
  for (const delivery of world.deliveries())
    found[statusOf(delivery)] = (found[statusOf(delivery)] ?? 0) + 1;
  return found;
};

/** A world in which so many deliveries were given up, a second apart. */
const failed = async (count: number) => {
  const world = openWebhookWorld({ webhookSchedule: [0] });
  const endpoint = await world.endpoint({ maxInFlight: 64 });
  const since = world.clock.now();
  for (let from = 0; from < count; from += 50) {
    const numbers = Array.from({ length: Math.min(50, count - from) }, (_, n) => from + n);
    await world.store.transact(
      numbers.flatMap((n) => givenUp(endpoint, alice, n, since + n * 1_000)),
    );
  }
  await world.clock.advance(count * 1_000);
  return { world, endpoint, since };
};

describe('a recovery', () => {
  it('makes 15,000 failed deliveries again, though its worker is killed halfway', async () => {
    const count = 15_000;
    const { world, endpoint, since } = await failed(count);
    const recovery = begun(await startRecovery(world.platform, project, endpoint.id, { since }));
    let calls = 0;
    const dying = {
      ...world.platform,
      store: interceptStore(world.store, {
        before: ({ steps }) => {
          calls += steps.some(({ key }) => key.kind === 'RECOVERY') ? 1 : 0;
          if (calls > 250) throw new Error('The process ended.');
        },
      }),
    };
    const hint = world.notices.take();
    if (hint) await world.perform(hint, dying).catch(() => {});
    const halfway = await getRecovery(world.platform, project, endpoint.id, recovery.id);

    for (let minute = 0; minute < 3; minute++) await world.later(61_000);

    const done = await getRecovery(world.platform, project, endpoint.id, recovery.id);
    expect(halfway?.counts.recovered).toBeGreaterThan(5_000);
    expect(halfway?.counts.recovered).toBeLessThan(10_000);
    expect(done).toMatchObject({
      state: 'succeeded',
      counts: { candidates: count, recovered: count },
    });
    expect(tally(world)).toEqual({ succeeded: count });
    const ids = world.receiver.posts.map(({ id }) => id);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
  }, 120_000);

  it('reaches over hundreds of empty days, a bounded number at a time', async () => {
    const world = openWebhookWorld({ webhookSchedule: [0], retainDeliveriesDays: 36_500 });
    const endpoint = await world.endpoint();
    const since = world.clock.now();
    await world.store.transact(givenUp(endpoint, alice, 1, since));
    await world.clock.advance(300 * dayMs);
    await world.store.transact(givenUp(endpoint, alice, 2, world.clock.now()));
    let [reads, most] = [0, 0];
    const counted = interceptStore(world.store, {
      before: ({ method }) => {
        reads = method === 'list' ? reads + 1 : 0;
        most = Math.max(most, reads);
      },
    });

    const recovery = begun(await startRecovery(world.platform, project, endpoint.id, { since: 0 }));
    await world.tell({ ...world.platform, store: counted });

    const done = await getRecovery(world.platform, project, endpoint.id, recovery.id);
    expect(done).toMatchObject({ state: 'succeeded', counts: { candidates: 2, recovered: 2 } });
    expect(most).toBeLessThan(300);
  });

  it('uses the full retry budget, with the same ids and the trigger recover', async () => {
    const { world, endpoint, since } = await failed(1);
    const [before] = world.deliveries();
    world.receiver.next(500);

    await startRecovery(world.platform, project, endpoint.id, { since });
    await world.tell();

    const { delivery, attempts } = await world.delivery();
    expect(delivery.id).toBe(before?.id);
    expect(delivery).toMatchObject({ state: 'exhausted', scheduledAttempts: 1 });
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['recover']);
  });

  it('keeps to its time and to what it was asked for', async () => {
    const { world, endpoint, since } = await failed(20);
    const range = { since: since + 5_000, until: since + 9_000 };

    await startRecovery(world.platform, project, endpoint.id, range);
    await world.tell();

    expect(tally(world)).toEqual({ exhausted: 15, succeeded: 5 });
    expect(world.receiver.posts).toHaveLength(5);
  });

  it('of what is missing tells an endpoint what was told before there was one', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ url: 'https://old.example.com/' });
    for (let fact = 0; fact < 5; fact++) await world.fact();
    await world.tell();
    await world.clock.advance(60_000);
    const late = await world.endpoint({ url: 'https://late.example.com/' });

    await startRecovery(world.platform, project, late.id, { which: 'missing', since: 0 });
    await world.tell();

    expect(world.receiver.at('https://late.example.com/')).toHaveLength(5);
    expect(world.receiver.at('https://old.example.com/')).toHaveLength(5);
  });

  it('of everything tells again what has succeeded, too', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint();
    for (let fact = 0; fact < 5; fact++) await world.fact();
    await world.tell();

    await startRecovery(world.platform, project, endpoint.id, { which: 'all', since: 0 });
    await world.tell();

    expect(world.receiver.posts).toHaveLength(10);
    expect(new Set(world.receiver.posts.map(({ id }) => id)).size).toBe(5);
  });

  it('that is cancelled puts back what waits in line untried', async () => {
    const { world, endpoint, since } = await failed(50);
    await pauseEndpoint(world.platform, project, endpoint.id);
    const recovery = begun(await startRecovery(world.platform, project, endpoint.id, { since }));
    await world.tell();
    const during = tally(world);

    const cancelled = await cancelRecovery(world.platform, project, endpoint.id, recovery.id);
    await world.tell();

    expect(during).toEqual({ queued: 50 });
    expect(cancelled?.state).toBe('succeeded');
    expect(tally(world)).toEqual({ queued: 50 });
  });

  it('that is cancelled before it is done leaves everything as it was', async () => {
    const { world, endpoint, since } = await failed(50);
    await pauseEndpoint(world.platform, project, endpoint.id);
    await world.tell();
    const recovery = begun(await startRecovery(world.platform, project, endpoint.id, { since }));
    const hint = world.notices.take();
    let pages = 0;
    const cancelling = {
      ...world.platform,
      store: interceptStore(world.store, {
        before: async ({ steps }) => {
          const isPage = steps.some(({ key }) => key.kind === 'PARK');
          pages += isPage ? 1 : 0;
          if (isPage && pages === 2)
            await cancelRecovery(world.platform, project, endpoint.id, recovery.id);
        },
      }),
    };

    if (hint) await world.perform(hint, cancelling);
    const during = tally(world);
    await world.tell();

    expect(during).toEqual({ queued: 30, exhausted: 20 });
    expect(tally(world)).toEqual({ exhausted: 50 });
    expect(world.rows('PARK')).toEqual([]);
    expect(world.receiver.posts).toEqual([]);
  });

  it('waits behind live traffic and retries', async () => {
    const { world, endpoint, since } = await failed(5);
    await pauseEndpoint(world.platform, project, endpoint.id);
    await startRecovery(world.platform, project, endpoint.id, { since });
    await world.tell();
    await world.fact();
    await world.tell();

    const ranks = world.rows('PARK').map(({ key }) => key.sk.split('#')[1]);

    expect(ranks).toEqual(['0', '2', '2', '2', '2', '2']);
  });
});
