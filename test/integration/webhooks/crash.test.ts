import { describe, expect, it } from 'vitest';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

class Crash extends Error {}

/** A process that ends at its n-th call of the store: before the call, or before its answer arrives. */
const dying = ({ platform }: WebhookFixture, n: number, when: 'before' | 'after'): FullPlatform => {
  const end = ({ at }: { at: number }) => {
    if (at >= n) throw new Crash('The process ended.');
  };
  const store = interceptStore(
    platform.store,
    when === 'before' ? { before: end } : { after: end },
  );
  return { ...platform, store };
};

/** Sweeps until every lease the crash left has expired. */
const recover = async (service: WebhookFixture) => {
  for (let sweep = 0; sweep < 3; sweep++) await service.later(31_000);
};

const isWhole = (service: WebhookFixture) => {
  for (const { item } of service.rows('DELIVERY'))
    expect(item).toMatchObject({ state: 'succeeded' });
  for (const kind of ['DELIVERY', 'LIMITER', 'OUTBOX'] as const)
    for (const { item } of service.rows(kind)) expect(item).not.toHaveProperty('dueAt');
  expect(service.rows('OUTBOX')).toEqual([]);
  expect(service.rows('BACKLOG')).toEqual([]);
};

/** Runs an action that crashes at each of its calls in turn; returns the number of calls. */
const atEveryCall = async (
  prepare: () => Promise<WebhookFixture>,
  act: (service: WebhookFixture, actor: FullPlatform) => Promise<unknown>,
  verify: (service: WebhookFixture) => unknown,
): Promise<number> => {
  for (let n = 0; ; n++) {
    let isOver = true;
    for (const when of ['before', 'after'] as const) {
      const service = await prepare();
      try {
        await act(service, dying(service, n, when));
      } catch {
        isOver = false;
      }
      await recover(service);
      isWhole(service);
      await verify(service);
    }
    if (isOver) return n;
  }
};

describe('a crash at any await', () => {
  it('a crash at any await of fan-out loses no delivery and creates none twice', async () => {
    const calls = await atEveryCall(
      async () => {
        const service = openWebhookFixture();
        await service.endpoint({ url: 'https://a.example.com/' });
        await service.endpoint({ url: 'https://b.example.com/' });
        await service.endpoint({ url: 'https://c.example.com/', ordered: true });
        await service.fact();
        return service;
      },
      async (service, actor) => {
        const hint = service.notices.take();
        if (hint) await service.perform(hint, actor);
      },
      (service) => {
        expect(service.rows('NOTIFICATION')).toHaveLength(1);
        expect(service.rows('DELIVERY')).toHaveLength(3);
        expect(service.receiver.posts).toHaveLength(3);
      },
    );

    expect(calls).toBeGreaterThan(4);
  }, 60_000);

  it('a crash at any await of an attempt costs at most one more POST, under the same webhook-id', async () => {
    const calls = await atEveryCall(
      async () => {
        const service = openWebhookFixture();
        await service.endpoint();
        await service.fact();
        await service.fanOut();
        return service;
      },
      (service, actor) => service.dispatch(actor),
      (service) => {
        expect(service.receiver.posts.length).toBeLessThanOrEqual(2);
        expect(new Set(service.receiver.posts.map(({ id }) => id)).size).toBe(1);
      },
    );

    expect(calls).toBeGreaterThan(6);
  }, 60_000);

  it('a crash at any await of a failing attempt spends at most one attempt of the schedule', async () => {
    await atEveryCall(
      async () => {
        const service = openWebhookFixture();
        await service.endpoint();
        await service.fact();
        await service.fanOut();
        service.receiver.next(500);
        return service;
      },
      (service, actor) => service.dispatch(actor),
      async (service) => {
        const { delivery } = await service.delivery();
        expect(delivery.scheduledAttempts).toBeLessThanOrEqual(1);
        expect(service.receiver.posts.length).toBeLessThanOrEqual(3);
      },
    );
  }, 60_000);

  it('a crash at any await of sending a backlog loses no queued delivery', async () => {
    await atEveryCall(
      async () => {
        const service = openWebhookFixture();
        await service.endpoint({ maxInFlight: 2 });
        for (let fact = 0; fact < 6; fact++) await service.fact();
        await service.fanOut();
        return service;
      },
      (service, actor) => service.dispatch(actor),
      (service) => {
        expect(service.rows('DELIVERY')).toHaveLength(6);
        const ids = service.receiver.posts.map(({ id }) => id);
        expect(new Set(ids).size).toBe(6);
        expect(ids.length).toBeLessThanOrEqual(6 + 2);
      },
    );
  }, 60_000);
});

describe('a queue that loses everything', () => {
  it('a thousand pending deliveries all arrive after a sweep when every hint was lost', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    for (let fact = 0; fact < 1_000; fact++) await service.fact();
    await service.fanOut();
    while (service.notices.take());

    await service.later(1_000);

    expect(new Set(service.receiver.posts.map(({ id }) => id)).size).toBe(1_000);
    expect(service.receiver.posts).toHaveLength(1_000);
    isWhole(service);
  }, 60_000);

  it('facts whose outbox hints were lost are delivered after a sweep', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.notices.become('down');
    await service.fact().catch(() => {});
    service.notices.become('sound');

    await service.later(1_000);

    expect(service.receiver.posts).toHaveLength(1);
  });
});
