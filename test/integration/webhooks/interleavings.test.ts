import { describe, expect, it } from 'vitest';
import { eraseNotification } from '../../../shared/core/erasure/erase-notification.ts';
import { holdsRecovery } from '../../../shared/core/webhooks/conditions.ts';
import { disableEndpoint } from '../../../shared/core/webhooks/disable-endpoint.ts';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { cancelRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import type { ItemKind } from '../../../shared/domain/table/items.ts';
import { notificationKey } from '../../../shared/domain/table/keys.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { begun } from '../../support/begun.ts';
import { project } from '../../support/core-fixture.ts';
import { type StoreCall, writesOf } from '../../support/intercepted-store.ts';
import { minuteMs, openWebhookFixture } from '../../support/webhook-fixture.ts';
import { interrupted, oneDelivery } from '../../support/with-interruption.ts';

const writes =
  (kind: ItemKind) =>
  ({ steps }: StoreCall): boolean =>
    writesOf(steps, kind).length > 0;

describe('interleavings', () => {
  it('a resend requested while its delivery is being queued is not queued with it', async () => {
    const { service, endpoint, id } = await oneDelivery();
    await pauseEndpoint(service.platform, project, endpoint.id);
    const actor = interrupted(service, writes('BACKLOG'), () =>
      resendDelivery(service.platform, project, id),
    );

    await service.dispatch(actor);

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('a resend survives the cancellation of the recovery that queued its delivery', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0] });
    const { id: endpoint } = await service.endpoint();
    service.receiver.next(500);
    await service.fact();
    await service.dispatch();
    await pauseEndpoint(service.platform, project, endpoint);
    const recovery = begun(await startRecovery(service.platform, project, endpoint, { since: 0 }));
    const work: Hint = {
      v: 1,
      kind: 'recovery',
      project,
      endpoint,
      recovery: recovery.id,
    };
    const { id } = (await service.delivery()).delivery;
    const isQueued = ({ steps }: StoreCall): boolean =>
      steps.some(({ when }) => when?.name === holdsRecovery('').name) &&
      service.rows('BACKLOG').length > 0;
    const actor = interrupted(service, isQueued, async () => {
      await resendDelivery(service.platform, project, id);
      await cancelRecovery(service.platform, project, endpoint, recovery.id);
    });
    await service.perform(work, actor);
    while (service.notices.take());

    await service.perform(work, service.platform);
    const { delivery } = await service.delivery();
    await service.later(0);

    expect(delivery).toMatchObject({ state: 'exhausted', manualRequested: true });
    expect((await service.delivery()).delivery).toMatchObject({ state: 'succeeded' });
  });

  it('a delivery claimed while its endpoint is being disabled is not sent', async () => {
    const { service, endpoint } = await oneDelivery();
    const actor = interrupted(service, writes('LIMITER'), () =>
      disableEndpoint(service.platform, endpoint, 'gone'),
    );

    await service.dispatch(actor);

    expect(service.receiver.posts).toEqual([]);
    expect(service.deliveries().map(statusOf)).toEqual(['queued']);
  });

  it('a process suspended before its claim gets a full lease afterwards', async () => {
    const { service } = await oneDelivery();
    const actor = interrupted(
      service,
      ({ at }) => at === 1,
      () => service.clock.advance(minuteMs),
    );

    await service.dispatch(actor);

    const { delivery } = await service.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('a process suspended until its lease expired sends nothing', async () => {
    const { service } = await oneDelivery();
    const actor = interrupted(
      service,
      ({ keys }) => keys.some(({ kind }) => kind === 'SECRET'),
      () => service.later(minuteMs),
    );

    await service.dispatch(actor);

    expect(service.receiver.posts).toHaveLength(1);
    expect((await service.delivery()).delivery).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  it('an empty page of the backlog is not taken for its end', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await pauseEndpoint(service.platform, project, id);
    for (let fact = 0; fact < 3; fact++) await service.fact();
    await service.dispatch();
    const { store } = service.platform;
    const query: typeof store.query = async (range) =>
      range.kind === 'BACKLOG' && range.after === undefined
        ? { items: [], next: range.prefix }
        : store.query(range);

    await resumeEndpoint(service.platform, project, id);
    await service.dispatch({ ...service.platform, store: { ...store, query } });

    expect(service.deliveries().map(statusOf)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('a text erased while a receiver echoes it is not stored with the attempt', async () => {
    const { service } = await oneDelivery();
    service.receiver.next(async ({ headers, body }) => {
      const key = notificationKey(project, headers['webhook-id'] ?? '');
      const item = await service.store.get(key);
      if (item) await eraseNotification(service.platform, item);
      return { status: 200, body: Buffer.from(body).toString() };
    });

    await service.dispatch();

    const { delivery, attempts } = await service.delivery();
    expect(delivery.state).toBe('succeeded');
    expect(attempts).toHaveLength(1);
    expect(JSON.stringify(attempts)).not.toContain('Fact 1.');
  });

  it('two concurrent rotations give an endpoint two more secrets', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    const actor = interrupted(
      service,
      ({ method }) => method === 'query',
      () => rotateSecret(service.platform, project, id),
    );

    const rotated = await rotateSecret(actor, project, id);

    expect(rotated.outcome).toBe('rotated');
    expect(await revealSecrets(service.platform, project, id)).toHaveLength(3);
  });
});
