import { describe, expect, it } from 'vitest';
import { freeAbandonedLeases } from '../../../shared/core/abandoned-leases.ts';
import { startReindex } from '../../../shared/core/jobs/reindex.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { getRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { eventKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { begun } from '../../support/begun.ts';
import { interceptStore, type StoreCall } from '../../support/intercepted-store.ts';
import { openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

/** A process that is killed once it has written what is meant; what it does afterwards never happens. */
const killedAfter = (
  { platform }: WebhookWorld,
  isMeant: (call: StoreCall) => boolean,
): { process: FullPlatform; killed: Promise<void> } => {
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
  let isOver = false;
  const never = new Promise<void>(() => {});
  const store = interceptStore(platform.store, {
    before: async () => (isOver ? never : undefined),
    after: async (call) => {
      if (!isMeant(call)) return;
      isOver = true;
      kill();
      await never;
    },
  });
  return { process: { ...platform, store }, killed };
};

/** The service that starts next, on the same data; no time has gone by. */
const restarted = async (world: WebhookWorld): Promise<FullPlatform> => {
  const next = { ...world.platform, store: interceptStore(world.platform.store, {}) };
  await freeAbandonedLeases(next);
  return next;
};

const claims =
  (kind: 'RECOVERY' | 'JOB') =>
  ({ steps }: StoreCall): boolean =>
    steps.some((step) => step.op === 'update' && step.key.kind === kind && 'token' in step.set);

describe('a start after a process was killed', () => {
  it.each([
    ['an endpoint with every slot taken', { maxInFlight: 2 }, 5],
    ['an ordered endpoint', { ordered: true }, 3],
    ['an endpoint with a slot left', {}, 3],
  ])('delivers at once to %s', async (_, asked, facts) => {
    const world = openWebhookWorld();
    await world.endpoint(asked);
    for (let fact = 0; fact < facts; fact++) await world.fact();
    await world.fanOut();
    world.receiver.usually(new Promise<number>(() => {}));
    const { process } = killedAfter(world, () => false);
    void Promise.all(world.begin(process));
    await world.settle();
    const before = world.receiver.posts.length;
    const leased = world.deliveries().filter(({ state }) => state === 'leased').length;

    world.receiver.usually(200);
    const next = await restarted(world);
    await world.later(0, next);

    expect(before).toBeGreaterThan(0);
    expect(leased).toBe(before);
    expect(world.deliveries().map(({ state }) => state)).toEqual(Array(facts).fill('succeeded'));
    expect(world.receiver.posts).toHaveLength(before + facts);
  });

  it('probes an endpoint whose probe was cut off', async () => {
    const world = openWebhookWorld();
    const endpoint = await world.endpoint();
    world.receiver.usually('connect_refused');
    for (let fact = 0; fact < 6; fact++) await world.fact();
    await world.tell();
    await world.clock.advance(31_000);
    await sweep(world.platform);
    world.receiver.usually(new Promise<number>(() => {}));
    const { process } = killedAfter(world, () => false);
    void Promise.all(world.begin(process));
    await world.settle();
    const { slots } = await world.gate(endpoint);

    world.receiver.usually(200);
    await world.later(0, await restarted(world));

    expect(slots).toHaveLength(1);
    expect((await world.gate(endpoint)).breaker.openUntil).toBeUndefined();
  });

  it('goes on with a recovery', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await world.fact();
    await world.tell();
    const recovery = begun(
      await startRecovery(world.platform, project, id, { which: 'all', since: 0 }),
    );
    const { process, killed } = killedAfter(world, claims('RECOVERY'));
    void Promise.all(world.begin(process));
    await killed;

    await world.later(0, await restarted(world));

    const view = await getRecovery(world.platform, project, id, recovery.id);
    expect(view).toMatchObject({ state: 'succeeded', counts: { recovered: 1 } });
  });

  it('goes on with a job', async () => {
    const world = openWebhookWorld();
    const job = await startReindex(world.platform, project);
    const { process, killed } = killedAfter(world, claims('JOB'));
    void world.work(process);
    await killed;

    await world.later(0, await restarted(world));
    await world.work();

    const event = await world.store.get(eventKey(project, job));
    expect(event?.status).toBe('SUCCEEDED');
  });

  it('leaves what waits for its schedule as it is', async () => {
    const world = openWebhookWorld();
    await world.endpoint();
    world.receiver.usually(500);
    await world.fact();
    await world.tell();
    const before = world.rows('DELIVERY');

    await restarted(world);

    expect(world.rows('DELIVERY')).toEqual(before);
  });
});
