import { endpointKey, recoveryKey } from '../../domain/keys.ts';
import type { Recoverable, Recovery } from '../../domain/recovery.ts';
import type { Backstage } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { recoveryRuns } from '../conditions.ts';
import { oldestOf } from '../delivery/days.ts';
import { everyPage } from '../every-page.ts';
import { hint } from '../hint.ts';
import { countOne, type Full } from '../quota.ts';
import { retention } from '../retention.ts';
import { put, update } from '../steps.ts';

type Reader = Pick<Backstage, 'store'>;

export const getRecovery = async (
  { store }: Reader,
  project: string,
  endpoint: string,
  id: string,
): Promise<Recovery | undefined> => store.get(recoveryKey(project, endpoint, id));

/** Newest first; undefined when there is no such endpoint. */
export const listRecoveries = async (
  { store }: Reader,
  project: string,
  endpoint: string,
): Promise<Recovery[] | undefined> => {
  if (!(await store.get(endpointKey(project, endpoint)))) return undefined;
  const { pk } = recoveryKey(project, endpoint, '');
  const items = await everyPage((from) =>
    store.query({ kind: 'RECOVERY', pk, prefix: 'RECOVERY#', newestFirst: true, ...from }),
  );
  return items.map(({ item }) => item);
};

const hintAt = (platform: Backstage, { project, endpoint, id }: Recovery): Promise<void> =>
  hint(platform, [{ v: 1, kind: 'recovery', project, endpoint, recovery: id }]);

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
  platform: Backstage,
  project: string,
  endpoint: string,
  { which = 'failed', since, until }: { which?: Recoverable; since: number; until?: number },
): Promise<Recovery | Full | undefined> => {
  const { store, ids, clock, policy } = platform;
  if (!(await store.get(endpointKey(project, endpoint)))) return undefined;
  const now = clock.now();
  const recovery: Recovery = {
    id: `rcv_${ids.next().replaceAll('-', '')}`,
    project,
    endpoint,
    state: 'running',
    which,
    since: Math.max(since, oldestOf(now, policy.retainDeliveriesDays)),
    until: Math.min(until ?? now, now),
    counts: { examined: 0, recovered: 0 },
    createdAt: now,
    updatedAt: now,
  };
  const kept = retention(policy.retainDeliveriesDays, now);
  const name = `${endpoint} ${recovery.id}`;
  for (;;) {
    const running = stillRunning(platform, project);
    const counted = await countOne(platform, project, 'recoveries', name, running);
    if ('outcome' in counted) return counted;
    const { committed } = await commit(platform, [
      put(recoveryKey(project, endpoint, recovery.id), { ...recovery, ...kept, dueAt: now }),
      counted,
    ]);
    if (!committed) continue;
    await hintAt(platform, recovery);
    return recovery;
  }
};

/** Ends a recovery that runs: nothing more is put in line, and what waits there untried goes back to what it was. */
export const cancelRecovery = async (
  platform: Backstage,
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
