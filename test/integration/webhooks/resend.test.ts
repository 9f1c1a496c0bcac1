import { describe, expect, it } from 'vitest';
import { pauseEndpoint } from '../../../shared/core/webhooks/hold.ts';
import { resendDelivery } from '../../../shared/core/webhooks/resend.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { hourMs, openWebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

describe('a resend', () => {
  it('that succeeds completes the delivery', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.receiver.next(500);
    await world.fact();
    await world.tell();
    const { id } = (await world.delivery()).delivery;

    await resendDelivery(world.platform, project, id);
    await world.tell();
    await world.later(hourMs);

    const { delivery, attempts } = await world.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', scheduledAttempts: 1 });
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([
      ['schedule', false],
      ['manual', true],
    ]);
  });

  it('that fails never cuts the schedule short', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.receiver.next(500, 500);
    await world.fact();
    await world.tell();
    const before = (await world.delivery()).delivery;

    await resendDelivery(world.platform, project, before.id);
    await world.tell();

    const { delivery } = await world.delivery();
    expect(delivery).toMatchObject({
      state: 'pending',
      scheduledAttempts: 1,
      attempts: 2,
      nextAt: before.nextAt,
    });
    await world.later(10_000);
    expect((await world.delivery()).delivery).toMatchObject({ state: 'succeeded' });
  });

  it('of one that was given up or has succeeded leaves it so when it fails', async () => {
    for (const [first, state] of [
      [500, 'exhausted'],
      [200, 'succeeded'],
    ] as const) {
      const world = openWebhookWorld({ webhookSchedule: [0] });
      await world.endpoint();
      world.receiver.next(first, 500);
      await world.fact();
      await world.tell();
      const { id } = (await world.delivery()).delivery;

      await resendDelivery(world.platform, project, id);
      await world.tell();
      await world.later(hourMs);

      expect((await world.delivery()).delivery).toMatchObject({ state, attempts: 2 });
      expect(world.receiver.posts).toHaveLength(2);
    }
  });

  it('goes out while the endpoint is paused, and the rest stays parked', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint();
    await pauseEndpoint(world.platform, project, endpoint.id);
    await world.fact();
    await world.fact();
    await world.tell();
    const { id } = (await world.delivery()).delivery;

    await resendDelivery(world.platform, project, id);
    await world.tell();
    await world.later(hourMs);

    expect(world.deliveries().map(statusOf).sort()).toEqual(['queued', 'succeeded']);
    expect(world.receiver.posts).toHaveLength(1);
  });

  it('during an attempt makes one more afterwards', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    await world.fact();
    world.receiver.next(async () => {
      const [delivery] = world.deliveries();
      await resendDelivery(world.platform, project, delivery?.id ?? '');
      return 500;
    });

    await world.tell();

    const { attempts } = await world.delivery();
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['schedule', 'manual']);
  });
});
