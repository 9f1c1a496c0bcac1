import { releasedBy, type ScopeTasks } from '../../domain/processing.ts';
import { pendingKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { itemExists } from '../conditions.ts';
import { findRelease, type Release } from '../processing/find-release.ts';
import { changeTasks } from '../processing/scope-tasks.ts';
import { update } from '../steps.ts';
import { commitUnderLease, type Lease } from './lease.ts';
import { type PendingWork, readPending, readPendingWork, type ScopeWork } from './pending-turns.ts';
import { settleTasks } from './task-progress.ts';

/** Due times changed by one transaction. */
const maxDueTimes = 90;

/** Gives waiting turns their due time: the latest idle time has one, further turns none. A turn that has ended is left alone. */
const setDueTimes = async (
  platform: Platform,
  lease: Lease,
  misdue: Release['misdue'],
): Promise<'on_hold' | 'changed'> => {
  const { project, scope } = lease;
  for (let at = 0; at < misdue.length; at += maxDueTimes) {
    const steps = misdue
      .slice(at, at + maxDueTimes)
      .map(({ pending, dueAt }) =>
        update(
          pendingKey(project, scope, pending.turn),
          dueAt === undefined ? {} : { dueAt },
          itemExists,
          dueAt === undefined ? ['dueAt'] : [],
        ),
      );
    if (!(await commitUnderLease(platform, lease, steps)).committed) return 'changed';
  }
  return 'on_hold';
};

/** Stores that held turns are released, since the rest of them would not reach the threshold once some are refined. */
const storeRelease = async (
  platform: Platform,
  lease: Lease,
  tasks: ScopeTasks | undefined,
  through: string,
): Promise<void> => {
  const { step } = changeTasks(platform, lease, tasks, {
    open: tasks?.open ?? [],
    releasedThrough: through,
  });
  await commitUnderLease(platform, lease, [step]);
};

/** Releases the turns at the head of a queue that waits, or sets the due times of the wait. */
const hold = async (
  platform: Platform,
  lease: Lease,
  { work, oldest, tasks }: ScopeWork,
): Promise<PendingWork[] | 'on_hold' | 'changed'> => {
  const { project, scope } = lease;
  const { through, isReached, misdue } = await findRelease(platform, project, scope, tasks);
  if (through !== undefined) {
    if (!isReached) return work.filter(({ turn }) => turn.id <= through);
    await storeRelease(platform, lease, tasks, through);
    return 'changed';
  }
  const settled = await settleTasks(platform, lease, tasks, { oldest, isOnHold: true });
  return settled === 'changed' ? settled : setDueTimes(platform, lease, misdue);
};

/** The turns of `work` that do not wait or that a request or an earlier decision releases, and every older one. */
const released = ({ work, tasks }: ScopeWork): PendingWork[] => {
  const free = work.findLast(({ pending }) => !pending.hold)?.turn.id ?? '';
  const through = [free, releasedBy(tasks) ?? ''].sort().at(-1) ?? '';
  return work.filter(({ turn }) => turn.id <= through);
};

/**
 * The oldest pending turn as of after the tasks were read. A task may cover turns that came between the two reads of `pending`, so its
 * end is decided by a later read.
 */
const oldestAfter = async (
  platform: Platform,
  { project, scope }: Lease,
  { oldest, tasks }: ScopeWork,
): Promise<string | undefined> =>
  tasks ? (await readPending(platform, project, scope, 1))[0]?.turn : oldest;

/**
 * Reads the oldest pending turns that may be refined now, after ending the tasks that are done. `on_hold`: none may, and their due times
 * say when one may; `continue`: something changed meanwhile, read again. Safe to repeat after a crash: a release by number or idle
 * time is stored before any of its turns is refined.
 * @throws LeaseLost
 */
export const readReleasedWork = async (
  platform: Platform,
  lease: Lease,
  limit: number,
): Promise<ScopeWork | { state: 'drained' | 'on_hold' | 'continue' }> => {
  const pending = await readPendingWork(platform, lease, limit);
  const oldest = await oldestAfter(platform, lease, pending);
  const settled = await settleTasks(platform, lease, pending.tasks, { oldest });
  if (settled === 'changed') return { state: 'continue' };
  if (oldest === undefined) return { state: 'drained' };
  // The turns came since the read, or the items that were read were those of turns that have ended.
  if (pending.work.length === 0) return { state: 'continue' };
  const current = { ...pending, oldest, tasks: settled.tasks };
  const ready = released(current);
  if (ready.length > 0) return { ...current, work: ready };
  const work = await hold(platform, lease, current);
  if (work === 'on_hold') return { state: 'on_hold' };
  return work === 'changed' ? { state: 'continue' } : { ...current, work };
};
