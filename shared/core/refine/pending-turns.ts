import type { Turn } from '../../domain/memory/turn.ts';
import type { Pending, Plan } from '../../domain/table/items.ts';
import { headKey, pendingKey, planKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { check, remove } from '../steps.ts';
import type { Lease } from './lease.ts';

/** A pending turn and the plan an earlier try saved for it. */
export interface PendingWork {
  pending: Pending;
  turn: Turn;
  plan?: Plan;
}

/** The oldest pending turns of a scope, strongly consistent. */
export const readPending = async (
  { store }: Platform,
  project: string,
  scope: string,
  limit: number,
): Promise<Pending[]> => {
  const { pk } = pendingKey(project, scope, '');
  const range = { kind: 'PEND', pk, prefix: 'PEND#', limit } as const;
  let page = await store.query(range);
  // An empty page is not the end, or a wake-up would be lost. A short one is enough: by the time of the next, a turn may have
  // come that belongs before it.
  while (page.next !== undefined && page.items.length === 0)
    page = await store.query({ ...range, after: page.next });
  return page.items.map(({ item }) => item);
};

/** Removes the work item of a turn that is not pending any more. */
const dropOrphan = async (platform: Platform, lease: Lease, pending: Pending): Promise<void> => {
  const { project, scope } = lease;
  await commit(platform, [
    check(headKey(project, scope), holdsLease(lease.token)),
    remove(pendingKey(project, scope, pending.turn)),
    remove(planKey(project, scope, pending.turn)),
  ]);
};

/** What waits in the scope, oldest first. */
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
    else await dropOrphan(platform, lease, item);
  }
  return work;
};
