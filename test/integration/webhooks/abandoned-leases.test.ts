import { describe, expect, it } from 'vitest';
import { startReindex } from '../../../shared/core/jobs/reindex.ts';
import { releaseStaleDispatchLeases } from '../../../shared/core/stale-leases.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { getRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { eventKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { begun } from '../../support/begun.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, type StoreCall } from '../../support/intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A process that is killed right after a matching call; none of its later calls is executed. */
const killedAfter = (
  { platform }: WebhookFixture,
  matches: (call: StoreCall) => boolean,
): { process: FullPlatform; killed: Promise<void> } => {
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
  let isOver = false;
  const never = new Promise<void>(() => {});
  const store = interceptStore(platform.store, {
    before: async () => (isOver ? never : undefined),
    after: async (call) => {
      if (!matches(call)) return;
      isOver = true;
      kill();
      await never;
    },
  });
  return { process: { ...platform, store }, killed };
};

/** The next process on the same data, started without delay. */
const restarted = async (service: WebhookFixture): Promise<FullPlatform> => {
  const next = { ...service.platform, store: interceptStore(service.platform.store, {}) };
  await releaseStaleDispatchLeases({ ...next, limiterStore: createLimiterStore(next) });
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
  ])(
    'a restart delivers at once to %s whose attempts were interrupted',
    async (_, settings, facts) => {
      const service = openWebhookFixture();
      await service.endpoint(settings);
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
      expect(service.deliveries().map(({ state }) => state)).toEqual(
        Array(facts).fill('succeeded'),
      );
      expect(service.receiver.posts).toHaveLength(before + facts);
    },
  );

  it('a restart probes an endpoint again whose probe was interrupted', async () => {
    const service = openWebhookFixture();
    const endpoint = await service.endpoint();
    service.receiver.usually('connect_refused');
    for (let fact = 0; fact < 6; fact++) await service.fact();
    await service.dispatch();
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

  it('a restart continues a recovery whose process was killed', async () => {
    const service = openWebhookFixture();
    const { id } = await service.endpoint();
    await service.fact();
    await service.dispatch();
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

  it('a restart continues a job whose process was killed', async () => {
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

  it('a restart leaves deliveries alone that wait for their schedule', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.receiver.usually(500);
    await service.fact();
    await service.dispatch();
    const before = service.rows('DELIVERY');

    await restarted(service);

    expect(service.rows('DELIVERY')).toEqual(before);
  });
});
