import { analyze } from '../../domain/memory/analyzer.ts';
import { roles } from '../../domain/memory/turn.ts';
import type { IndexResult } from '../../ports/vector-index.ts';
import type { Candidate } from './candidate.ts';
import { contextScores } from './context-scores.ts';
import { scoreInSteps } from './lexical-scores.ts';

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
  /** 0..1: below 0.1 unrelated, above 0.3 clearly related, independent of the other candidates. */
  score: number;
  /** Cosine (0 when unknown or negative) and share of the query's words found, 0..1. */
  parts: { semantic: number; lexical: number };
}

/** Chosen by leave-one-conversation-out cross-validation and rounded: values near these rank as well. */
const weights = {
  lexical: 1,
  semantic: 0.7,
  session: 0.3,
  neighbour: 0.2,
  name: 0.5,
  time: 0.4,
};

/** Cosines of unrelated texts stay near `unrelated`; cosines of texts with the same content are above `same`. */
const similarityRange = { unrelated: 0.1, same: 0.75 };

/** Share of the lexical score that stands in for the semantic score where there is no vector. */
const lexicalFallback = 0.5;

/** Maps a cosine to 0..1. */
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

/** Length of the start of a text in which boosts look for names and times. */
const maxScannedChars = 1_000;

const isTemporalQuery =
  /^\s*(?:when|since when|how long|how (?:many|much) (?:days|weeks|months|years|time))\b|\b(?:what|which) (?:date|day|week|month|year|season|time)\b/i;

const temporalExpression =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|recently|since|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may \d|\d may|june|july|august|september|october|november|december|(?:days?|weeks?|months?|years?)|(?:19|20)\d\d)\b/i;

const openingWord = /^[\s"'(]*([\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*)/u;
const isRole = (word: string): boolean => roles.some((role) => role === word.toLowerCase());

/** Returns a test that is true for texts with a time, provided that the query asks for a time. */
const temporalBoost = (query: string): ((text: string) => boolean) =>
  isTemporalQuery.test(query.slice(0, maxScannedChars))
    ? (text) => temporalExpression.test(text.slice(0, maxScannedChars))
    : () => false;

/** Returns a test that is true for texts whose first word is a name in the query. Roles are not names. */
const entityBoost = (queryTerms: readonly string[]): ((candidate: Candidate) => boolean) => {
  const asked = new Set(queryTerms);
  const known = new Map<string, boolean>();
  const isNamed = (word: string): boolean => {
    const answer =
      known.get(word) ?? (!isRole(word) && analyze(word).every((term) => asked.has(term)));
    known.set(word, answer);
    return answer;
  };
  return ({ text }) => {
    const name = openingWord.exec(text.slice(0, maxScannedChars))?.[1];
    return name !== undefined && isNamed(name);
  };
};

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.observedAt - a.observedAt || (a.id < b.id ? 1 : -1);

/**
 * Orders candidates best first, by lexical and semantic score together; newest first among equals. The context of a
 * candidate at most doubles its own relevance, and boosts (a name, a time) less than double the sum: a candidate that is
 * not relevant by itself keeps the score 0. Yields between stems and between candidates, so that other work can run in
 * between.
 */
export function* rankInSteps(request: RankRequest): Generator<undefined, Ranked[]> {
  const { query, queryTerms, candidates, statistics } = request;
  const documents = candidates.map(({ terms }) => terms);
  const lexical = yield* scoreInSteps(queryTerms, documents, statistics);
  const relevance = candidates.map(({ semantic }, i) => {
    const words = lexical[i] ?? 0;
    return weights.lexical * words + weights.semantic * semanticScore(semantic, words);
  });
  const contexts = contextScores(candidates, relevance);
  const hasTime = temporalBoost(query);
  const isNamed = entityBoost(queryTerms);

  const scored: (Ranked & { candidate: Candidate })[] = [];
  for (const [index, candidate] of candidates.entries()) {
    yield;
    const baseScore = relevance[index] ?? 0;
    const { session, neighbour } = contexts[index] ?? { session: 0, neighbour: 0 };
    const contextScore = weights.session * session + weights.neighbour * neighbour;
    const boosts =
      (isNamed(candidate) ? weights.name : 0) + (hasTime(candidate.text) ? weights.time : 0);
    const score = 1 - Math.exp(-(baseScore + Math.min(baseScore, contextScore)) * (1 + boosts));
    const parts = {
      semantic: Math.max(0, candidate.semantic ?? 0),
      lexical: lexical[index] ?? 0,
    };
    scored.push({ candidate, id: candidate.id, index, score, parts });
  }
  return scored
    .sort((a, b) => b.score - a.score || newestFirst(a.candidate, b.candidate))
    .map(({ candidate: _, ...ranked }) => ranked);
}

/** Ranks like `rankInSteps`, at once. */
export const rank = (request: RankRequest): Ranked[] => {
  for (const steps = rankInSteps(request); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
