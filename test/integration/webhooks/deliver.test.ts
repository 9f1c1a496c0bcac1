import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { updateEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { project } from '../../support/core-fixture.ts';
import { dayMs, hourMs, minuteMs, openWebhookFixture } from '../../support/webhook-fixture.ts';

const openWithEndpoint = async (request = {}) => {
  const service = openWebhookFixture();
  const endpoint = await service.endpoint(request);
  await service.fact();
  return { service, endpoint };
};

describe('a delivery', () => {
  it('a delivery succeeds with any 2xx status and with no other', async () => {
    for (const [status, state] of [
      [200, 'succeeded'],
      [204, 'succeeded'],
      [299, 'succeeded'],
      [300, 'pending'],
      [304, 'pending'],
      [400, 'pending'],
      [500, 'pending'],
    ] as const) {
      const { service } = await openWithEndpoint();
      service.receiver.next(status);

      await service.dispatch();

      const { delivery } = await service.delivery();
      expect([status, delivery.state]).toEqual([status, state]);
    }
  });

  it('a delivery is exhausted after ten attempts by the schedule', async () => {
    const { service } = await openWithEndpoint();
    service.receiver.usually(500);

    await service.dispatch();
    for (let minute = 0; minute < 96 * 60; minute++) await service.later(minuteMs);

    const { delivery, attempts } = await service.delivery();
    const waits = attempts.map(({ startedAt }, index) =>
      Math.round((startedAt - (attempts[index - 1]?.startedAt ?? startedAt)) / 1_000),
    );
    expect(delivery).toMatchObject({ state: 'exhausted', attempts: 10, scheduledAttempts: 10 });
    expect(delivery).not.toHaveProperty('dueAt');
    const schedule = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (const [index, seconds] of schedule.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(seconds * 0.8 - 1);
      expect(waits[index]).toBeLessThanOrEqual(seconds * 1.2 + 61);
    }
  }, 60_000);

  it('every retry has the same id and body, and its own timestamp and signature', async () => {
    const { service } = await openWithEndpoint();
    service.receiver.next(500, 500);

    await service.dispatch();
    await service.later(10_000);
    await service.later(400_000);

    const [first, second, third] = service.receiver.posts;
    expect(service.receiver.posts).toHaveLength(3);
    expect(new Set(service.receiver.posts.map(({ id }) => id)).size).toBe(1);
    expect(second?.body).toEqual(first?.body);
    const timestamps = service.receiver.posts.map(({ headers }) => headers['webhook-timestamp']);
    expect(new Set(timestamps).size).toBe(3);
    expect(third?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
    expect(first?.id).not.toContain('.');
  });

  it('a retry waits for Retry-After when that is longer than the schedule', async () => {
    const { service } = await openWithEndpoint();
    service.receiver.next({ status: 429, retryAfter: '3600' });

    await service.dispatch();
    await service.later(hourMs - 1_000);
    const early = service.receiver.posts.length;
    await service.later(2_000);

    expect(early).toBe(1);
    expect(service.receiver.posts).toHaveLength(2);
  });

  it('a retry follows the schedule when Retry-After is shorter, invalid, or of another status', async () => {
    for (const reply of [
      { status: 503, retryAfter: '1' },
      { status: 503, retryAfter: 'soon' },
      { status: 500, retryAfter: '86400' },
    ]) {
      const { service } = await openWithEndpoint();
      service.receiver.next(reply);

      await service.dispatch();
      const { delivery } = await service.delivery();

      const wait = (delivery.nextAt ?? 0) - service.clock.now();
      expect(wait).toBeGreaterThanOrEqual(4_000);
      expect(wait).toBeLessThanOrEqual(6_000);
    }
  });

  it('a retry never waits longer than a day for Retry-After', async () => {
    const { service } = await openWithEndpoint();
    service.receiver.next({ status: 503, retryAfter: '99999999' });

    await service.dispatch();
    const { delivery } = await service.delivery();

    expect((delivery.nextAt ?? 0) - service.clock.now()).toBe(dayMs);
  });

  it('every attempt is stored with its request and response', async () => {
    const { service } = await openWithEndpoint({ headers: { 'X-Token': 'quite secret' } });
    service.receiver.next('connect_refused', { status: 500, body: 'Out of order.' });

    await service.dispatch();
    await service.later(10_000);

    const { attempts } = await service.delivery();
    expect(attempts).toMatchObject([
      { number: 1, trigger: 'schedule', ok: false, error: 'connect_refused' },
      {
        number: 2,
        ok: false,
        error: 'http_5xx',
        status: 500,
        responseBody: 'Out of order.',
        url: 'https://example.com/hooks',
        timings: { total: 1 },
        remoteAddress: '203.0.113.7',
      },
    ]);
    expect(attempts[1]?.requestHeaders).toMatchObject({
      'webhook-signature': '[redacted]',
      'x-token': '[redacted]',
    });
    expect(service.receiver.posts[0]?.headers).toMatchObject({ 'x-token': 'quite secret' });
    expect(JSON.stringify(service.rows())).not.toContain('quite secret');
  });
});

describe('a hint', () => {
  it('fifty copies of a hint at once make one POST', async () => {
    const { service } = await openWithEndpoint();
    await service.fanOut();
    const { id } = (await service.delivery()).delivery;
    const hint = { v: 1, kind: 'delivery', project, delivery: id } as const;

    await Promise.all(Array.from({ length: 50 }, () => service.perform(hint, service.platform)));

    expect(service.receiver.posts).toHaveLength(1);
    expect((await service.delivery()).attempts).toHaveLength(1);
  });

  it('fifty copies of a hint in fifty processes make one POST', async () => {
    const { service } = await openWithEndpoint();
    await service.fanOut();
    const { id } = (await service.delivery()).delivery;
    const hint = { v: 1, kind: 'delivery', project, delivery: id } as const;

    await Promise.all(
      Array.from({ length: 50 }, () =>
        service.perform(hint, { ...service.platform, store: { ...service.store } }),
      ),
    );

    expect(service.receiver.posts).toHaveLength(1);
  });

  it('a hint at a final delivery does nothing', async () => {
    const { service } = await openWithEndpoint();
    await service.dispatch();
    const { id } = (await service.delivery()).delivery;

    await service.perform({ v: 1, kind: 'delivery', project, delivery: id }, service.platform);

    expect(service.receiver.posts).toHaveLength(1);
  });
});

describe('in the middle of a schedule', () => {
  it('the next attempt of a schedule is signed with the rotated secret, and with the old one during the overlap', async () => {
    const { service, endpoint } = await openWithEndpoint();
    const [old] = (await revealSecrets(service.platform, project, endpoint.id)) ?? [];
    service.receiver.next(500, 500);
    await service.dispatch();

    const rotated = await rotateSecret(service.platform, project, endpoint.id, {
      overlapMs: minuteMs,
    });
    await service.later(10_000);
    await service.later(400_000);

    if (rotated.outcome !== 'rotated') throw new Error(rotated.outcome);
    const [, both, alone] = service.receiver.posts;
    const signatures = (post = both) => post?.headers['webhook-signature']?.split(' ') ?? [];
    const signed = (secret: string, post = both) =>
      new Webhook(secret).sign(
        post?.id ?? '',
        new Date(Number(post?.headers['webhook-timestamp']) * 1_000),
        Buffer.from(post?.body ?? []).toString(),
      );
    expect(signatures()).toEqual([signed(rotated.secret), signed(old?.secret ?? '')]);
    expect(signatures(alone)).toEqual([signed(rotated.secret, alone)]);
  });

  it('a secret rotated without overlap signs no further attempt', async () => {
    const { service, endpoint } = await openWithEndpoint();
    service.receiver.next(500);
    await service.dispatch();

    await rotateSecret(service.platform, project, endpoint.id, { overlapMs: 0 });
    await service.later(10_000);

    expect(service.receiver.posts[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    expect(await revealSecrets(service.platform, project, endpoint.id)).toHaveLength(1);
  });

  it('the next attempt of a schedule goes to a changed URL', async () => {
    const { service, endpoint } = await openWithEndpoint();
    service.receiver.next(500);
    await service.dispatch();

    const url = 'https://example.com/moved';
    await updateEndpoint(service.platform, project, endpoint.id, { url });
    await service.later(10_000);

    expect(service.receiver.posts.map((post) => post.url)).toEqual([endpoint.url, url]);
  });
});
