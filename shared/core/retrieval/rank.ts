import type { ScoreParts } from '../../domain/memory/memory.ts';
import type { Candidate } from './candidate.ts';
import { scoreInSteps } from './lexical-scores.ts';
import { type Inputs, inputsOf, type RankRequest, relevanceOf } from './relevance.ts';
import { matchingCosines, weightsOf } from './relevance-weights.ts';

export type { Candidate } from './candidate.ts';
export type { RankRequest } from './relevance.ts';

export interface Ranked {
  id: string;
  /** Position among the candidates. */
  index: number;
  /** Relevance, 0..1: below 0.1 unrelated, above 0.3 clearly related, independent of the other candidates. */
  score: number;
  parts: ScoreParts;
}

/** Parts of a score as they are shown. */
const partsOf = (inputs: Inputs, context: number): ScoreParts => ({
  semantic: inputs.cosine,
  bm25: inputs.bm25,
  entity: Math.max(inputs.speaker, Math.min(1, inputs.names)),
  coverage: inputs.coverage,
  identifiers: inputs.identifiers,
  rareWords: inputs.rareWords,
  context,
});

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.observedAt - a.observedAt || (a.id < b.id ? 1 : -1);

/**
 * Orders candidates by their relevance, best first; newest first among equals. Yields between stems and between candidates, so
 * that other work can run in between.
 */
export function* rankInSteps(request: RankRequest): Generator<undefined, Ranked[]> {
  const { queryTerms, candidates, statistics, model } = request;
  const documents = candidates.map(({ terms }) => terms);
  const lexical = yield* scoreInSteps(queryTerms, documents, statistics);
  const weights = { withVector: weightsOf(model), withoutVector: weightsOf(undefined) };
  const inputsAt = inputsOf(request, lexical, matchingCosines(model));
  const scored: { candidate: Candidate; ranked: Ranked }[] = [];
  for (const [index, candidate] of candidates.entries()) {
    yield;
    const inputs = inputsAt(candidate, index);
    const { score, context } = relevanceOf(
      inputs,
      candidate.semantic === undefined ? weights.withoutVector : weights.withVector,
    );
    const ranked = { id: candidate.id, index, score, parts: partsOf(inputs, context) };
    scored.push({ candidate, ranked });
  }
  return scored
    .sort((a, b) => b.ranked.score - a.ranked.score || newestFirst(a.candidate, b.candidate))
    .map(({ ranked }) => ranked);
}

/** Ranks like `rankInSteps`, at once. */
export const rank = (request: RankRequest): Ranked[] => {
  for (const steps = rankInSteps(request); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
