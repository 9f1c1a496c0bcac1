import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { deliveryKey } from '../domain/table/keys.ts';
import type { CorePlatform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { holdsJob, holdsLease, holdsRecovery } from './conditions.ts';
import { update } from './steps.ts';
import { updateLimiter } from './webhooks/gate-keeper.ts';

/** Due items looked at; the leases of those beyond run out by themselves. */
const max = 50_000;
/** No lease is longer. */
const longestLeaseMs = 60_000;
/** Deliveries that share a transaction with the limiter of their endpoint. */
const atOnce = 90;

const ofKind = <K extends ItemKind>(keys: readonly Key[], kind: K): Key<K>[] =>
  keys.filter((key): key is Key<K> => key.kind === kind);

/** The leased ones lose their lease and their endpoint's limiter every slot: none has an attempt in flight. */
const freeEndpoint = async (
  platform: CorePlatform,
  leased: readonly Item<'DELIVERY'>[],
): Promise<void> => {
  for (let from = 0; from < leased.length; from += atOnce) {
    const some = leased.slice(from, from + atOnce);
    const { project = '', endpoint = '' } = some[0] ?? {};
    await updateLimiter(platform, project, endpoint, ({ limiter, now }) => ({
      limiter: { ...limiter, slots: [] },
      steps: some.map(({ notification, token = '' }) =>
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

const freeDeliveries = async (platform: CorePlatform, keys: readonly Key[]): Promise<void> => {
  const { store, clock } = platform;
  const deliveries = await store.getMany(ofKind(keys, 'DELIVERY'));
  const leased = deliveries
    .filter((item) => item !== undefined)
    .filter(({ state, leaseUntil = 0 }) => state === 'leased' && leaseUntil > clock.now());
  const byEndpoint = Map.groupBy(leased, ({ project, endpoint }) => `${project} ${endpoint}`);
  for (const some of byEndpoint.values()) await freeEndpoint(platform, some);
};

const freeJobs = async (platform: CorePlatform, keys: readonly Key[]): Promise<void> => {
  const { store, clock } = platform;
  const now = clock.now();
  const [jobs, recoveries] = [ofKind(keys, 'JOB'), ofKind(keys, 'RECOVERY')];
  for (const [index, job] of (await store.getMany(jobs)).entries()) {
    const key = jobs[index];
    if (key && job?.token !== undefined)
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
 * Ends the leases of attempts, recoveries and jobs that a process which is gone had claimed, so that no endpoint is
 * silent and no job stands still until they run out; the next sweep takes all of it up. Only for a caller that knows
 * that no other process works on this store. What was cut off counts as it would have when its lease ran out.
 */
export const freeAbandonedLeases = async (platform: CorePlatform): Promise<void> => {
  const { store, clock } = platform;
  const due = await store.due({ until: clock.now() + longestLeaseMs, limit: max });
  const keys = due.map(({ key }) => key);
  await freeDeliveries(platform, keys);
  await freeJobs(platform, keys);
};
