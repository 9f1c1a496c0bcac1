import { describe, expect, it } from 'vitest';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { cancelRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, writesOf } from '../../support/intercepted-store.ts';
import { hourMs, openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A platform that does something before its first write with a condition. */
const onWrite = (
  service: WebhookFixture,
  condition: string,
  act: () => Promise<unknown>,
): FullPlatform => {
  let isFirst = true;
  const store = interceptStore(service.store, {
    before: async ({ steps }) => {
      if (!isFirst || !steps.some(({ when }) => when?.name === condition)) return;
      isFirst = false;
      await act();
    },
  });
  return { ...service.platform, store };
};

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

  it('a resend is sent as one though another process claims the delivery from the backlog meanwhile', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    await pauseEndpoint(service.platform, project, endpoint.id);
    await service.fact();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;
    await resumeEndpoint(service.platform, project, endpoint.id);
    service.receiver.next(500);

    await service.dispatch(
      onWrite(service, 'deliveryIsQueued', () => resendDelivery(service.platform, project, id)),
    );
    await service.later(hourMs);

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([
      ['manual', false],
      ['schedule', true],
    ]);
  });

  it('a resend requested while a cancelled recovery restores the delivery is sent', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0] });
    const endpoint = await service.endpoint();
    service.receiver.next(500);
    await service.fact();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;
    await pauseEndpoint(service.platform, project, endpoint.id);
    const since = service.clock.now() - hourMs;
    const recovery = await startRecovery(service.platform, project, endpoint.id, { since });
    if (!recovery || !('id' in recovery)) throw new Error('the recovery did not start');
    const actor = onWrite(service, 'deliveryIsQueued', () =>
      resendDelivery(service.platform, project, id),
    );
    const cancelling = interceptStore(actor.store, {
      after: async ({ steps }) => {
        if (writesOf(steps, 'BACKLOG').some(({ op }) => op === 'put'))
          await cancelRecovery(service.platform, project, endpoint.id, recovery.id);
      },
    });

    await service.dispatch({ ...actor, store: cancelling });
    await service.later(hourMs);

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger }) => trigger)).toEqual(['schedule', 'manual']);
  });

  it('a recovery that queues the delivery before its resend is claimed gives it all its retries', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0] });
    const endpoint = await service.endpoint();
    service.receiver.next(500, 500);
    await service.fact();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;
    const since = service.clock.now() - hourMs;
    await resendDelivery(service.platform, project, id);
    const recovering = onWrite(service, 'deliveryIsDue', async () => {
      await startRecovery(service.platform, project, endpoint.id, { since });
      for (let hint = service.notices.take(); hint; hint = service.notices.take())
        if (hint.kind === 'recovery') await service.perform(hint);
    });

    await service.dispatch(recovering);
    await service.later(hourMs);

    const { delivery, attempts } = await service.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', trigger: 'recover' });
    expect(attempts.at(-1)).toMatchObject({ trigger: 'recover', ok: true });
  });
});
