import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { memoryIsNew } from '../conditions.ts';
import { maxTransactionBytes } from '../store-limits.ts';
import { fence, type Lease, LeaseLost } from './lease.ts';

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

const toChunks = (groups: readonly WriteGroup[]): WriteGroup[][] => {
  const chunks: WriteGroup[][] = [];
  let free = { steps: 0, bytes: 0 };
  for (const group of groups) {
    const { steps, bytes } = group;
    if (steps.length > free.steps || bytes > free.bytes) {
      chunks.push([]);
      free = { steps: chunkSteps, bytes: maxTransactionBytes };
    }
    chunks.at(-1)?.push(group);
    free = { steps: free.steps - steps.length, bytes: free.bytes - bytes };
  }
  return chunks;
};

/**
 * Commits the groups of a chunk whose memory is not staged yet. An earlier try may have staged some of them: it had other chunks, if
 * more or fewer memories fitted into the transaction that applies the turn.
 */
const stageChunk = async (
  platform: Platform,
  lease: Lease,
  chunk: readonly WriteGroup[],
): Promise<void> => {
  for (let left = chunk; left.length > 0; ) {
    const result = await commit(platform, [fence(lease), ...left.flatMap(({ steps }) => steps)]);
    if (result.committed) return;
    if (failedConditions(result).some((name) => name !== memoryIsNew.name))
      throw new LeaseLost(lease.scope);
    const owners = left.flatMap((group) => group.steps.map(() => group));
    const isStaged = new Set(result.refusals.map(({ step }) => owners[step - 1]));
    left = left.filter((group) => !isStaged.has(group));
  }
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
  const staged = groups.map(({ steps, bytes }) => ({
    steps: markStaged(steps, turn.id, plan.id),
    bytes,
  }));
  for (const chunk of toChunks(staged)) await stageChunk(platform, lease, chunk);
};
