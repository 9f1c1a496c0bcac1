import type { IndexResult } from '../../ports/vector-index.ts';
import type { Pace } from '../yield-to-loop.ts';
import { lexicalScores, scoreInSteps } from './bm25.ts';
import { entityBoost, temporalBoost } from './boosts.ts';
import type { Candidate } from './candidate.ts';
import { contextScores } from './context-scores.ts';

export type { Candidate } from './candidate.ts';

export interface RankRequest {
  query: string;
  queryTerms: readonly string[];
  candidates: readonly Candidate[];
  statistics?: IndexResult['statistics'];
}

export interface Ranked {
  id: string;
  /** Position among the candidates. */
  index: number;
  /** 0..1: below 0.1 unrelated, above 0.3 clearly related, whatever else was found. */
  score: number;
  /** Cosine (0 when unknown or negative) and share of the query's words found, 0..1. */
  parts: { semantic: number; lexical: number };
}

/** Chosen by leave-one-conversation-out and rounded: values near these rank as well. */
const weights = {
  lexical: 1,
  semantic: 0.7,
  session: 0.3,
  neighbour: 0.2,
  name: 0.5,
  time: 0.4,
};

/** Cosines of texts that have nothing to do with each other stay near the first; of the same thing said twice, above the second. */
const similarityRange = { unrelated: 0.1, same: 0.75 };

/** What words found say of the meaning where there is no vector to ask. */
const lexicalFallback = 0.5;

const semanticScore = (semantic: number | undefined, lexical: number): number =>
  semantic === undefined
    ? lexicalFallback * lexical
    : Math.min(
        1,
        Math.max(
          0,
          (semantic - similarityRange.unrelated) /
            (similarityRange.same - similarityRange.unrelated),
        ),
      );

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.observedAt - a.observedAt || (a.id < b.id ? 1 : -1);

const wordsOf = ({ queryTerms, candidates, statistics }: RankRequest): number[] =>
  lexicalScores(
    queryTerms,
    candidates.map(({ terms }) => terms),
    statistics,
  );

/** The same, in slices. */
export const rankInSlices = async (request: RankRequest, pace: Pace): Promise<Ranked[]> => {
  const { queryTerms, candidates, statistics } = request;
  const documents = candidates.map(({ terms }) => terms);
  const steps = scoreInSteps(queryTerms, documents, statistics);
  for (;;) {
    const { done, value } = steps.next();
    if (done) {
      await pace.pause();
      return rank(request, value);
    }
    if (pace.isDue()) await pace.rest();
  }
};

/**
 * Orders candidates best first, equals newest first, by words and meaning together. What was said around a candidate
 * can at most double its own relevance, and cues (a name, a time) raise it by less than that: nothing is related
 * only by its surroundings.
 */
export const rank = (request: RankRequest, lexical = wordsOf(request)): Ranked[] => {
  const { query, queryTerms, candidates } = request;
  const relevance = candidates.map(({ semantic }, i) => {
    const words = lexical[i] ?? 0;
    return weights.lexical * words + weights.semantic * semanticScore(semantic, words);
  });
  const surroundings = contextScores(candidates, relevance);
  const hasTime = temporalBoost(query);
  const isNamed = entityBoost(queryTerms);

  return candidates
    .map((candidate, index) => {
      const baseScore = relevance[index] ?? 0;
      const { session, neighbour } = surroundings[index] ?? { session: 0, neighbour: 0 };
      const contextScore = weights.session * session + weights.neighbour * neighbour;
      const cues =
        (isNamed(candidate) ? weights.name : 0) + (hasTime(candidate.text) ? weights.time : 0);
      const score = 1 - Math.exp(-(baseScore + Math.min(baseScore, contextScore)) * (1 + cues));
      const parts = {
        semantic: Math.max(0, candidate.semantic ?? 0),
        lexical: lexical[index] ?? 0,
      };
      return { candidate, index, score, parts };
    })
    .sort((a, b) => b.score - a.score || newestFirst(a.candidate, b.candidate))
    .map(({ candidate: { id }, index, score, parts }) => ({ id, index, score, parts }));
};
