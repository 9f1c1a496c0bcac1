import type { ScoreParts } from '../../domain/memory/memory.ts';
import type { Candidate } from './candidate.ts';
import { scoreInSteps } from './lexical-scores.ts';
import {
  loweringBy,
  type Relevance,
  type RelevanceWeights,
  relevanceOf,
  withLowerMarks,
  withoutLowering,
} from './relevance.ts';
import { type Inputs, inputsOf, type RankRequest } from './relevance-inputs.ts';
import { loweringOf, matchingCosines, weightsOf } from './relevance-weights.ts';

export type { Candidate } from './candidate.ts';
export type { RankRequest } from './relevance-inputs.ts';

export interface Ranked {
  id: string;
  /** Position among the candidates. */
  index: number;
  /**
   * Relevance, 0..1: below 0.1 unrelated, above 0.3 clearly related. The score is independent of the other candidates, except that a
   * certain answer may lower the marks for the others.
   */
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

/** Returns a function from the inputs of a candidate to its relevance, by marks that are lowered so far. */
const relevanceBy = (
  model: string | undefined,
  lowering: number,
): ((candidate: Candidate, inputs: Inputs) => Relevance) => {
  const lowered = (isSpoken: boolean): readonly RelevanceWeights[] =>
    weightsOf(model, isSpoken).map((weights) =>
      lowering === 0 ? weights : withLowerMarks(weights, lowering),
    );
  const ofFacts = lowered(false);
  const ofSpoken = lowered(true);
  const withoutVector = weightsOf(undefined, false);
  return ({ semantic, speaker }, inputs) => {
    if (semantic === undefined) return relevanceOf(inputs, withoutVector);
    const { score, context } = relevanceOf(inputs, speaker === undefined ? ofFacts : ofSpoken);
    if (lowering === 0) return { score, context };
    const shown = withoutLowering(score, lowering);
    return { score: shown, context: shown - withoutLowering(score - context, lowering) };
  };
};

interface Scored {
  candidate: Candidate;
  index: number;
  inputs: Inputs;
  relevance: Relevance;
}

const bestFirst = (a: Scored, b: Scored): number =>
  b.relevance.score - a.relevance.score || newestFirst(a.candidate, b.candidate);

/**
 * Best turns whose memories and messages need less evidence in a query that has an answer: this number, and among few turns a share of
 * them, though at least three. Of what a new user has stored, most is about something else.
 */
const maxEased = 10;
const easedShare = 0.25;
const minEased = 3;

const turnOf = ({ candidate: { lineage, id } }: Scored): string => lineage.at(-1) ?? id;

const easedOf = (scored: readonly Scored[]): number => {
  const turns = new Set(scored.map(turnOf)).size;
  return Math.min(maxEased, Math.max(minEased, Math.ceil(easedShare * turns)));
};

/**
 * Scores the candidates of the best turns by marks that the best candidate lowers, in place.
 * @param scored best first; stays in order
 */
function* lowerMarks(scored: Scored[], model: string | undefined): Generator<undefined> {
  const lowering = loweringBy(scored[0]?.relevance.score ?? 0, loweringOf(model));
  if (lowering === 0) return;
  const relevanceOfInputs = relevanceBy(model, lowering);
  const eased = easedOf(scored);
  const turns = new Set<string>();
  for (const item of scored) {
    const { candidate, inputs } = item;
    turns.add(turnOf(item));
    if (turns.size > eased) break;
    item.relevance = relevanceOfInputs(candidate, inputs);
    yield;
  }
  scored.sort(bestFirst);
}

/**
 * Orders candidates by their relevance, best first; newest first among equals. Yields between stems and between candidates, so
 * that other work can run in between.
 */
export function* rankInSteps(request: RankRequest): Generator<undefined, Ranked[]> {
  const { queryTerms, candidates, statistics, model, lowersMarks = false } = request;
  const documents = candidates.map(({ terms }) => terms);
  const lexical = yield* scoreInSteps(queryTerms, documents, statistics);
  const inputsAt = inputsOf(request, lexical, matchingCosines(model));
  const relevanceOfInputs = relevanceBy(model, 0);
  const scored: Scored[] = [];
  for (const [index, candidate] of candidates.entries()) {
    yield;
    const inputs = inputsAt(candidate, index);
    scored.push({ candidate, index, inputs, relevance: relevanceOfInputs(candidate, inputs) });
  }
  scored.sort(bestFirst);
  if (lowersMarks) yield* lowerMarks(scored, model);
  return scored.map(({ candidate: { id }, index, inputs, relevance }) => ({
    id,
    index,
    score: relevance.score,
    parts: partsOf(inputs, relevance.context),
  }));
}

/** Ranks like `rankInSteps`, at once. */
export const rank = (request: RankRequest): Ranked[] => {
  for (const steps = rankInSteps(request); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
