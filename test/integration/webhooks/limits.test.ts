import { describe, expect, it } from 'vitest';
import { createEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { project } from '../../support/core-fixture.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A receiver that answers when a test says so, and counts concurrent requests. */
const holding = (service: WebhookFixture) => {
  const open: ((status: number) => void)[] = [];
  let max = 0;
  service.receiver.usually(
    () =>
      new Promise<number>((resolve) => {
        open.push(resolve);
        max = Math.max(max, open.length);
      }),
  );
  return {
    open,
    max: () => max,
    async release(status = 200): Promise<void> {
      for (const answer of open.splice(0)) answer(status);
      await service.settle();
    },
  };
};

const facts = async (service: WebhookFixture, count: number, rest = {}) => {
  for (let fact = 0; fact < count; fact++) await service.fact(rest);
  await service.fanOut();
};

describe('an endpoint at work', () => {
  it('an endpoint has at most eight attempts in flight by default, or its own limit', async () => {
    for (const [settings, cap] of [
      [{}, 8],
      [{ maxInFlight: 3 }, 3],
      [{ ordered: true, maxInFlight: 20 }, 1],
    ] as const) {
      const service = openWebhookFixture();
      await service.endpoint(settings);
      const leased = holding(service);
      await facts(service, 20);
      const work = service.begin();
      await service.settle();

      while (leased.open.length > 0) await leased.release();
      await Promise.all(work);
      service.receiver.usually(200);
      await service.dispatch();

      expect(leased.max()).toBe(cap);
      expect(service.receiver.posts).toHaveLength(20);
      expect(service.rows('BACKLOG')).toEqual([]);
    }
  });

  it('a delivery without a slot is queued after two seconds and spends no attempt', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ maxInFlight: 1 });
    const leased = holding(service);
    await facts(service, 3);
    const work = service.begin();
    await service.settle();
    await service.clock.advance(2_000);
    await service.settle();

    const queued = service
      .deliveries()
      .filter(({ queuedPriority }) => queuedPriority !== undefined);
    await leased.release();
    await leased.release();
    await leased.release();
    await Promise.all(work);

    expect(queued).toHaveLength(2);
    expect(queued).toMatchObject([
      { state: 'pending', attempts: 0 },
      { state: 'pending', attempts: 0 },
    ]);
    expect(service.deliveries().map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it('an endpoint never gets attempts faster than its rate limit', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ rateLimit: 2 });
    await facts(service, 7);

    await service.until(service.dispatch());

    const times = service.receiver.posts.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times).toHaveLength(7);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(700);
  });

  it('an endpoint that does not answer delays no other endpoint', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ url: 'https://hangs.example.com/' });
    await service.endpoint({ url: 'https://example.com/' });
    const never = new Promise<number>(() => {});
    service.receiver.usually(({ url }) => (url.includes('hangs') ? never : 200));
    await facts(service, 50);

    void Promise.all(service.begin());
    await service.settle();

    expect(service.receiver.at('https://example.com/')).toHaveLength(50);
    expect(service.receiver.at('https://hangs.example.com/')).toHaveLength(8);
  });

  it('slots of a crashed process are free again when their leases expire', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 2 });
    service.receiver.usually(new Promise<number>(() => {}));
    await facts(service, 2);
    void Promise.all(service.begin());
    await service.settle();
    const before = (await service.limiter(endpoint)).slots.length;
    service.receiver.usually(200);
    const other = { ...service.platform, store: { ...service.store } };

    await service.later(31_000, other);

    expect(before).toBe(2);
    expect(service.deliveries().map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });
});

describe('the circuit breaker', () => {
  /** Five connection failures in a row. */
  const broken = async (service: WebhookFixture) => {
    const endpoint = await service.endpoint();
    service.receiver.usually('connect_refused');
    await facts(service, 5);
    await service.dispatch();
    return endpoint;
  };

  it('the breaker opens for thirty seconds after five connection failures in a row', async () => {
    const service = openWebhookFixture();
    const endpoint = await broken(service);
    const opened = service.clock.now();

    await facts(service, 3);
    await service.dispatch();

    const { breaker } = await service.limiter(endpoint);
    expect(breaker.openUntil).toBe(opened + 30_000);
    expect(service.receiver.posts).toHaveLength(5);
    expect(
      service.deliveries().filter(({ queuedPriority }) => queuedPriority !== undefined),
    ).toHaveLength(3);
  });

  it('the breaker opens when more than half of twenty attempts within a minute fail', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    service.receiver.next(...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 500 : 200)));
    await facts(service, 20);
    await service.dispatch();
    const atHalf = (await service.limiter(endpoint)).breaker.openUntil;
    service.receiver.next(500);
    await facts(service, 1);

    await service.dispatch();

    expect(atHalf).toBeUndefined();
    expect((await service.limiter(endpoint)).breaker.openUntil).toBeDefined();
  });

  it('the breaker allows one probe after its time and stays open twice as long when the probe fails', async () => {
    const service = openWebhookFixture();
    const endpoint = await broken(service);
    await facts(service, 4);
    await service.dispatch();

    await service.later(30_000);
    const { breaker } = await service.limiter(endpoint);

    expect(service.receiver.posts).toHaveLength(6);
    expect(breaker.openUntil).toBe(service.clock.now() + 60_000);
  });

  it('the breaker stays open fifteen minutes at most', async () => {
    const service = openWebhookFixture();
    const endpoint = await broken(service);
    await facts(service, 4);
    await service.dispatch();
    let longest = 0;
    for (let minute = 0; minute < 90; minute++) {
      await service.later(60_000);
      const { openUntil = 0 } = (await service.limiter(endpoint)).breaker;
      longest = Math.max(longest, openUntil - service.clock.now());
    }

    expect(longest).toBe(900_000);
  });

  it('the breaker closes in steps after a successful probe, and the whole backlog arrives', async () => {
    const service = openWebhookFixture();
    const endpoint = await broken(service);
    await facts(service, 40);
    await service.dispatch();
    const leased = holding(service);
    await service.clock.advance(30_000);
    const inFlight: number[] = [];

    const work = service.begin();
    await service.settle();
    while (leased.open.length > 0) {
      inFlight.push(leased.open.length);
      await leased.release();
      await service.settle();
    }
    await Promise.all(work);
    service.receiver.usually(200);
    for (let minute = 0; minute < 8; minute++) await service.later(60_000);

    expect(inFlight.slice(0, 4)).toEqual([1, 2, 8, 8]);
    expect((await service.limiter(endpoint)).breaker.openUntil).toBeUndefined();
    expect(new Set(service.deliveries().map(({ state }) => state))).toEqual(new Set(['succeeded']));
  });
});

describe('an ordered endpoint', () => {
  it('an ordered endpoint gets deliveries of one scope one after the other, retries included', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    service.receiver.next(200, 500, 500);
    await facts(service, 4);

    await service.dispatch();
    await service.later(10_000);
    await service.later(400_000);

    const order = service.receiver.posts.map(({ payload }) => payload.data.memory_id);
    expect(order).toEqual(['memory-1', 'memory-2', 'memory-2', 'memory-2', 'memory-3', 'memory-4']);
  });

  it('an ordered endpoint gets the next delivery once an earlier one is exhausted', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0, 1] });
    await service.endpoint({ ordered: true });
    service.receiver.next(500, 500);
    await facts(service, 2);

    await service.dispatch();
    await service.later(2_000);

    expect(
      service
        .deliveries()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['exhausted', 'succeeded']);
  });

  it('scopes of an ordered endpoint do not wait for each other', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    service.receiver.next(500);
    await facts(service, 1, { entities: { user: 'alice' } });
    await facts(service, 2, { entities: { user: 'bob' } });

    await service.dispatch();

    const users = service.receiver.posts.map(({ payload }) => payload.data.user_id);
    expect(users).toEqual(['alice', 'bob', 'bob']);
  });
});

describe('settings of an endpoint', () => {
  it('an invalid endpoint is refused with a field, a code and a sentence', async () => {
    const service = openWebhookFixture();
    const url = 'https://example.com/';
    for (const [settings, code] of [
      [{ url: 'http://example.com/' }, 'url_not_https'],
      [{ url, headers: { Host: 'evil' } }, 'header_refused'],
      [{ url, eventTypes: ['memory_burn'] }, 'unknown_event_type'],
      [{ url, rateLimit: 0 }, 'bad_rate_limit'],
      [{ url, maxInFlight: 65 }, 'bad_max_in_flight'],
      [{ url, secret: 'whsec_dG9vIHNob3J0' }, 'bad_secret'],
    ] as const) {
      const refused = await createEndpoint(service.platform, project, settings);

      expect(refused).toMatchObject({ outcome: 'refused', code });
    }
    expect(service.rows('ENDPOINT')).toEqual([]);
  });
});
