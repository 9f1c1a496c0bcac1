import type { Turn } from '../../domain/memory/turn.ts';
import type { ModelFailure, ProposedChange } from '../../ports/language-model.ts';

export interface ModelAnswer {
  /** Oldest turns of the batch, which the answer covers. */
  turns: Turn[];
  changes: ProposedChange[];
  tokens: { prompt: number; completion: number };
}

export interface FailedRequest {
  failure: ModelFailure;
  /** Number of turns that the last request was about, counted from the oldest. */
  asked: number;
}
