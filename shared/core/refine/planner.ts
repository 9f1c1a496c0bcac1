import type { PlannedChange } from '../../domain/memory/change.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import { createKnownMemories, type MemoryState } from './known-memories.ts';
import { applyProposal, changesOf, createTurnPlan } from './turn-plan.ts';

/**
 * Turns proposals of the model into changes that can be applied one turn after the other: versions are chained through
 * the batch, each turn changes a memory at most once, nothing that a newer turn wrote is undone, and every turn has at
 * least one outcome. Plans end with the first turn of which a proposal is rejected, since proposals for later turns take
 * it for done. Deterministic but for new ids.
 * @param memories as shown to the model, in this order
 */
export const planChanges = (
  turns: readonly Turn[],
  memories: readonly Memory[],
  proposals: readonly ProposedChange[],
  newId: () => string,
): PlannedChange[][] => {
  const known = createKnownMemories(memories);
  const proposalsByTurn = Map.groupBy(proposals.entries(), ([, { turn }]) => turn);
  /** Results of earlier proposals, by their position in the answer. */
  const results = new Map<number, MemoryState>();
  const targetOf = ({ target }: ProposedChange): MemoryState | undefined => {
    if (!target) return undefined;
    return 'memory' in target ? known.shown[target.memory] : results.get(target.change);
  };

  const plans: PlannedChange[][] = [];
  for (const [index, turn] of turns.entries()) {
    const plan = createTurnPlan(turn, known, newId);
    for (const [position, proposal] of proposalsByTurn.get(index) ?? []) {
      const result = applyProposal(plan, proposal, targetOf(proposal));
      if (result) results.set(position, result);
    }
    plans.push(changesOf(plan));
    if (plan.hasRejection) break;
  }
  return plans;
};
