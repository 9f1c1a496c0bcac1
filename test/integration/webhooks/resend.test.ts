import { describe, expect, it } from 'vitest';
import { pauseEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { project } from '../../support/core-fixture.ts';
import { hourMs, openWebhookFixture } from '../../support/webhook-fixture.ts';

describe('a resend', () => {
  it('a resend that succeeds completes the delivery', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.next(500);
    await service.fact();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, id);
    await service.dispatch();
    await service.later(hourMs);

    const { delivery, attempts } = await service.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', scheduledAttempts: 1 });
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([
      ['schedule', false],
      ['manual', true],
    ]);
  });

  it('a resend that fails never shortens the schedule', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.next(500, 500);
    await service.fact();
    await service.dispatch();
    const before = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, before.id);
    await service.dispatch();

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

  it('a failed resend of a final delivery leaves its state', async () => {
    for (const [first, state] of [
      [500, 'exhausted'],
      [200, 'succeeded'],
    ] as const) {
      const service = openWebhookFixture({ webhookSchedule: [0] });
      await service.endpoint();
      service.receiver.next(first, 500);
      await service.fact();
      await service.dispatch();
      const { id } = (await service.delivery()).delivery;

      await resendDelivery(service.platform, project, id);
      await service.dispatch();
      await service.later(hourMs);

      expect((await service.delivery()).delivery).toMatchObject({ state, attempts: 2 });
      expect(service.receiver.posts).toHaveLength(2);
    }
  });

  it('a resend is sent while the endpoint is paused, and its backlog stays queued', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    await pauseEndpoint(service.platform, project, endpoint.id);
    await service.fact();
    await service.fact();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;

    await resendDelivery(service.platform, project, id);
    await service.dispatch();
    await service.later(hourMs);

    expect(service.deliveries().map(statusOf).sort()).toEqual(['queued', 'succeeded']);
    expect(service.receiver.posts).toHaveLength(1);
  });

  it('a resend during an attempt makes one more attempt afterwards', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    await service.fact();
    service.receiver.next(async () => {
      const [delivery] = service.deliveries();
      await resendDelivery(service.platform, project, delivery?.id ?? '');
      return 500;
    });

    await service.dispatch();

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['schedule', 'manual']);
  });
});
