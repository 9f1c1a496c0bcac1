import type { Turn } from '../../domain/memory/turn.ts';
import type { ScopeTasks } from '../../domain/processing.ts';
import type { PendingTurn, Plan } from '../../domain/table/items.ts';
import { pendingKey, planKey, turnKey } from '../../domain/table/keys.ts';
import { scopeTasksKey } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { workIsLeft } from '../conditions.ts';
import { remove, update } from '../steps.ts';
import { fence, type Lease, LeaseLost } from './lease.ts';

/** A pending turn and the plan an earlier try saved for it. */
export interface PendingWork {
  pending: PendingTurn;
  turn: Turn;
  plan?: Plan;
  /** The plan is in an item of its own. */
  hasPlanItem?: true;
}

/**
 * Reads the oldest pending turns of a scope, strongly consistent; none only when none is left. May return fewer than
 * `limit`.
 */
export const readPending = async (
  { store }: Platform,
  project: string,
  scope: string,
  limit: number,
): Promise<PendingTurn[]> => {
  const { pk } = pendingKey(project, scope, '');
  const range = { kind: 'PEND', pk, prefix: 'PEND#', limit } as const;
  let page = await store.query(range);
  // An empty page with a `next` is not the end: stopping there would lose a wake-up. A short page is enough: a next page
  // could miss an older turn that was committed between the two reads.
  while (page.next !== undefined && page.items.length === 0)
    page = await store.query({ ...range, after: page.next });
  return page.items.map(({ item }) => item);
};

/** Deletes the work item and the plan of a turn that is no longer pending. */
const deleteOrphan = async (
  platform: Platform,
  lease: Lease,
  pending: PendingTurn,
): Promise<void> => {
  const { project, scope } = lease;
  const { committed } = await commit(platform, [
    fence(lease),
    remove(pendingKey(project, scope, pending.turn)),
    remove(planKey(project, scope, pending.turn)),
  ]);
  if (!committed) throw new LeaseLost(scope);
};

/** The oldest pending turns of a scope, and its open tasks. */
export interface ScopeWork {
  work: PendingWork[];
  /** No turn that is older is pending; undefined when none is. */
  oldest: string | undefined;
  /** As they were after the turns were read. */
  tasks: ScopeTasks | undefined;
}

/**
 * Reads the pending turns of a scope with their saved plans, oldest first, and then its open tasks. Deletes work items whose turn has
 * ended.
 */
export const readPendingWork = async (
  platform: Platform,
  lease: Lease,
  limit: number,
): Promise<ScopeWork> => {
  const { project, scope } = lease;
  const { store } = platform;
  const pending = await readPending(platform, project, scope, limit);
  const tasksKey = scopeTasksKey(project, scope);
  const planKeys = pending.map(({ turn }) => planKey(project, scope, turn));
  const [turns, plans] = await Promise.all([
    store.getMany(pending.map(({ turn }) => turnKey(project, turn))),
    store.getMany<'PLAN' | 'TASKS'>([...planKeys, tasksKey]),
  ]);
  const tasks = plans.at(-1);
  const work: PendingWork[] = [];
  for (const [index, item] of pending.entries()) {
    const turn = turns[index];
    const stored = plans[index];
    if (turn?.state !== 'pending') {
      await deleteOrphan(platform, lease, item);
      continue;
    }
    const { plan = undefined, ...pending } = item;
    if (stored && 'changes' in stored)
      work.push({ pending, turn, plan: stored, hasPlanItem: true });
    else work.push({ pending, turn, ...(plan && { plan }) });
  }
  const oldest = pending[0]?.turn;
  return { work, oldest, tasks: tasks && 'open' in tasks ? tasks : undefined };
};

/** Removes a plan that is out of date, so that its turn is decided again. Refused without effect once the lease was lost, or the turn ended. */
export const discardPlan = async (
  platform: Platform,
  lease: Lease,
  { turn, hasPlanItem }: PendingWork,
): Promise<void> => {
  const { project, scope } = lease;
  // A work item that is gone was deleted with both forms of the plan.
  await commit(platform, [
    fence(lease),
    update(pendingKey(project, scope, turn.id), {}, workIsLeft, ['plan']),
    ...(hasPlanItem ? [remove(planKey(project, scope, turn.id))] : []),
  ]);
};
