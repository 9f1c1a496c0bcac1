import { lengthNorm, smoothedIdf, tf } from '../../domain/bm25.ts';
import { equalStems } from '../../domain/memory/equal-words.ts';
import type { IndexResult } from '../../ports/vector-index.ts';
import { isCorrectable, isOneEditApart, maxCorrected, vocabularyOf } from './typos.ts';

type Terms = { readonly [stem: string]: number };

/** Lexical features of each document, by its position. */
export interface LexicalScores {
  /** BM25 score as a share of the query's score on itself, 0..1. */
  bm25: Float64Array;
  /** Share of the query's stems that the document has, each weighted by its idf, 0..1. */
  coverage: Float64Array;
  /** Number of the query's stems without a digit that the document has and hardly any other. */
  rareWords: Uint16Array;
  /** Numbers of the query's stems that the document has. */
  found: readonly number[][];
  /** Share of each stem in `coverage`, by its number. */
  shares: Float64Array;
}

/** Share of the documents in which a rare word occurs at most; a memory and its message are two documents. */
const rareShare = 0.02;
const minRareDocuments = 2;

/**
 * Longest length that counts, in average lengths: a word in a document of 60 kB among short ones would have no weight at all.
 */
const maxRelativeLength = 12;

/** Lengths of documents that are kept in memory between searches. */
const lengths = new WeakMap<Terms, number>();

/** Distinct stems of a document: as good a measure of its length as all stems, and several times faster to count. */
const lengthOf = (terms: Terms): number => {
  const known = lengths.get(terms);
  if (known !== undefined) return known;
  const length = Object.keys(terms).length;
  lengths.set(terms, length);
  return length;
};

/** Length normalisations of the documents, by position. Yields after each document. */
function* normsOf(
  documents: readonly Terms[],
  statistics: IndexResult['statistics'],
): Generator<undefined, { norms: Float64Array; average: number }> {
  const norms = new Float64Array(documents.length);
  let sum = 0;
  for (const [i, terms] of documents.entries()) {
    const length = lengthOf(terms);
    norms[i] = length;
    sum += length;
    yield;
  }
  // An index that holds nothing yet has no average.
  const own = sum / Math.max(1, documents.length);
  const average = Math.max(1, statistics?.documents ? statistics.averageLength : own);
  const longest = maxRelativeLength * average;
  for (let i = 0; i < norms.length; i++)
    norms[i] = lengthNorm(Math.min(norms[i] ?? 0, longest), average);
  return { norms, average };
}

/** Number of documents of the collection that have one of the stems, at most. */
const frequencyOf = (stems: readonly string[], frequencies: Terms): number =>
  stems.reduce((sum, stem) => sum + tf(frequencies, stem), 0);

/** Counts stems in each document, as one. Returns the number of documents that have any. */
const countStems = (
  stems: readonly string[],
  documents: readonly Terms[],
  counts: Float64Array,
): number => {
  let having = 0;
  for (const [i, terms] of documents.entries()) {
    let count = 0;
    for (const stem of stems) count += tf(terms, stem);
    counts[i] = count;
    if (count > 0) having += 1;
  }
  return having;
};

/** Share of a word's weight that a misspelt one has: it may be another word. */
const misspeltShare = 0.8;

/** How the documents have a stem of the query, or what it may be a misspelling of. */
interface StemMatch {
  /** Number of documents that have it. */
  df: number;
  isMisspelt: boolean;
}

/**
 * Returns a function that counts a stem, and those that count as it, in each document. A stem that neither the collection nor a document has is counted by the
 * stems of the documents that are one edit away; only the first few such stems of a query are.
 */
const stemCounter = (
  documents: readonly Terms[],
  collectionDfs: Terms,
  counts: Float64Array,
): ((stem: string) => Generator<undefined, StemMatch>) => {
  let vocabulary: Set<string> | undefined;
  let corrected = 0;
  return function* (stem) {
    const equal = equalStems(stem);
    const found = countStems(equal, documents, counts);
    const known = Math.max(found, frequencyOf(equal, collectionDfs));
    if (known > 0 || corrected >= maxCorrected || !isCorrectable(stem))
      return { df: known, isMisspelt: false };
    corrected += 1;
    vocabulary ??= yield* vocabularyOf(documents);
    const near = [...vocabulary].filter((other) => isOneEditApart(stem, other));
    return { df: countStems(near, documents, counts), isMisspelt: true };
  };
};

/** Adds the contribution of one stem to the scores of each document. */
const addStem = (
  { bm25, coverage, rareWords, found, shares }: LexicalScores,
  {
    stem,
    counts,
    norms,
    weight,
    isRare,
  }: { stem: number; counts: Float64Array; norms: Float64Array; weight: number; isRare: boolean },
): void => {
  shares[stem] = weight;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    bm25[i] = (bm25[i] ?? 0) + (weight * count) / (count + (norms[i] ?? 0));
    coverage[i] = (coverage[i] ?? 0) + weight;
    if (isRare) rareWords[i] = (rareWords[i] ?? 0) + 1;
    found[i]?.push(stem);
  }
};

const divide = (scores: Float64Array, by: number): void => {
  for (let i = 0; i < scores.length; i++) scores[i] = Math.min(1, (scores[i] ?? 0) / by);
};

/** Computes `lexicalScores` and yields after each stem and each document, so that other work can run in between. */
export function* scoreInSteps(
  queryTerms: readonly string[],
  documents: readonly Terms[],
  statistics?: IndexResult['statistics'],
): Generator<undefined, LexicalScores> {
  // "Go" and "went" of one query are one word.
  const stems = [...new Set(queryTerms.map((stem) => equalStems(stem)[0] ?? stem))];
  const { length } = documents;
  const total = Math.max(statistics?.documents ?? 0, length);
  const maxRare = Math.max(minRareDocuments, rareShare * total);
  const { norms, average } = yield* normsOf(documents, statistics);
  const scores: LexicalScores = {
    bm25: new Float64Array(length),
    coverage: new Float64Array(length),
    rareWords: new Uint16Array(length),
    found: documents.map(() => []),
    shares: new Float64Array(stems.length),
  };
  const counts = new Float64Array(length);
  const count = stemCounter(documents, statistics?.frequencies ?? {}, counts);
  let totalIdf = 0;
  for (const [number, stem] of stems.entries()) {
    const { df, isMisspelt } = yield* count(stem);
    const idf = smoothedIdf(total, df);
    totalIdf += idf;
    const weight = isMisspelt ? misspeltShare * idf : idf;
    const isRare = !isMisspelt && df <= maxRare && !/\d/.test(stem);
    if (df > 0) addStem(scores, { stem: number, counts, norms, weight, isRare });
    yield;
  }
  if (totalIdf === 0) return scores;
  divide(scores.bm25, totalIdf / (1 + lengthNorm(stems.length, average)));
  divide(scores.coverage, totalIdf);
  divide(scores.shares, totalIdf);
  return scores;
}

/**
 * Computes the lexical features of each document. The features mean the same in a collection of any size; query
 * terms that no document has lower the features. Without statistics, document frequencies are those of `documents`.
 */
export const lexicalScores = (
  queryTerms: readonly string[],
  documents: readonly Terms[],
  statistics?: IndexResult['statistics'],
): LexicalScores => {
  const steps = scoreInSteps(queryTerms, documents, statistics);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};
