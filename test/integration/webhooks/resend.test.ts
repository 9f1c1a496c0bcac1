import { describe, expect, it } from 'vitest';
import { pauseEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { project } from '../../support/core-fixture.ts';
import { hourMs, openWebhookFixture } from '../../support/webhook-fixture.ts';

describe('a resend', () => {
  it('that succeeds completes the delivery', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.next(500);
    await service.fact();
    await service.tell();
    const { id } = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, id);
    await service.tell();
    await service.later(hourMs);

    const { delivery, attempts } = await service.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', scheduledAttempts: 1 });
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([
      ['schedule', false],
      ['manual', true],
    ]);
  });

  it('that fails never cuts the schedule short', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.next(500, 500);
    await service.fact();
    await service.tell();
    const before = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, before.id);
    await service.tell();

    const { delivery } = await service.delivery();
    expect(delivery).toMatchObject({
      state: 'pending',
      scheduledAttempts: 1,
      attempts: 2,
      nextAt: before.nextAt,
    });
    await service.later(10_000);
    expect((await service.delivery()).delivery).toMatchObject({ state: 'succeeded' });
  });

  it('of one that was given up or has succeeded leaves it so when it fails', async () => {
    for (const [first, state] of [
      [500, 'exhausted'],
      [200, 'succeeded'],
    ] as const) {
      const service = openWebhookFixture({ webhookSchedule: [0] });
      await service.endpoint();
      service.receiver.next(first, 500);
      await service.fact();
      await service.tell();
      const { id } = (await service.delivery()).delivery;

      await resendDelivery(service.platform, project, id);
      await service.tell();
      await service.later(hourMs);

      expect((await service.delivery()).delivery).toMatchObject({ state, attempts: 2 });
      expect(service.receiver.posts).toHaveLength(2);
    }
  });

  it('goes out while the endpoint is paused, and the rest stays parked', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    await pauseEndpoint(service.platform, project, endpoint.id);
    await service.fact();
    await service.fact();
    await service.tell();
    const { id } = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, id);
    await service.tell();
    await service.later(hourMs);

    expect(service.deliveries().map(statusOf).sort()).toEqual(['queued', 'succeeded']);
    expect(service.receiver.posts).toHaveLength(1);
  });

  it('during an attempt makes one more afterwards', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    await service.fact();
    service.receiver.next(async () => {
      const [delivery] = service.deliveries();
      await resendDelivery(service.platform, project, delivery?.id ?? '');
      return 500;
    });

    await service.tell();

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['schedule', 'manual']);
  });
});
