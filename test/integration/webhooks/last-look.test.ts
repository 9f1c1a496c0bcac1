import { describe, expect, it } from 'vitest';
import { eraseNotification } from '../../../shared/core/erasure/erase-notification.ts';
import { deleteEndpoint } from '../../../shared/core/webhooks/delete-endpoint.ts';
import { disableEndpoint } from '../../../shared/core/webhooks/disable-endpoint.ts';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/hold.ts';
import { getEndpoint } from '../../../shared/core/webhooks/read-endpoints.ts';
import { resendDelivery } from '../../../shared/core/webhooks/resend.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { updateEndpoint } from '../../../shared/core/webhooks/update-endpoint.ts';
import { notificationKey } from '../../../shared/domain/table/keys.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import { sign } from '../../../shared/domain/webhooks/signature.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { interrupted, oneDelivery } from '../../support/interrupted.ts';
import { hourMs, minuteMs, type WebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

/** A process that has all it needs for its letter when something comes in between. */
const withLetter = (world: WebhookWorld, act: () => Promise<unknown>): FullPlatform =>
  interrupted(world, ({ keys }) => keys.some(({ kind }) => kind === 'SECRET'), act, 'after');

describe('the last look before a POST', () => {
  it('a letter that is written when its endpoint is deleted is not posted any more', async () => {
    const { world, endpoint } = await oneDelivery();
    const who = withLetter(world, () => deleteEndpoint(world.platform, project, endpoint.id));

    await world.tell(who);
    await world.later(hourMs);

    expect(world.receiver.posts).toEqual([]);
    expect(world.deliveries().map(statusOf)).toEqual(['cancelled']);
    expect(world.rows('GATE')).toEqual([]);
  });

  it.each([
    [
      'paused',
      ({ platform }: WebhookWorld, { id }: Endpoint) => pauseEndpoint(platform, project, id),
    ],
    [
      'disabled',
      ({ platform }: WebhookWorld, at: Endpoint) => disableEndpoint(platform, at, 'gone'),
    ],
  ])(
    'a letter that is written when its endpoint is %s is parked, spends no attempt, and goes out after a resumption',
    async (_, hold) => {
      const { world, endpoint } = await oneDelivery();
      const who = withLetter(world, () => hold(world, endpoint));
      await world.tell(who);
      const held = { posts: world.receiver.posts.length, deliveries: world.deliveries() };
      const { slots } = await world.gate(endpoint);

      await resumeEndpoint(world.platform, project, endpoint.id);
      await world.tell();

      expect(held).toMatchObject({
        posts: 0,
        deliveries: [{ state: 'pending', queuedPriority: 0, attempts: 0, scheduledAttempts: 0 }],
      });
      expect(slots).toEqual([]);
      const { delivery, attempts } = await world.delivery();
      expect(delivery).toMatchObject({ state: 'succeeded', attempts: 1 });
      expect(attempts.map(({ number, ok }) => [number, ok])).toEqual([[1, true]]);
    },
  );

  it('a retry that is held when its letter is written keeps its tries and its place', async () => {
    const { world, endpoint } = await oneDelivery();
    world.receiver.next(500);
    await world.tell();
    const who = withLetter(world, () => pauseEndpoint(world.platform, project, endpoint.id));

    await world.later(minuteMs, who);

    expect(world.receiver.posts).toHaveLength(1);
    expect(world.deliveries()).toMatchObject([
      { state: 'pending', queuedPriority: 1, attempts: 1, scheduledAttempts: 1 },
    ]);
  });

  it('a resend of what is held when its letter is written is made all the same', async () => {
    const { world, endpoint, id } = await oneDelivery();
    const who = withLetter(world, async () => {
      await pauseEndpoint(world.platform, project, endpoint.id);
      await resendDelivery(world.platform, project, id);
    });

    await world.tell(who);

    const { attempts } = await world.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('what is sent by hand is not held by a pause when its letter is written', async () => {
    const { world, endpoint, id } = await oneDelivery();
    await pauseEndpoint(world.platform, project, endpoint.id);
    await world.tell();
    await resumeEndpoint(world.platform, project, endpoint.id);
    await resendDelivery(world.platform, project, id);
    const who = withLetter(world, () => pauseEndpoint(world.platform, project, endpoint.id));

    await world.tell(who);

    const { attempts } = await world.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('a text that is erased when its letter is written is not posted any more', async () => {
    const { world } = await oneDelivery();
    const { notification } = (await world.delivery()).delivery;
    const who = withLetter(world, async () => {
      const item = await world.store.get(notificationKey(project, notification));
      if (item) await eraseNotification(world.platform, item);
    });

    await world.tell(who);

    expect(world.receiver.typesOf()).toEqual(['memory_add']);
    expect(JSON.stringify(world.receiver.posts[0]?.payload)).not.toContain('Fact 1.');
  });

  it('a letter that is written when its endpoint gets another URL and secret is written anew', async () => {
    const { world, endpoint } = await oneDelivery();
    const url = 'https://example.com/new';
    world.receiver.next(410);
    const who = withLetter(world, async () => {
      await updateEndpoint(world.platform, project, endpoint.id, { url });
      await rotateSecret(world.platform, project, endpoint.id, { overlapMs: 0 });
    });

    await world.tell(who);

    const [post] = world.receiver.posts;
    const secrets = (await revealSecrets(world.platform, project, endpoint.id)) ?? [];
    const signed = {
      id: post?.id ?? '',
      timestamp: Number(post?.headers['webhook-timestamp']),
      body: post?.body ?? Buffer.of(),
    };
    expect(world.receiver.posts.map((one) => one.url)).toEqual([url]);
    expect(post?.headers['webhook-signature']).toBe(
      sign(
        signed,
        secrets.map(({ secret }) => secret),
      ),
    );
    // What the new URL answered is held against the endpoint as it is.
    expect(await getEndpoint(world.platform, project, endpoint.id)).toMatchObject({
      status: 'disabled',
    });
  });
});
