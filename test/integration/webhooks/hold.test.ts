import { describe, expect, it } from 'vitest';
import { deleteEndpoint } from '../../../shared/core/webhooks/delete-endpoint.ts';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/hold.ts';
import { sendTest } from '../../../shared/core/webhooks/manual-delivery.ts';
import { getEndpoint } from '../../../shared/core/webhooks/read-endpoints.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { updateEndpoint } from '../../../shared/core/webhooks/update-endpoint.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import { dayMs, hourMs, openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

const facts = async (world: WebhookWorld, count: number) => {
  for (let fact = 0; fact < count; fact++) await world.fact();
};

const statuses = (world: WebhookWorld) => [...new Set(world.deliveries().map(statusOf))];

describe('a paused endpoint', () => {
  it('is sent nothing; what is told meanwhile is parked, and goes out when it is resumed', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await pauseEndpoint(world.platform, project, id);
    await facts(world, 30);
    await world.tell();
    await world.later(hourMs);
    const before = { posts: world.receiver.posts.length, statuses: statuses(world) };
    const attempts = world.deliveries().map((delivery) => delivery.attempts);

    await resumeEndpoint(world.platform, project, id);
    await world.tell();

    expect(before).toEqual({ posts: 0, statuses: ['queued'] });
    expect(Math.max(...attempts)).toBe(0);
    expect(statuses(world)).toEqual(['succeeded']);
    expect(world.receiver.posts).toHaveLength(30);
  });

  it('leaves nothing due, so that nothing looks like a stall', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint({ maxInFlight: 1 });
    world.receiver.next(500);
    await facts(world, 5);
    await world.fanOut();
    await pauseEndpoint(world.platform, project, id);

    await world.later(hourMs);

    const due = world.rows().filter(({ item }) => item.dueAt !== undefined);
    expect(due).toEqual([]);
  });

  it('in the middle of a schedule keeps the tries that are spent', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    world.receiver.next(500);
    await facts(world, 1);
    await world.tell();

    await pauseEndpoint(world.platform, project, id);
    await world.later(hourMs);
    const parked = world.deliveries()[0];
    await resumeEndpoint(world.platform, project, id);
    await world.tell();

    expect(parked).toMatchObject({ scheduledAttempts: 1, attempts: 1, queuedPriority: 1 });
    expect(world.deliveries()).toMatchObject([
      { state: 'succeeded', scheduledAttempts: 1, attempts: 2 },
    ]);
  });
});

describe('410 Gone', () => {
  it('disables the endpoint at once, parks what is left, and is told to another endpoint', async () => {
    const world = openWebhookWorld();
    const gone = await world.endpoint({ url: 'https://gone.example.com/' });
    await world.endpoint({ url: 'https://ops.example.com/', eventTypes: ['endpoint.disabled'] });
    world.receiver.usually(({ url }) => (url.includes('gone') ? 410 : 200));
    await facts(world, 1);
    await world.tell();
    await facts(world, 3);

    await world.tell();
    await world.later(hourMs);

    const endpoint = await getEndpoint(world.platform, project, gone.id);
    expect(endpoint).toMatchObject({ status: 'disabled', statusSince: { reason: 'gone' } });
    expect(world.receiver.at('https://gone.example.com/')).toHaveLength(1);
    expect(
      world.receiver.at('https://ops.example.com/').map(({ payload }) => payload),
    ).toMatchObject([
      { type: 'endpoint.disabled', data: { endpoint_id: gone.id, reason: 'gone' } },
    ]);
    const parked = world.deliveries().filter((delivery) => statusOf(delivery) === 'queued');
    expect(parked).toHaveLength(4);
  });

  it('does not disable an endpoint that was given another URL meanwhile', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await facts(world, 1);
    world.receiver.next(async () => {
      await updateEndpoint(world.platform, project, id, { url: 'https://example.com/new' });
      return 410;
    });

    await world.tell();

    expect(await getEndpoint(world.platform, project, id)).toMatchObject({ status: 'active' });
  });

  it('after it a resumed endpoint gets what was parked', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    world.receiver.next(410);
    await facts(world, 1);
    await world.tell();
    await world.later(hourMs);

    await resumeEndpoint(world.platform, project, id);
    await world.tell();

    expect(statuses(world)).toEqual(['succeeded']);
  });
});

describe('an endpoint that keeps failing', () => {
  const fail = async (world: WebhookWorld, days: number) => {
    for (let quarter = 0; quarter < days * 4; quarter++) {
      await facts(world, 1);
      await world.later(6 * hourMs);
    }
  };

  it('is disabled after five days without a success', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    world.receiver.usually(500);

    await fail(world, 4);
    const before = await getEndpoint(world.platform, project, id);
    await fail(world, 2);

    expect(before?.status).toBe('active');
    expect(await getEndpoint(world.platform, project, id)).toMatchObject({
      status: 'disabled',
      statusSince: { reason: 'failing' },
    });
  });

  it('is not disabled while it takes something now and then', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    world.receiver.usually(500);
    await fail(world, 4);
    world.receiver.next(200);

    await fail(world, 4);

    expect(await getEndpoint(world.platform, project, id)).toMatchObject({ status: 'active' });
  });

  it('is not disabled for failing one notification only, or for too short a time', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await world.later(10 * dayMs);
    world.receiver.usually(500);
    await facts(world, 12);

    await world.tell();
    await world.later(10_000);

    expect((await world.gate({ id })).health.failures).toBeGreaterThan(10);
    expect(await getEndpoint(world.platform, project, id)).toMatchObject({ status: 'active' });
  });
});

describe('a deleted endpoint', () => {
  it('is sent nothing more; what was parked or waited is cancelled, and nothing of it is left', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    world.receiver.next(500);
    await facts(world, 1);
    await world.tell();
    await pauseEndpoint(world.platform, project, id);
    await facts(world, 120);
    await world.tell();
    const posts = world.receiver.posts.length;

    const deleted = await deleteEndpoint(world.platform, project, id);
    await world.tell();
    for (let day = 0; day < 2; day++) await world.later(dayMs);

    expect(deleted).toBe('deleted');
    expect(world.receiver.posts).toHaveLength(posts);
    expect(statuses(world)).toEqual(['cancelled']);
    for (const kind of ['ENDPOINT', 'SECRET', 'GATE', 'PARK'] as const)
      expect(world.rows(kind)).toEqual([]);
    expect(await deleteEndpoint(world.platform, project, id)).toBe('not_found');
  });

  it('while an attempt is on its way leaves no slot and no secret behind', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await facts(world, 1);
    world.receiver.next(async () => {
      await deleteEndpoint(world.platform, project, id);
      return 500;
    });

    await world.tell();
    await world.later(hourMs);

    expect(statuses(world)).toEqual(['cancelled']);
    expect(world.rows('GATE')).toEqual([]);
  });
});

describe('a test ping', () => {
  it('is one attempt, also while the endpoint is paused or disabled', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await pauseEndpoint(world.platform, project, id);
    world.receiver.next(500);

    const sent = await sendTest(world.platform, project, id);
    await world.tell();
    await world.later(hourMs);

    if (sent.outcome !== 'sent') throw new Error(sent.outcome);
    const { delivery, attempts } = await world.delivery(sent.delivery.id);
    expect(world.receiver.typesOf()).toEqual(['endpoint.test']);
    expect(delivery).toMatchObject({ state: 'exhausted', type: 'endpoint.test' });
    expect(attempts).toMatchObject([{ trigger: 'test', status: 500 }]);
  });
});

describe('secrets', () => {
  it('are at most five that live; without overlap the old ones die and there is room again', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    const outcomes: string[] = [];
    for (let n = 0; n < 5; n++)
      outcomes.push((await rotateSecret(world.platform, project, id, {})).outcome);

    const cut = await rotateSecret(world.platform, project, id, { overlapMs: 0 });

    expect(outcomes).toEqual(['rotated', 'rotated', 'rotated', 'rotated', 'too_many']);
    expect(cut.outcome).toBe('rotated');
    expect(await revealSecrets(world.platform, project, id)).toHaveLength(1);
  });

  it('are sealed wherever they are kept', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();

    const [secret] = (await revealSecrets(world.platform, project, id)) ?? [];

    expect(secret?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify(world.rows())).not.toContain(secret?.secret.slice(6));
  });
});
