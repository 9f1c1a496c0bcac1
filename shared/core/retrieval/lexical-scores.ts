import { lengthNorm, smoothedIdf, tf } from '../../domain/bm25.ts';
import type { IndexResult } from '../../ports/vector-index.ts';

type Terms = { readonly [stem: string]: number };

/** Distinct stems of a document: as good a measure of its length as all stems, and several times faster to count. */
const lengthOf = (terms: Terms): number => Object.keys(terms).length;

/**
 * Longest length that counts, in average lengths: a word in a document of 60 kB among short ones would have no weight at all.
 */
const maxRelativeLength = 12;

/** Adds the contribution of one stem to the score of each document. */
const addTermScores = (
  scores: number[],
  counts: readonly number[],
  norms: readonly number[],
  idf: number,
): void => {
  for (const [i, count] of counts.entries())
    if (count > 0) scores[i] = (scores[i] ?? 0) + (idf * count) / (count + (norms[i] ?? 0));
};

/** Computes `lexicalScores` and yields after each stem and each document, so that other work can run in between. */
export function* scoreInSteps(
  queryTerms: readonly string[],
  documents: readonly Terms[],
  statistics?: IndexResult['statistics'],
): Generator<undefined, number[]> {
  const stems = [...new Set(queryTerms)];
  const total = Math.max(statistics?.documents ?? 0, documents.length);
  const collectionDfs = statistics?.frequencies ?? {};
  const lengths: number[] = [];
  for (const terms of documents) {
    lengths.push(lengthOf(terms));
    yield;
  }
  const sum = lengths.reduce((all, length) => all + length, 0);
  // An index that holds nothing yet has no average.
  const average = statistics?.documents
    ? statistics.averageLength
    : sum / Math.max(1, documents.length);
  const averageLength = Math.max(1, average);
  const longest = maxRelativeLength * averageLength;
  const norms = lengths.map((length) => lengthNorm(Math.min(length, longest), averageLength));
  const scores = documents.map(() => 0);
  let selfScore = 0;
  for (const stem of stems) {
    const counts = documents.map((terms) => tf(terms, stem));
    const candidateDf = counts.filter((count) => count > 0).length;
    const idf = smoothedIdf(total, Math.max(candidateDf, tf(collectionDfs, stem)));
    selfScore += idf / (1 + lengthNorm(stems.length, averageLength));
    addTermScores(scores, counts, norms, idf);
    yield;
  }
  return scores.map((score) => (score > 0 ? Math.min(1, score / selfScore) : 0));
}

/**
 * Computes the BM25 score of each document as a share of the query's score on itself: 0..1 in a collection of any size.
 * Query terms that no document has lower all scores. Without statistics, document frequencies are those of `documents`.
 */
export const lexicalScores = (
  queryTerms: readonly string[],
  documents: readonly Terms[],
  statistics?: IndexResult['statistics'],
): number[] => {
  const steps = scoreInSteps(queryTerms, documents, statistics);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
