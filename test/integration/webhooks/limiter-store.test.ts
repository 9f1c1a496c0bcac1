import { describe, expect, it } from 'vitest';
import { check } from '../../../shared/core/steps.ts';
import { endpointIsAt } from '../../../shared/core/webhooks/conditions.ts';
import { pauseEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { endpointKey } from '../../../shared/domain/table/keys.ts';
import { markQueued } from '../../../shared/domain/webhooks/endpoint-limiter.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { openWebhookFixture } from '../../support/webhook-fixture.ts';

/** An endpoint, and a limiter store whose transactions are counted. */
const openCounted = async () => {
  const service = openWebhookFixture();
  const { id } = await service.endpoint();
  let transactions = 0;
  let commitAllowed = Promise.resolve();
  const store = interceptStore(service.store, {
    before: async ({ method }) => {
      if (method !== 'transact') return;
      transactions += 1;
      await commitAllowed;
    },
  });
  const process = { ...service.platform, store };
  const platform = { ...process, limiterStore: createLimiterStore(process) };
  const queueOne = (limiterStore = platform.limiterStore) =>
    limiterStore.update(project, id, ({ limiter }) => ({
      limiter: markQueued(limiter, 0),
      value: undefined,
    }));
  /** Suspends every transaction until the returned function is called. */
  const suspendCommits = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    commitAllowed = promise;
    return resolve;
  };
  return { service, id, platform, queueOne, suspendCommits, transactions: () => transactions };
};

describe('the limiter store', () => {
  it('concurrent updates of one endpoint share a transaction', async () => {
    const { service, id, queueOne, transactions } = await openCounted();

    const results = await Promise.all([queueOne(), queueOne(), queueOne()]);

    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    expect(transactions()).toBe(1);
    expect((await service.limiter({ id })).backlogVersion).toBe(3);
  });

  it('updates of API and dispatcher that arrive during a commit share the next transaction', async () => {
    const { service, id, platform, queueOne, suspendCommits, transactions } = await openCounted();
    const resume = suspendCommits();

    const first = queueOne();
    await service.settle();
    const others = [pauseEndpoint(platform, project, id), queueOne(), queueOne()];
    await service.settle();
    resume();
    await Promise.all([first, ...others]);

    expect(transactions()).toBe(2);
    expect((await service.limiter({ id })).backlogVersion).toBe(3);
    expect(await service.store.get(endpointKey(project, id))).toMatchObject({ status: 'paused' });
  });

  it('updates through two limiter stores are all applied', async () => {
    const { service, id, platform, queueOne } = await openCounted();
    const other = createLimiterStore(platform);

    await Promise.all([queueOne(), queueOne(other), queueOne(), queueOne(other)]);

    expect((await service.limiter({ id })).backlogVersion).toBe(4);
  });

  it('an update whose own condition fails is refused, and the others are applied', async () => {
    const { service, id, platform, queueOne } = await openCounted();
    const stale = platform.limiterStore.update(project, id, ({ limiter }) => ({
      limiter: { ...limiter, endpointDeleted: true },
      steps: [check(endpointKey(project, id), endpointIsAt(99))],
      value: undefined,
    }));

    const [refused, applied] = await Promise.all([stale, queueOne()]);

    expect(refused).toEqual({ outcome: 'refused' });
    expect(applied.outcome).toBe('done');
    expect(await service.limiter({ id })).not.toHaveProperty('endpointDeleted');
  });

  it('an update of an unknown endpoint is refused as deleted', async () => {
    const { platform } = await openCounted();

    const updated = await platform.limiterStore.update(project, 'whe_none', ({ limiter }) => ({
      limiter,
      value: undefined,
    }));

    expect(updated).toEqual({ outcome: 'endpoint_deleted' });
  });
});
