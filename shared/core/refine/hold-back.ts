import type { Plan } from '../../domain/items.ts';
import { headKey } from '../../domain/keys.ts';
import type { Turn } from '../../domain/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, refusedBy } from '../commit.ts';
import { holdsLease, memoryIsNew } from '../conditions.ts';
import { bytesOf, maxTransactionBytes } from '../room.ts';
import { check } from '../steps.ts';
import { type Lease, LeaseLost } from './lease.ts';

/** Steps of one write-ahead transaction, with its fence and well below the limit. */
const chunkSteps = 90;

const held = (steps: readonly Step[], turn: string, plan: string): Step[] =>
  steps.map((step) =>
    step.op === 'put' && step.key.kind === 'MEMORY'
      ? { ...step, item: { ...step.item, heldBy: { turn, plan } } }
      : step,
  );

const chunked = (groups: readonly Step[][]): Step[][] => {
  const chunks: Step[][] = [];
  let free = { steps: 0, bytes: 0 };
  for (const group of groups) {
    const bytes = bytesOf(group);
    if (group.length > free.steps || bytes > free.bytes) {
      chunks.push([]);
      free = { steps: chunkSteps, bytes: maxTransactionBytes };
    }
    chunks.at(-1)?.push(...group);
    free = { steps: free.steps - group.length, bytes: free.bytes - bytes };
  }
  return chunks;
};

/**
 * Writes new memories ahead of the turn's flip, invisible until the turn is applied with this very plan. A memory that is
 * there already was written by an earlier try of the same plan: ids are the plan's own.
 * @throws LeaseLost
 */
export const holdBack = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
  groups: readonly Step[][],
): Promise<void> => {
  for (const chunk of chunked(groups)) {
    const result = await commit(platform, [
      check(headKey(lease.project, lease.scope), holdsLease(lease.token)),
      ...held(chunk, turn.id, plan.id),
    ]);
    const refused = refusedBy(result);
    if (refused.some((name) => name !== memoryIsNew.name)) throw new LeaseLost(lease.scope);
  }
};
