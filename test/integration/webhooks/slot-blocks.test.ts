import { describe, expect, it } from 'vitest';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import { slotsTaken } from '../../../shared/domain/webhooks/endpoint-limiter.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, writesOf } from '../../support/intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A process that met another one at the limiter of an endpoint, and counts its own writes of limiters. */
const openContended = async (service: WebhookFixture, { id }: Endpoint) => {
  let isMet = false;
  let limiterWrites = 0;
  const store = interceptStore(service.store, {
    before: async ({ steps }) => {
      if (writesOf(steps, 'LIMITER').length === 0) return;
      limiterWrites += 1;
      if (isMet) return;
      isMet = true;
      await service.platform.limiterStore.update(project, id, ({ limiter }) => ({
        limiter: { ...limiter },
        value: undefined,
      }));
    },
  });
  const actor: FullPlatform = { ...service.platform, store };
  await service.fact();
  await service.until(service.dispatch(actor));
  limiterWrites = 0;
  return { actor, limiterWrites: () => limiterWrites };
};

const facts = async (service: WebhookFixture, count: number): Promise<void> => {
  for (let fact = 0; fact < count; fact++) await service.fact();
};

/** A receiver that answers when a test says so. */
const holding = ({ receiver, settle }: WebhookFixture) => {
  const open: ((status: number) => void)[] = [];
  receiver.usually(() => new Promise<number>((resolve) => void open.push(resolve)));
  return {
    open,
    async release(): Promise<void> {
      for (const answer of open.splice(0)) answer(200);
      await settle();
    },
  };
};

const succeeded = (service: WebhookFixture): number =>
  service.deliveries().filter(({ state }) => state === 'succeeded').length;

describe('a process that met another one at an endpoint', () => {
  it('it records successes of a block without a write of the limiter for each', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 64 });
    const { actor, limiterWrites } = await openContended(service, endpoint);
    await facts(service, 40);

    await service.until(service.dispatch(actor));

    expect(succeeded(service)).toBe(41);
    expect(service.receiver.posts).toHaveLength(41);
    expect(limiterWrites()).toBeLessThanOrEqual(3);
    expect(service.rows('BACKLOG')).toEqual([]);
  });

  it('it needs no hint for each delivery of a fact that it fans out itself', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 64 });
    const { actor } = await openContended(service, endpoint);
    await facts(service, 5);

    await service.until(Promise.all(service.begin(actor)));

    expect(succeeded(service)).toBe(6);
    expect(service.notices.take()).toBeUndefined();
  });

  it('two of them have no more attempts in flight together than the endpoint allows', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 6 });
    const [one, other] = [
      await openContended(service, endpoint),
      await openContended(service, endpoint),
    ];
    const receiver = holding(service);
    await facts(service, 10);
    const work = service.begin(one.actor);
    await service.settle();
    await facts(service, 10);
    work.push(...service.begin(other.actor));
    await service.settle();
    let max = 0;

    for (let round = 0; round < 80 && succeeded(service) < 22; round++) {
      max = Math.max(max, receiver.open.length);
      await receiver.release();
      await service.clock.advance(250);
      await service.settle();
      work.push(...service.begin(round % 2 === 0 ? one.actor : other.actor));
    }
    await service.until(Promise.all(work));

    expect(succeeded(service)).toBe(22);
    expect(max).toBe(6);
    expect(service.rows('BACKLOG')).toEqual([]);
  });

  it('it gives slots back when it has no work, so that another process has all of them', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 8 });
    const { actor } = await openContended(service, endpoint);
    await facts(service, 20);
    await service.until(service.dispatch(actor));
    const idle = slotsTaken((await service.limiter(endpoint)).slots);
    const receiver = holding(service);
    await facts(service, 20);
    await service.fanOut();

    const work = service.begin();
    await service.settle();
    const inFlight = receiver.open.length;
    while (receiver.open.length > 0) await receiver.release();
    await service.until(Promise.all(work));

    expect(idle).toBe(0);
    expect(inFlight).toBe(8);
  });

  it('it opens the breaker after five connection failures in a row, and then sends nothing', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 5 });
    const { actor } = await openContended(service, endpoint);
    service.receiver.usually('connect_refused');
    await facts(service, 8);

    await service.until(service.dispatch(actor));

    const { breaker } = await service.limiter(endpoint);
    expect(breaker.openUntil).toBeGreaterThan(service.clock.now());
    expect(service.receiver.posts.length).toBeLessThanOrEqual(1 + 5 + 4);
    expect(service.deliveries().filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(0);
  });

  it('it sends nothing after a pause was answered, and everything after the resumption', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 64 });
    const { actor } = await openContended(service, endpoint);
    await facts(service, 3);
    await service.until(service.dispatch(actor));
    await pauseEndpoint(service.platform, project, endpoint.id);
    await facts(service, 5);

    await service.until(service.dispatch(actor));
    const paused = service.receiver.posts.length;
    await resumeEndpoint(service.platform, project, endpoint.id);
    await service.until(service.later(1_000, actor));

    expect(paused).toBe(4);
    expect(succeeded(service)).toBe(9);
    expect(service.receiver.posts).toHaveLength(9);
  });

  it('its slots are free again when their lease ends after a crash', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint({ maxInFlight: 4 });
    const { actor } = await openContended(service, endpoint);
    service.receiver.usually(new Promise<number>(() => {}));
    await facts(service, 4);
    void Promise.all(service.begin(actor));
    await service.settle();
    const before = slotsTaken((await service.limiter(endpoint)).slots);
    service.receiver.usually(200);

    const other = { ...service.platform, store: { ...service.store } };
    await service.until(service.later(31_000, other));

    expect(before).toBe(4);
    expect(succeeded(service)).toBe(5);
  });
});
