import type { Turn } from '../../domain/memory/turn.ts';
import type { PendingTurn, Plan } from '../../domain/table/items.ts';
import { pendingKey, planKey, scopeLeaseKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { check, remove } from '../steps.ts';
import type { Lease } from './lease.ts';

/** A pending turn and the plan an earlier try saved for it. */
export interface PendingWork {
  pending: PendingTurn;
  turn: Turn;
  plan?: Plan;
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
  await commit(platform, [
    check(scopeLeaseKey(project, scope), holdsLease(lease.token)),
    remove(pendingKey(project, scope, pending.turn)),
    remove(planKey(project, scope, pending.turn)),
  ]);
};

/** Reads the pending turns of a scope with their saved plans, oldest first. Deletes work items whose turn has ended. */
export const readPendingWork = async (
  platform: Platform,
  lease: Lease,
  limit: number,
): Promise<PendingWork[]> => {
  const { project, scope } = lease;
  const pending = await readPending(platform, project, scope, limit);
  const [turns, plans] = await Promise.all([
    platform.store.getMany(pending.map(({ turn }) => turnKey(project, turn))),
    platform.store.getMany(pending.map(({ turn }) => planKey(project, scope, turn))),
  ]);
  const work: PendingWork[] = [];
  for (const [index, item] of pending.entries()) {
    const turn = turns[index];
    const plan = plans[index];
    if (turn?.state === 'pending') work.push({ pending: item, turn, ...(plan ? { plan } : {}) });
    else await deleteOrphan(platform, lease, item);
  }
  return work;
};
