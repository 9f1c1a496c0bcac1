import { endpointKey, projectKey, recoveryKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { Recoverable, Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { recoveryRuns } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { itemsUpTo } from '../pagination.ts';
import { countOne, type Full } from '../projects/quota.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { retentionStart } from './time-index.ts';

type Reader = Pick<CorePlatform, 'store'>;

export const getRecovery = async (
  { store }: Reader,
  project: string,
  endpoint: string,
  id: string,
): Promise<Recovery | undefined> => store.get(recoveryKey(project, endpoint, id));

/**
 * A page, newest first; undefined when there is no such endpoint.
 * @param after the id of a recovery: only older ones
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
  // One more shows whether there is a next page; the one that was last is read again, and left out.
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

const hintAt = (platform: CorePlatform, { project, endpoint, id }: Recovery): Promise<void> =>
  enqueueHints(platform, [hints.recovery(project, endpoint, id)]);

/** The clocks of two machines differ by less. */
const skewMs = 60_000;

/** Before that there is nothing to look at: neither deliveries to an endpoint, nor notifications of a project. */
const bornAt = async (
  { store }: Reader,
  { project, createdAt }: Endpoint,
  which: Recoverable,
): Promise<number> => {
  if (which === 'failed') return createdAt - skewMs;
  const owner = await store.get(projectKey(project));
  return owner ? owner.createdAt - skewMs : 0;
};
/** Of recoveries, named by their endpoints and ids, those with work left. */
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

/** Starts to deliver again what was told from `since` until now, or `until`; undefined when there is no such endpoint. */
export const startRecovery = async (
  platform: CorePlatform,
  project: string,
  endpoint: string,
  { which = 'failed', since, until }: { which?: Recoverable; since: number; until?: number },
): Promise<Recovery | Full | undefined> => {
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
    since: Math.max(since, kept, await bornAt(platform, receiver, which)),
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
    await hintAt(platform, recovery);
    return recovery;
  }
};

/** Ends a recovery that runs: nothing more is put in line, and what waits there untried goes back to what it was. */
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
  if (committed && recovery) await hintAt(platform, recovery);
  return recovery;
};
