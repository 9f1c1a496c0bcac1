import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { failedConditions } from '../commit.ts';
import { commitTogether } from '../commit-together.ts';
import { memoryIsNew } from '../conditions.ts';
import { commitUnderLease, type Lease, LeaseLost } from './lease.ts';

const markStaged = (steps: readonly Step[], turn: string, plan: string): Step[] =>
  steps.map((step) =>
    step.op === 'put' && step.key.kind === 'MEMORY'
      ? { ...step, item: { ...step.item, stagedBy: { turn, plan } } }
      : step,
  );

/** Writes that must share a transaction, and their approximate size. */
export interface WriteGroup {
  steps: readonly Step[];
  bytes: number;
}

/**
 * Stages memories before the transaction that applies their turn: invisible until the turn is applied with this very plan.
 * Safe to repeat: an added memory that exists was staged by an earlier try of the same plan, since each plan gives its additions
 * new ids, and is left out: that try had other transactions, if more or fewer memories fitted into the one that applies the turn. A
 * closed version has the same id in every plan, and is overwritten.
 * @throws LeaseLost
 */
export const stageMemories = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
  groups: readonly WriteGroup[],
): Promise<void> => {
  const writes = groups.map((group) => ({
    subject: group,
    steps: markStaged(group.steps, turn.id, plan.id),
    bytes: group.bytes,
  }));
  // Transactions that name the lease at the same time would conflict.
  const oneByOne = { concurrency: 1 };
  await commitTogether(
    platform,
    writes,
    async (steps) => {
      const result = await commitUnderLease(platform, lease, steps);
      if (failedConditions(result).some((name) => name !== memoryIsNew.name))
        throw new LeaseLost(lease.scope);
      return result;
    },
    oneByOne,
  );
};
