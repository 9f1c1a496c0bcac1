import type { IndexResult } from '../../ports/vector-index.ts';

type Terms = { readonly [stem: string]: number };

const k1 = 0.9;
const b = 0.4;

/** How much a length slows the saturation of a term. */
const lengthNorm = (length: number, averageLength: number): number =>
  k1 * (1 - b + (b * length) / averageLength);

/** Own properties only: "constructor" is a word, too. */
const tf = (terms: Terms, stem: string): number =>
  Object.hasOwn(terms, stem) ? (terms[stem] ?? 0) : 0;

/** Distinct stems: as good a measure as all of them, and several times faster to take. */
const lengthOf = (terms: Terms): number => Object.keys(terms).length;

/** How much a term tells, the rarer the more: at least log 2, so that a further match never costs more than it brings. */
const idf = (documents: number, frequency: number): number =>
  Math.log(1 + (documents + 1) / (frequency + 0.5));

/** What one stem brings each document. */
const addScores = (
  scores: number[],
  counts: readonly number[],
  dampings: readonly number[],
  rarity: number,
): void => {
  for (const [i, count] of counts.entries())
    if (count > 0) scores[i] = (scores[i] ?? 0) + (rarity * count) / (count + (dampings[i] ?? 0));
};

/** The scores in steps of one stem or one document, so that other work can run in between. */
export function* scoreInSteps(
  queryTerms: readonly string[],
  documents: readonly Terms[],
  statistics?: IndexResult['statistics'],
): Generator<undefined, number[]> {
  const stems = [...new Set(queryTerms)];
  const total = Math.max(statistics?.documents ?? 0, documents.length);
  const frequencies = statistics?.frequencies ?? {};
  const lengths: number[] = [];
  for (const terms of documents) {
    lengths.push(lengthOf(terms));
    yield;
  }
  const sum = lengths.reduce((all, length) => all + length, 0);
  const average = statistics?.averageLength ?? sum / Math.max(1, documents.length);
  const averageLength = Math.max(1, average);
  const dampings = lengths.map((length) => lengthNorm(length, averageLength));
  const scores = documents.map(() => 0);
  let best = 0;
  for (const stem of stems) {
    const counts = documents.map((terms) => tf(terms, stem));
    const candidateDf = counts.filter((count) => count > 0).length;
    const rarity = idf(total, Math.max(candidateDf, tf(frequencies, stem)));
    best += rarity / (1 + lengthNorm(stems.length, averageLength));
    addScores(scores, counts, dampings, rarity);
    yield;
  }
  return scores.map((score) => (score > 0 ? Math.min(1, score / best) : 0));
}

/**
 * BM25 of each document as a share of what the query would score on itself: 0..1 in any collection. Query terms
 * that no document has count against all of them. Without statistics, the documents say how common a term is.
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
