import { describe, expect, it } from 'vitest';
import { freeAbandonedLeases } from '../../../shared/core/abandoned-leases.ts';
import { startReindex } from '../../../shared/core/jobs/reindex.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { getRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { eventKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { begun } from '../../support/begun.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, type StoreCall } from '../../support/intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A process that is killed once it has written what is meant; what it does afterwards never happens. */
const killedAfter = (
  { platform }: WebhookFixture,
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
const restarted = async (service: WebhookFixture): Promise<FullPlatform> => {
  const next = { ...service.platform, store: interceptStore(service.platform.store, {}) };
  await freeAbandonedLeases({ ...next, limiterStore: createLimiterStore(next) });
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
    const service = openWebhookFixture();
    await service.endpoint(asked);
    for (let fact = 0; fact < facts; fact++) await service.fact();
    await service.fanOut();
    service.receiver.usually(new Promise<number>(() => {}));
    const { process } = killedAfter(service, () => false);
    void Promise.all(service.begin(process));
    await service.settle();
    const before = service.receiver.posts.length;
    const leased = service.deliveries().filter(({ state }) => state === 'leased').length;

    service.receiver.usually(200);
    const next = await restarted(service);
    await service.later(0, next);

    expect(before).toBeGreaterThan(0);
    expect(leased).toBe(before);
    expect(service.deliveries().map(({ state }) => state)).toEqual(Array(facts).fill('succeeded'));
    expect(service.receiver.posts).toHaveLength(before + facts);
  });

  it('probes an endpoint whose probe was cut off', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    service.receiver.usually('connect_refused');
    for (let fact = 0; fact < 6; fact++) await service.fact();
    await service.tell();
    await service.clock.advance(31_000);
    await sweep(service.platform);
    service.receiver.usually(new Promise<number>(() => {}));
    const { process } = killedAfter(service, () => false);
    void Promise.all(service.begin(process));
    await service.settle();
    const { slots } = await service.limiter(endpoint);

    service.receiver.usually(200);
    await service.later(0, await restarted(service));

    expect(slots).toHaveLength(1);
    expect((await service.limiter(endpoint)).breaker.openUntil).toBeUndefined();
  });

  it('goes on with a recovery', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await service.fact();
    await service.tell();
    const recovery = begun(
      await startRecovery(service.platform, project, id, { which: 'all', since: 0 }),
    );
    const { process, killed } = killedAfter(service, claims('RECOVERY'));
    void Promise.all(service.begin(process));
    await killed;

    await service.later(0, await restarted(service));

    const view = await getRecovery(service.platform, project, id, recovery.id);
    expect(view).toMatchObject({ state: 'succeeded', counts: { recovered: 1 } });
  });

  it('goes on with a job', async () => {
    const service = openWebhookFixture();
    const job = await startReindex(service.platform, project);
    const { process, killed } = killedAfter(service, claims('JOB'));
    void service.work(process);
    await killed;

    await service.later(0, await restarted(service));
    await service.work();

    const event = await service.store.get(eventKey(project, job));
    expect(event?.status).toBe('SUCCEEDED');
  });

  it('leaves what waits for its schedule as it is', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.usually(500);
    await service.fact();
    await service.tell();
    const before = service.rows('DELIVERY');

    await restarted(service);

    expect(service.rows('DELIVERY')).toEqual(before);
  });
});
