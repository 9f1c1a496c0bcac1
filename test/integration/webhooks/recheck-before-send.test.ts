import { describe, expect, it } from 'vitest';
import { eraseNotification } from '../../../shared/core/erasure/erase-notification.ts';
import { disableEndpoint } from '../../../shared/core/webhooks/disable-endpoint.ts';
import {
  deleteEndpoint,
  getEndpoint,
  pauseEndpoint,
  resumeEndpoint,
  updateEndpoint,
} from '../../../shared/core/webhooks/endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { notificationKey } from '../../../shared/domain/table/keys.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import { sign } from '../../../shared/domain/webhooks/signature.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { project } from '../../support/core-fixture.ts';
import { hourMs, minuteMs, type WebhookFixture } from '../../support/webhook-fixture.ts';
import { interrupted, oneDelivery } from '../../support/with-interruption.ts';

/** A process that is interrupted after it has loaded everything its request is built from. */
const withPreparedRequest = (service: WebhookFixture, act: () => Promise<unknown>): FullPlatform =>
  interrupted(service, ({ keys }) => keys.some(({ kind }) => kind === 'SECRET'), act, 'after');

describe('the check before a POST', () => {
  it('a request signed while its endpoint is deleted is not sent', async () => {
    const { service, endpoint } = await oneDelivery();
    const actor = withPreparedRequest(service, () =>
      deleteEndpoint(service.platform, project, endpoint.id),
    );

    await service.dispatch(actor);
    await service.later(hourMs);

    expect(service.receiver.posts).toEqual([]);
    expect(service.deliveries().map(statusOf)).toEqual(['cancelled']);
    expect(service.rows('LIMITER')).toEqual([]);
  });

  it.each([
    [
      'paused',
      ({ platform }: WebhookFixture, { id }: Endpoint) => pauseEndpoint(platform, project, id),
    ],
    [
      'disabled',
      ({ platform }: WebhookFixture, at: Endpoint) => disableEndpoint(platform, at, 'gone'),
    ],
  ])(
    'a delivery whose request is prepared when its endpoint is %s is queued, spends no attempt, and is sent after a resumption',
    async (_, hold) => {
      const { service, endpoint } = await oneDelivery();
      const actor = withPreparedRequest(service, () => hold(service, endpoint));
      await service.dispatch(actor);
      const paused = { posts: service.receiver.posts.length, deliveries: service.deliveries() };
      const { slots } = await service.limiter(endpoint);

      await resumeEndpoint(service.platform, project, endpoint.id);
      await service.dispatch();

      expect(paused).toMatchObject({
        posts: 0,
        deliveries: [{ state: 'pending', queuedPriority: 0, attempts: 0, scheduledAttempts: 0 }],
      });
      expect(slots).toEqual([]);
      const { delivery, attempts } = await service.delivery();
      expect(delivery).toMatchObject({ state: 'succeeded', attempts: 1 });
      expect(attempts.map(({ number, ok }) => [number, ok])).toEqual([[1, true]]);
    },
  );

  it('a retry whose endpoint is paused while it is signed keeps its attempts and its priority', async () => {
    const { service, endpoint } = await oneDelivery();
    service.receiver.next(500);
    await service.dispatch();
    const actor = withPreparedRequest(service, () =>
      pauseEndpoint(service.platform, project, endpoint.id),
    );

    await service.later(minuteMs, actor);

    expect(service.receiver.posts).toHaveLength(1);
    expect(service.deliveries()).toMatchObject([
      { state: 'pending', queuedPriority: 1, attempts: 1, scheduledAttempts: 1 },
    ]);
  });

  it('a resend is sent although its endpoint is paused while it is signed', async () => {
    const { service, endpoint, id } = await oneDelivery();
    const actor = withPreparedRequest(service, async () => {
      await pauseEndpoint(service.platform, project, endpoint.id);
      await resendDelivery(service.platform, project, id);
    });

    await service.dispatch(actor);

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('a manual attempt is sent although its endpoint is paused while it is signed', async () => {
    const { service, endpoint, id } = await oneDelivery();
    await pauseEndpoint(service.platform, project, endpoint.id);
    await service.dispatch();
    await resumeEndpoint(service.platform, project, endpoint.id);
    await resendDelivery(service.platform, project, id);
    const actor = withPreparedRequest(service, () =>
      pauseEndpoint(service.platform, project, endpoint.id),
    );

    await service.dispatch(actor);

    const { attempts } = await service.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('a text erased while its request is signed is not sent', async () => {
    const { service } = await oneDelivery();
    const { notification } = (await service.delivery()).delivery;
    const actor = withPreparedRequest(service, async () => {
      const item = await service.store.get(notificationKey(project, notification));
      if (item) await eraseNotification(service.platform, item);
    });

    await service.dispatch(actor);

    expect(service.receiver.typesOf()).toEqual(['memory_add']);
    expect(JSON.stringify(service.receiver.posts[0]?.payload)).not.toContain('Fact 1.');
  });

  it('a request is signed again when its endpoint gets another URL and secret meanwhile', async () => {
    const { service, endpoint } = await oneDelivery();
    const url = 'https://example.com/new';
    service.receiver.next(410);
    const actor = withPreparedRequest(service, async () => {
      await updateEndpoint(service.platform, project, endpoint.id, { url });
      await rotateSecret(service.platform, project, endpoint.id, { overlapMs: 0 });
    });

    await service.dispatch(actor);

    const [post] = service.receiver.posts;
    const secrets = (await revealSecrets(service.platform, project, endpoint.id)) ?? [];
    const signed = {
      id: post?.id ?? '',
      timestamp: Number(post?.headers['webhook-timestamp']),
      body: post?.body ?? Buffer.of(),
    };
    expect(service.receiver.posts.map((one) => one.url)).toEqual([url]);
    expect(post?.headers['webhook-signature']).toBe(
      sign(
        signed,
        secrets.map(({ secret }) => secret),
      ),
    );
    // The response of the new URL counts for the endpoint as stored.
    expect(await getEndpoint(service.platform, project, endpoint.id)).toMatchObject({
      status: 'disabled',
    });
  });
});
