import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { deliveryKey } from '../domain/table/keys.ts';
import type { CorePlatform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { holdsJob, holdsLease } from './conditions.ts';
import { update } from './steps.ts';
import { holdsRecovery } from './webhooks/conditions.ts';
import type { WithLimiterStore } from './webhooks/limiter-store.ts';

/** Due items examined; leases of later ones expire by themselves. */
const maxDueItems = 50_000;
/** No lease is longer. */
const maxLeaseMs = 60_000;
/** Deliveries per transaction, besides the limiter of their endpoint. */
const maxPerTransaction = 90;

const ofKind = <K extends ItemKind>(keys: readonly Key[], kind: K): Key<K>[] =>
  keys.filter((key): key is Key<K> => key.kind === kind);

/** Ends the leases of an endpoint's deliveries and frees every slot of its limiter: no attempt is in flight. */
const freeEndpoint = async (
  platform: WithLimiterStore,
  leased: readonly Item<'DELIVERY'>[],
): Promise<void> => {
  for (let from = 0; from < leased.length; from += maxPerTransaction) {
    const chunk = leased.slice(from, from + maxPerTransaction);
    const { project = '', endpoint = '' } = chunk[0] ?? {};
    await platform.limiterStore.update(project, endpoint, ({ limiter, now }) => ({
      limiter: { ...limiter, slots: [] },
      steps: chunk.map(({ notification, token = '' }) =>
        update(
          deliveryKey(project, notification, endpoint),
          { leaseUntil: now, dueAt: now },
          holdsLease(token),
        ),
      ),
      value: undefined,
    }));
  }
};

const freeDeliveries = async (platform: WithLimiterStore, keys: readonly Key[]): Promise<void> => {
  const { store, clock } = platform;
  const stored = await store.getMany(ofKind(keys, 'DELIVERY'));
  const leased = stored
    .filter((item) => item !== undefined)
    .filter(({ state, leaseUntil = 0 }) => state === 'leased' && leaseUntil > clock.now());
  const byEndpoint = Map.groupBy(leased, ({ project, endpoint }) => `${project} ${endpoint}`);
  for (const deliveries of byEndpoint.values()) await freeEndpoint(platform, deliveries);
};

const freeJobs = async (platform: CorePlatform, keys: readonly Key[]): Promise<void> => {
  const { store, clock } = platform;
  const now = clock.now();
  const recoveries = ofKind(keys, 'RECOVERY');
  for (const key of [...ofKind(keys, 'JOB'), ...ofKind(keys, 'DERIVE')]) {
    const job = await store.get(key);
    if (job?.token !== undefined)
      await commit(platform, [update(key, { leaseUntil: now, dueAt: now }, holdsJob(job.token))]);
  }
  for (const [index, recovery] of (await store.getMany(recoveries)).entries()) {
    const key = recoveries[index];
    if (key && recovery?.token !== undefined)
      await commit(platform, [
        update(key, { leaseUntil: now, dueAt: now }, holdsRecovery(recovery.token)),
      ]);
  }
};

/**
 * Ends the leases of attempts, recoveries and jobs that a process held when it ended, so that their work continues with the
 * next sweep instead of after the leases expire. Only for a caller that knows that no other process works on this store. An
 * interrupted attempt counts as it would have after its lease expired. Safe to repeat.
 */
export const releaseStaleDispatchLeases = async (platform: WithLimiterStore): Promise<void> => {
  const { store, clock } = platform;
  const due = await store.due({
    class: 'work',
    until: clock.now() + maxLeaseMs,
    limit: maxDueItems,
  });
  const keys = due.map(({ key }) => key);
  await freeDeliveries(platform, keys);
  await freeJobs(platform, keys);
};
