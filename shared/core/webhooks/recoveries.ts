import { endpointKey, projectKey, recoveryKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { Recoverable, Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { itemsUpTo } from '../pagination.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { recoveryRuns } from './conditions.ts';
import { retentionStart } from './time-index.ts';

type Reader = Pick<CorePlatform, 'store'>;

/** Returns a recovery; undefined when there is none. */
export const getRecovery = async (
  { store }: Reader,
  project: string,
  endpoint: string,
  id: string,
): Promise<Recovery | undefined> => store.get(recoveryKey(project, endpoint, id));

/**
 * Returns a page of recoveries, newest first; undefined when there is no such endpoint.
 * @param after id of a recovery: only older ones are returned
 */
export const listRecoveries = async (
  { store }: Reader,
  project: string,
  endpoint: string,
  { limit, after }: { limit: number; after?: string },
): Promise<{ recoveries: Recovery[]; next?: string } | undefined> => {
  if (!(await store.get(endpointKey(project, endpoint)))) return undefined;
  const { pk, sk: prefix } = recoveryKey(project, endpoint, '');
  const start = after === undefined ? {} : { from: recoveryKey(project, endpoint, after).sk };
  // The range includes `after`, which is left out; one more shows whether there is a next page.
  const items = await itemsUpTo(limit + 2, ({ after: cursor, ...range }) =>
    store.query({
      ...{ kind: 'RECOVERY', pk, prefix, newestFirst: true, ...range },
      ...(cursor === undefined ? start : { after: cursor }),
    }),
  );
  const found = items.map(({ item }) => item).filter(({ id }) => id !== after);
  const recoveries = found.slice(0, limit);
  const last = recoveries.at(-1);
  return { recoveries, ...(found.length > limit && last ? { next: last.id } : {}) };
};

const enqueueRecovery = (
  platform: CorePlatform,
  { project, endpoint, id }: Recovery,
): Promise<void> => enqueueHints(platform, [hints.recovery(project, endpoint, id)]);

/** Upper bound on the difference between two machines' clocks. */
const maxClockSkewMs = 60_000;

/** Earliest time of a candidate: deliveries start with the endpoint, notifications with the project. */
const earliestCandidateAt = async (
  { store }: Reader,
  { project, createdAt }: Endpoint,
  which: Recoverable,
): Promise<number> => {
  if (which === 'failed') return createdAt - maxClockSkewMs;
  const owner = await store.get(projectKey(project));
  return owner ? owner.createdAt - maxClockSkewMs : 0;
};

/** Filters recoveries, named by endpoint and id, by whether work is left. */
const stillRunning =
  ({ store }: Reader, project: string) =>
  async (names: readonly string[]): Promise<string[]> => {
    const keys = names.map((name) => {
      const [endpoint = '', id = ''] = name.split(' ');
      return recoveryKey(project, endpoint, id);
    });
    const recoveries = await store.getMany(keys);
    return names.filter((_, index) => recoveries[index]?.dueAt !== undefined);
  };

/**
 * Starts a recovery: the notifications from `since` until now, or `until`, are delivered again in the background. Undefined
 * when there is no such endpoint. Not idempotent: a retry starts another recovery.
 */
export const startRecovery = async (
  platform: CorePlatform,
  project: string,
  endpoint: string,
  { which = 'failed', since, until }: { which?: Recoverable; since: number; until?: number },
): Promise<Recovery | QuotaExceeded | undefined> => {
  const { store, ids, clock, policy } = platform;
  const receiver = await store.get(endpointKey(project, endpoint));
  if (!receiver) return undefined;
  const now = clock.now();
  const kept = retentionStart(now, policy.retainDeliveriesDays);
  const recovery: Recovery = {
    id: `rcv_${ids.next().replaceAll('-', '')}`,
    project,
    endpoint,
    state: 'running',
    which,
    since: Math.max(since, kept, await earliestCandidateAt(platform, receiver, which)),
    until: Math.min(until ?? now, now),
    counts: { candidates: 0, recovered: 0 },
    createdAt: now,
    updatedAt: now,
  };
  const expiry = retention(policy.retainDeliveriesDays, now);
  const name = `${endpoint} ${recovery.id}`;
  for (;;) {
    const running = stillRunning(platform, project);
    const counted = await countOne(platform, project, 'recoveries', name, running);
    if ('outcome' in counted) return counted;
    const { committed } = await commit(platform, [
      put(recoveryKey(project, endpoint, recovery.id), { ...recovery, ...expiry, dueAt: now }),
      counted,
    ]);
    if (!committed) continue;
    await enqueueRecovery(platform, recovery);
    return recovery;
  }
};

/**
 * Cancels a running recovery: nothing more is queued, and deliveries it queued that were not tried yet are restored in the
 * background. Returns the recovery as stored. Safe to repeat.
 */
export const cancelRecovery = async (
  platform: CorePlatform,
  project: string,
  endpoint: string,
  id: string,
): Promise<Recovery | undefined> => {
  const key = recoveryKey(project, endpoint, id);
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(
      key,
      { state: 'cancelled', updatedAt: now, completedAt: now, dueAt: now },
      recoveryRuns,
      ['token', 'leaseUntil'],
    ),
  ]);
  const recovery = await platform.store.get(key);
  if (committed && recovery) await enqueueRecovery(platform, recovery);
  return recovery;
};
