import { describe, expect, it } from 'vitest';
import {
  deleteEndpoint,
  getEndpoint,
  pauseEndpoint,
  resumeEndpoint,
  updateEndpoint,
} from '../../../shared/core/webhooks/endpoints.ts';
import { sendTest } from '../../../shared/core/webhooks/manual-delivery.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { project } from '../../support/core-fixture.ts';
import {
  dayMs,
  hourMs,
  openWebhookFixture,
  type WebhookFixture,
} from '../../support/webhook-fixture.ts';

const facts = async (service: WebhookFixture, count: number) => {
  for (let fact = 0; fact < count; fact++) await service.fact();
};

const statuses = (service: WebhookFixture) => [...new Set(service.deliveries().map(statusOf))];

describe('a paused endpoint', () => {
  it('a paused endpoint gets nothing; its deliveries are queued and sent when it is resumed', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await pauseEndpoint(service.platform, project, id);
    await facts(service, 30);
    await service.dispatch();
    await service.later(hourMs);
    const before = { posts: service.receiver.posts.length, statuses: statuses(service) };
    const attempts = service.deliveries().map((delivery) => delivery.attempts);

    await resumeEndpoint(service.platform, project, id);
    await service.dispatch();

    expect(before).toEqual({ posts: 0, statuses: ['queued'] });
    expect(Math.max(...attempts)).toBe(0);
    expect(statuses(service)).toEqual(['succeeded']);
    expect(service.receiver.posts).toHaveLength(30);
  });

  it('a paused endpoint leaves nothing due, so that no alarm takes it for a stall', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint({ maxInFlight: 1 });
    service.receiver.next(500);
    await facts(service, 5);
    await service.fanOut();
    await pauseEndpoint(service.platform, project, id);

    await service.later(hourMs);

    const due = service.rows().filter(({ item }) => item.dueAt !== undefined);
    expect(due).toEqual([]);
  });

  it('a pause in the middle of a schedule keeps the attempts that are spent', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    service.receiver.next(500);
    await facts(service, 1);
    await service.dispatch();

    await pauseEndpoint(service.platform, project, id);
    await service.later(hourMs);
    const queued = service.deliveries()[0];
    await resumeEndpoint(service.platform, project, id);
    await service.dispatch();

    expect(queued).toMatchObject({ scheduledAttempts: 1, attempts: 1, queuedPriority: 1 });
    expect(service.deliveries()).toMatchObject([
      { state: 'succeeded', scheduledAttempts: 1, attempts: 2 },
    ]);
  });
});

describe('410 Gone', () => {
  it('a 410 response disables the endpoint at once, queues its deliveries, and notifies another endpoint', async () => {
    const service = openWebhookFixture();
    const gone = await service.endpoint({ url: 'https://gone.example.com/' });
    await service.endpoint({ url: 'https://ops.example.com/', eventTypes: ['endpoint.disabled'] });
    service.receiver.usually(({ url }) => (url.includes('gone') ? 410 : 200));
    await facts(service, 1);
    await service.dispatch();
    await facts(service, 3);

    await service.dispatch();
    await service.later(hourMs);

    const endpoint = await getEndpoint(service.platform, project, gone.id);
    expect(endpoint).toMatchObject({ status: 'disabled', statusSince: { reason: 'gone' } });
    expect(service.receiver.at('https://gone.example.com/')).toHaveLength(1);
    expect(
      service.receiver.at('https://ops.example.com/').map(({ payload }) => payload),
    ).toMatchObject([
      { type: 'endpoint.disabled', data: { endpoint_id: gone.id, reason: 'gone' } },
    ]);
    const queued = service.deliveries().filter((delivery) => statusOf(delivery) === 'queued');
    expect(queued).toHaveLength(4);
  });

  it('a 410 response does not disable an endpoint whose URL was changed meanwhile', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await facts(service, 1);
    service.receiver.next(async () => {
      await updateEndpoint(service.platform, project, id, { url: 'https://example.com/new' });
      return 410;
    });

    await service.dispatch();

    expect(await getEndpoint(service.platform, project, id)).toMatchObject({ status: 'active' });
  });

  it('an endpoint resumed after a 410 response gets its queued deliveries', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    service.receiver.next(410);
    await facts(service, 1);
    await service.dispatch();
    await service.later(hourMs);

    await resumeEndpoint(service.platform, project, id);
    await service.dispatch();

    expect(statuses(service)).toEqual(['succeeded']);
  });
});

describe('an endpoint that keeps failing', () => {
  const fail = async (service: WebhookFixture, days: number) => {
    for (let quarter = 0; quarter < days * 4; quarter++) {
      await facts(service, 1);
      await service.later(6 * hourMs);
    }
  };

  it('a failing endpoint is disabled after five days without a success', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    service.receiver.usually(500);

    await fail(service, 4);
    const before = await getEndpoint(service.platform, project, id);
    await fail(service, 2);

    expect(before?.status).toBe('active');
    expect(await getEndpoint(service.platform, project, id)).toMatchObject({
      status: 'disabled',
      statusSince: { reason: 'failing' },
    });
  });

  it('an endpoint that succeeds now and then is not disabled', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    service.receiver.usually(500);
    await fail(service, 4);
    service.receiver.next(200);

    await fail(service, 4);

    expect(await getEndpoint(service.platform, project, id)).toMatchObject({ status: 'active' });
  });

  it('an endpoint is not disabled for failing only one notification, or for too short a time', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await service.later(10 * dayMs);
    service.receiver.usually(500);
    await facts(service, 12);

    await service.dispatch();
    await service.later(10_000);

    expect((await service.limiter({ id })).health.failures).toBeGreaterThan(10);
    expect(await getEndpoint(service.platform, project, id)).toMatchObject({ status: 'active' });
  });
});

describe('a deleted endpoint', () => {
  it('a deleted endpoint gets nothing more; its deliveries are cancelled, and nothing of it is left', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    service.receiver.next(500);
    await facts(service, 1);
    await service.dispatch();
    await pauseEndpoint(service.platform, project, id);
    await facts(service, 120);
    await service.dispatch();
    const posts = service.receiver.posts.length;

    const deleted = await deleteEndpoint(service.platform, project, id);
    await service.dispatch();
    for (let day = 0; day < 2; day++) await service.later(dayMs);

    expect(deleted).toBe('deleted');
    expect(service.receiver.posts).toHaveLength(posts);
    expect(statuses(service)).toEqual(['cancelled']);
    for (const kind of ['ENDPOINT', 'SECRET', 'LIMITER', 'BACKLOG'] as const)
      expect(service.rows(kind)).toEqual([]);
    expect(await deleteEndpoint(service.platform, project, id)).toBe('not_found');
  });

  it('an endpoint deleted during an attempt leaves no slot and no secret behind', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await facts(service, 1);
    service.receiver.next(async () => {
      await deleteEndpoint(service.platform, project, id);
      return 500;
    });

    await service.dispatch();
    await service.later(hourMs);

    expect(statuses(service)).toEqual(['cancelled']);
    expect(service.rows('LIMITER')).toEqual([]);
  });
});

describe('a test ping', () => {
  it('a test makes one attempt, also while the endpoint is paused or disabled', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await pauseEndpoint(service.platform, project, id);
    service.receiver.next(500);

    const sent = await sendTest(service.platform, project, id);
    await service.dispatch();
    await service.later(hourMs);

    if (sent.outcome !== 'sent') throw new Error(sent.outcome);
    const { delivery, attempts } = await service.delivery(sent.delivery.id);
    expect(service.receiver.typesOf()).toEqual(['endpoint.test']);
    expect(delivery).toMatchObject({ state: 'exhausted', type: 'endpoint.test' });
    expect(attempts).toMatchObject([{ trigger: 'test', status: 500 }]);
  });
});

describe('secrets', () => {
  it('an endpoint has at most five valid secrets; a rotation without overlap ends the old ones', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    const outcomes: string[] = [];
    for (let n = 0; n < 5; n++)
      outcomes.push((await rotateSecret(service.platform, project, id, {})).outcome);

    const cut = await rotateSecret(service.platform, project, id, { overlapMs: 0 });

    expect(outcomes).toEqual(['rotated', 'rotated', 'rotated', 'rotated', 'too_many']);
    expect(cut.outcome).toBe('rotated');
    expect(await revealSecrets(service.platform, project, id)).toHaveLength(1);
  });

  it('secrets are sealed wherever they are stored', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();

    const [secret] = (await revealSecrets(service.platform, project, id)) ?? [];

    expect(secret?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify(service.rows())).not.toContain(secret?.secret.slice(6));
  });
});
