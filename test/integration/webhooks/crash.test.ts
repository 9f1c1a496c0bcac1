import { describe, expect, it } from 'vitest';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';

class Crash extends Error {}

/** A process that ends at its n-th call of the store: before the store sees it, or before the answer is seen. */
const dying = ({ platform }: WebhookWorld, n: number, when: 'before' | 'after'): FullPlatform => {
  const end = ({ at }: { at: number }) => {
    if (at >= n) throw new Crash('The process ended.');
  };
  const store = interceptStore(
    platform.store,
    when === 'before' ? { before: end } : { after: end },
  );
  return { ...platform, store };
};

/** Sweeps until whatever the crash left behind has run out. */
const recover = async (world: WebhookWorld) => {
  for (let sweep = 0; sweep < 3; sweep++) await world.later(31_000);
};

const isWhole = (world: WebhookWorld) => {
  for (const { item } of world.rows('DELIVERY')) expect(item).toMatchObject({ state: 'succeeded' });
  for (const kind of ['DELIVERY', 'GATE', 'OUTBOX'] as const)
    for (const { item } of world.rows(kind)) expect(item).not.toHaveProperty('dueAt');
  expect(world.rows('OUTBOX')).toEqual([]);
  expect(world.rows('PARK')).toEqual([]);
};

/** Runs an act that crashes at each of its calls in turn; how many there were. */
const atEveryCall = async (
  prepare: () => Promise<WebhookWorld>,
  act: (world: WebhookWorld, who: FullPlatform) => Promise<unknown>,
  verify: (world: WebhookWorld) => unknown,
): Promise<number> => {
  for (let n = 0; ; n++) {
    let isOver = true;
    for (const when of ['before', 'after'] as const) {
      const world = await prepare();
      try {
        await act(world, dying(world, n, when));
      } catch {
        isOver = false;
      }
      await recover(world);
      isWhole(world);
      await verify(world);
    }
    if (isOver) return n;
  }
};

describe('a crash at any await', () => {
  it('of fan-out loses nothing and makes nothing twice', async () => {
    const calls = await atEveryCall(
      async () => {
        const world = openWebhookWorld();
        await world.endpoint({ url: 'https://a.example.com/' });
        await world.endpoint({ url: 'https://b.example.com/' });
        await world.endpoint({ url: 'https://c.example.com/', ordered: true });
        await world.fact();
        return world;
      },
      async (world, who) => {
        const hint = world.notices.take();
        if (hint) await world.perform(hint, who);
      },
      (world) => {
        expect(world.rows('NOTIFICATION')).toHaveLength(1);
        expect(world.rows('DELIVERY')).toHaveLength(3);
        expect(world.receiver.posts).toHaveLength(3);
      },
    );

    expect(calls).toBeGreaterThan(4);
  }, 60_000);

  it('of an attempt costs at most one more POST, under the same id', async () => {
    const calls = await atEveryCall(
      async () => {
        const world = openWebhookWorld();
        await world.endpoint();
        await world.fact();
        await world.fanOut();
        return world;
      },
      (world, who) => world.tell(who),
      (world) => {
        expect(world.receiver.posts.length).toBeLessThanOrEqual(2);
        expect(new Set(world.receiver.posts.map(({ id }) => id)).size).toBe(1);
      },
    );

    expect(calls).toBeGreaterThan(6);
  }, 60_000);

  it('of an attempt that fails spends at most one try', async () => {
    await atEveryCall(
      async () => {
        const world = openWebhookWorld();
        await world.endpoint();
        await world.fact();
        await world.fanOut();
        world.receiver.next(500);
        return world;
      },
      (world, who) => world.tell(who),
      async (world) => {
        const { delivery } = await world.delivery();
        expect(delivery.scheduledAttempts).toBeLessThanOrEqual(1);
        expect(world.receiver.posts.length).toBeLessThanOrEqual(3);
      },
    );
  }, 60_000);

  it('of draining a line loses none of those in it', async () => {
    await atEveryCall(
      async () => {
        const world = openWebhookWorld();
        await world.endpoint({ maxInFlight: 2 });
        for (let fact = 0; fact < 6; fact++) await world.fact();
        await world.fanOut();
        return world;
      },
      (world, who) => world.tell(who),
      (world) => {
        expect(world.rows('DELIVERY')).toHaveLength(6);
        const ids = world.receiver.posts.map(({ id }) => id);
        expect(new Set(ids).size).toBe(6);
        expect(ids.length).toBeLessThanOrEqual(6 + 2);
      },
    );
  }, 60_000);
});

describe('a queue that loses everything', () => {
  it('a thousand pending deliveries all arrive after a sweep', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    for (let fact = 0; fact < 1_000; fact++) await world.fact();
    await world.fanOut();
    while (world.notices.take());

    await world.later(1_000);

    expect(new Set(world.receiver.posts.map(({ id }) => id)).size).toBe(1_000);
    expect(world.receiver.posts).toHaveLength(1_000);
    isWhole(world);
  }, 60_000);

  it('facts that nobody was told of are told after a sweep', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.notices.become('down');
    await world.fact().catch(() => {});
    world.notices.become('sound');

    await world.later(1_000);

    expect(world.receiver.posts).toHaveLength(1);
  });
});
