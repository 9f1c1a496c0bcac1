import { describe, expect, it } from 'vitest';
import { createEndpoint } from '../../../shared/core/webhooks/create-endpoint.ts';
import { openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

/** A receiver that answers when told to; how many it holds at once is counted. */
const holding = (world: WebhookWorld) => {
  const open: ((status: number) => void)[] = [];
  let most = 0;
  world.receiver.usually(
    () =>
      new Promise<number>((resolve) => {
        open.push(resolve);
        most = Math.max(most, open.length);
      }),
  );
  return {
    open,
    most: () => most,
    async release(status = 200): Promise<void> {
      for (const answer of open.splice(0)) answer(status);
      await world.settle();
    },
  };
};

const facts = async (world: WebhookWorld, count: number, rest = {}) => {
  for (let fact = 0; fact < count; fact++) await world.fact(rest);
  await world.fanOut();
};

describe('an endpoint at work', () => {
  it('has at most eight attempts in flight unless it asks for another number', async () => {
    for (const [asked, cap] of [
      [{}, 8],
      [{ maxInFlight: 3 }, 3],
      [{ ordered: true, maxInFlight: 20 }, 1],
    ] as const) {
      const world = openWebhookWorld();
      await world.endpoint(asked);
      const held = holding(world);
      await facts(world, 20);
      const work = world.begin();
      await world.settle();

      while (held.open.length > 0) await held.release();
      await Promise.all(work);
      world.receiver.usually(200);
      await world.tell();

      expect(held.most()).toBe(cap);
      expect(world.receiver.posts).toHaveLength(20);
      expect(world.rows('PARK')).toEqual([]);
    }
  });

  it('parks what is held back for more than a moment, and that spends no attempt', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ maxInFlight: 1 });
    const held = holding(world);
    await facts(world, 3);
    const work = world.begin();
    await world.settle();
    await world.clock.advance(2_000);
    await world.settle();

    const parked = world.deliveries().filter(({ queuedPriority }) => queuedPriority !== undefined);
    await held.release();
    await held.release();
    await held.release();
    await Promise.all(work);

    expect(parked).toHaveLength(2);
    expect(parked).toMatchObject([
      { state: 'pending', attempts: 0 },
      { state: 'pending', attempts: 0 },
    ]);
    expect(world.deliveries().map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it('is never tried faster than its rate limit', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ rateLimit: 2 });
    await facts(world, 7);

    await world.until(world.tell());

    const times = world.receiver.posts.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times).toHaveLength(7);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(700);
  });

  it('does not hold up another that is healthy', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ url: 'https://hangs.example.com/' });
    await world.endpoint({ url: 'https://example.com/' });
    const never = new Promise<number>(() => {});
    world.receiver.usually(({ url }) => (url.includes('hangs') ? never : 200));
    await facts(world, 50);

    void Promise.all(world.begin());
    await world.settle();

    expect(world.receiver.at('https://example.com/')).toHaveLength(50);
    expect(world.receiver.at('https://hangs.example.com/')).toHaveLength(8);
  });

  it('gets its slots back when those who held them crashed', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint({ maxInFlight: 2 });
    world.receiver.usually(new Promise<number>(() => {}));
    await facts(world, 2);
    void Promise.all(world.begin());
    await world.settle();
    const before = (await world.gate(endpoint)).slots.length;
    world.receiver.usually(200);
    const other = { ...world.platform, store: { ...world.store } };

    await world.later(31_000, other);

    expect(before).toBe(2);
    expect(world.deliveries().map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });
});

describe('the circuit breaker', () => {
  /** Five connection failures in a row. */
  const broken = async (world: WebhookWorld) => {
    const endpoint = await world.endpoint();
    world.receiver.usually('connect_refused');
    await facts(world, 5);
    await world.tell();
    return endpoint;
  };

  it('opens after five connection failures in a row, for thirty seconds', async () => {
    const world = openWebhookWorld();
    const endpoint = await broken(world);
    const opened = world.clock.now();

    await facts(world, 3);
    await world.tell();

    const { breaker } = await world.gate(endpoint);
    expect(breaker.openUntil).toBe(opened + 30_000);
    expect(world.receiver.posts).toHaveLength(5);
    expect(
      world.deliveries().filter(({ queuedPriority }) => queuedPriority !== undefined),
    ).toHaveLength(3);
  });

  it('opens when more than half of twenty within a minute fail', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint();
    world.receiver.next(...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 500 : 200)));
    await facts(world, 20);
    await world.tell();
    const atHalf = (await world.gate(endpoint)).breaker.openUntil;
    world.receiver.next(500);
    await facts(world, 1);

    await world.tell();

    expect(atHalf).toBeUndefined();
    expect((await world.gate(endpoint)).breaker.openUntil).toBeDefined();
  });

  it('lets one probe through when its time is up, and stays open twice as long when that fails', async () => {
    const world = openWebhookWorld();
    const endpoint = await broken(world);
    await facts(world, 4);
    await world.tell();

    await world.later(30_000);
    const { breaker } = await world.gate(endpoint);

    expect(world.receiver.posts).toHaveLength(6);
    expect(breaker.openUntil).toBe(world.clock.now() + 60_000);
  });

  it('stays open fifteen minutes at most', async () => {
    const world = openWebhookWorld();
    const endpoint = await broken(world);
    await facts(world, 4);
    await world.tell();
    let longest = 0;
    for (let minute = 0; minute < 90; minute++) {
      await world.later(60_000);
      const { openUntil = 0 } = (await world.gate(endpoint)).breaker;
      longest = Math.max(longest, openUntil - world.clock.now());
    }

    expect(longest).toBe(900_000);
  });

  it('closes by steps after a probe succeeded, and everything parked arrives', async () => {
    const world = openWebhookWorld();
    const endpoint = await broken(world);
    await facts(world, 40);
    await world.tell();
    const held = holding(world);
    await world.clock.advance(30_000);
    const inFlight: number[] = [];

    const work = world.begin();
    await world.settle();
    while (held.open.length > 0) {
      inFlight.push(held.open.length);
      await held.release();
      await world.settle();
    }
    await Promise.all(work);
    world.receiver.usually(200);
    for (let minute = 0; minute < 8; minute++) await world.later(60_000);

    expect(inFlight.slice(0, 4)).toEqual([1, 2, 8, 8]);
    expect((await world.gate(endpoint)).breaker.openUntil).toBeUndefined();
    expect(new Set(world.deliveries().map(({ state }) => state))).toEqual(new Set(['succeeded']));
  });
});

describe('an ordered endpoint', () => {
  it('gets what concerns one scope one after the other, retries included', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true });
    world.receiver.next(200, 500, 500);
    await facts(world, 4);

    await world.tell();
    await world.later(10_000);
    await world.later(400_000);

    const order = world.receiver.posts.map(({ payload }) => payload.data.memory_id);
    expect(order).toEqual(['memory-1', 'memory-2', 'memory-2', 'memory-2', 'memory-3', 'memory-4']);
  });

  it('goes on once an earlier one is given up', async () => {
    const world = openWebhookWorld({ webhookSchedule: [0, 1] });
    await world.endpoint({ ordered: true });
    world.receiver.next(500, 500);
    await facts(world, 2);

    await world.tell();
    await world.later(2_000);

    expect(
      world
        .deliveries()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['exhausted', 'succeeded']);
  });

  it('does not let one scope wait for another', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true });
    world.receiver.next(500);
    await facts(world, 1, { entities: { user: 'alice' } });
    await facts(world, 2, { entities: { user: 'bob' } });

    await world.tell();

    const users = world.receiver.posts.map(({ payload }) => payload.data.user_id);
    expect(users).toEqual(['alice', 'bob', 'bob']);
  });
});

describe('what an endpoint may ask for', () => {
  it('is refused with a field, a code and a sentence when it breaks a rule', async () => {
    const world = openWebhookWorld();
    const url = 'https://example.com/';
    for (const [asked, code] of [
      [{ url: 'http://example.com/' }, 'url_not_https'],
      [{ url, headers: { Host: 'evil' } }, 'header_refused'],
      [{ url, eventTypes: ['memory_burn'] }, 'unknown_event_type'],
      [{ url, rateLimit: 0 }, 'bad_rate_limit'],
      [{ url, maxInFlight: 65 }, 'bad_max_in_flight'],
      [{ url, secret: 'whsec_dG9vIHNob3J0' }, 'bad_secret'],
    ] as const) {
      const refused = await createEndpoint(world.platform, project, asked);

      expect(refused).toMatchObject({ outcome: 'refused', code });
    }
    expect(world.rows('ENDPOINT')).toEqual([]);
  });
});
