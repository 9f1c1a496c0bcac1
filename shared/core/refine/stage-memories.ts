import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { scopeLeaseKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { holdsLease, memoryIsNew } from '../conditions.ts';
import { check } from '../steps.ts';
import { maxTransactionBytes } from '../store-limits.ts';
import { type Lease, LeaseLost } from './lease.ts';

/** Writes of one staging transaction: with its fence, below the limit of DynamoDB. */
const chunkSteps = 90;

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

const toChunks = (groups: readonly WriteGroup[]): Step[][] => {
  const chunks: Step[][] = [];
  let free = { steps: 0, bytes: 0 };
  for (const { steps, bytes } of groups) {
    if (steps.length > free.steps || bytes > free.bytes) {
      chunks.push([]);
      free = { steps: chunkSteps, bytes: maxTransactionBytes };
    }
    chunks.at(-1)?.push(...steps);
    free = { steps: free.steps - steps.length, bytes: free.bytes - bytes };
  }
  return chunks;
};

/**
 * Stages memories before the transaction that applies their turn: invisible until the turn is applied with this very plan.
 * Safe to repeat: an added memory that exists was staged by an earlier try of the same plan, since each plan gives its additions
 * new ids. A closed version has the same id in every plan, and is overwritten.
 * @throws LeaseLost
 */
export const stageMemories = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
  groups: readonly WriteGroup[],
): Promise<void> => {
  for (const chunk of toChunks(groups)) {
    const result = await commit(platform, [
      check(scopeLeaseKey(lease.project, lease.scope), holdsLease(lease.token)),
      ...markStaged(chunk, turn.id, plan.id),
    ]);
    const refused = failedConditions(result);
    if (refused.some((name) => name !== memoryIsNew.name)) throw new LeaseLost(lease.scope);
  }
};
