import { endpointKey, recoveryKey } from '../../domain/table/keys.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsRecovery, recoveryIsFree } from '../conditions.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { withKeyLock } from './in-turn.ts';
import { enqueueRecovered, maxPerTransaction } from './put-in-line.ts';
import { cancelRecovery } from './recoveries.ts';
import { type RecoveryCandidate, recoverablePage } from './recovery-page.ts';
import { undoRecovery } from './take-back.ts';

/** Longer than a page takes; each page renews it. */
const leaseMs = 60_000;

const takeLease = async (
  platform: CorePlatform,
  recovery: Recovery,
): Promise<string | undefined> => {
  const { project, endpoint, id } = recovery;
  const now = platform.clock.now();
  const token = platform.ids.next();
  const leaseUntil = now + leaseMs;
  const { committed } = await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { token, leaseUntil, dueAt: leaseUntil },
      recoveryIsFree(now),
    ),
  ]);
  return committed ? token : undefined;
};

/** As much of a page as one transaction can put in line. */
const fitTransaction = (page: readonly RecoveryCandidate[]): RecoveryCandidate[] => {
  let wanted = 0;
  const end = page.findIndex(({ delivery }) => {
    if (delivery) wanted += 1;
    return wanted > maxPerTransaction;
  });
  return page.slice(0, end < 0 ? page.length : end);
};

const finish = async (platform: CorePlatform, recovery: Recovery): Promise<void> => {
  const { project, endpoint, id, token = '' } = recovery;
  const now = platform.clock.now();
  await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { state: 'succeeded', updatedAt: now, completedAt: now },
      holdsRecovery(token),
      ['token', 'leaseUntil', 'dueAt'],
    ),
  ]);
};

/** Looks at the next page; false when there is nothing left to do. What moved meanwhile is looked at again. */
const nextPage = async (platform: CorePlatform, recovery: Recovery): Promise<boolean> => {
  const { project, endpoint: id } = recovery;
  const endpoint = await platform.store.get(endpointKey(project, id));
  if (!endpoint) {
    await cancelRecovery(platform, project, id, recovery.id);
    return false;
  }
  const read = await recoverablePage(platform, recovery, endpoint);
  const page = fitTransaction(read.page);
  const cursor = page.at(-1)?.at ?? read.stoppedAt;
  if (cursor === undefined) {
    await finish(platform, recovery);
    return false;
  }
  const leaseUntil = platform.clock.now() + leaseMs;
  const progress = { cursor, candidates: page.length, leaseUntil };
  if (await enqueueRecovered(platform, recovery, page, progress))
    await enqueueHints(platform, [hints.backlog(project, id)]);
  return true;
};

/** Comes back to it with a new budget. */
const release = async (platform: CorePlatform, recovery: Recovery): Promise<void> => {
  const { project, endpoint, id, token = '' } = recovery;
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { leaseUntil: now, dueAt: now },
      holdsRecovery(token),
    ),
  ]);
  if (committed) await enqueueHints(platform, [hints.recovery(project, endpoint, id)]);
};

/** From page to page, as long as it is ours and runs. */
const workThrough = async (
  platform: CorePlatform,
  { project, endpoint, id }: Recovery,
  token: string,
  { deadlineAt, signal }: Deadline,
): Promise<void> => {
  for (;;) {
    const recovery = await platform.store.get(recoveryKey(project, endpoint, id));
    if (recovery?.state !== 'running' || recovery.token !== token) return;
    if (signal.aborted || platform.clock.now() >= deadlineAt) return release(platform, recovery);
    // One page at a time in this process: several in one turn of the event loop would hold up requests.
    if (!(await withKeyLock(platform.store, 'recoveries', () => nextPage(platform, recovery))))
      return;
  }
};

/**
 * Runs a recovery until it is done, cancelled or out of time. A crash resumes at the page it happened in, once the lease
 * has run out; nothing is put in line twice, and nothing counted twice.
 */
export const runRecovery = async (
  platform: CorePlatform,
  project: string,
  endpoint: string,
  id: string,
  budget: Deadline,
): Promise<void> => {
  const asked = await platform.store.get(recoveryKey(project, endpoint, id));
  if (asked?.dueAt === undefined) return;
  if (asked.state === 'cancelled') return undoRecovery(platform, asked);
  const token = await takeLease(platform, asked);
  if (token !== undefined) await workThrough(platform, asked, token, budget);
};
