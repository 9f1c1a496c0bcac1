import { smoothedIdf } from '../bm25.ts';
import { indexOfTerm, type Weights } from './term-weights.ts';

/** Indices of the terms of a query, each once. */
export const termIndices = (terms: readonly string[]): number[] => [
  ...new Set(terms.map(indexOfTerm)),
];

/** An entry that has a term of the query, with the weights of all its terms. */
export interface TermEntry {
  id: string;
  weights: Weights;
}

/** Inverse document frequency of each term among the entries found. */
export const idfOf = (terms: readonly number[], found: readonly TermEntry[]): Map<number, number> =>
  new Map(
    terms.map((term) => {
      const frequency = found.filter(({ weights }) => weights.has(term)).length;
      return [term, smoothedIdf(found.length, frequency)];
    }),
  );

/** Ranks entries by BM25, best first, with document frequencies counted among the entries found. */
export const rankByBm25 = <T extends TermEntry>(
  terms: readonly number[],
  found: readonly T[],
): T[] => {
  const weights = idfOf(terms, found);
  const scored = found.map((entry) => {
    let score = 0;
    for (const [term, weight] of weights) score += weight * (entry.weights.get(term) ?? 0);
    return { entry, score };
  });
  return scored
    .sort((a, b) => b.score - a.score || (a.entry.id < b.entry.id ? -1 : 1))
    .map(({ entry }) => entry);
};
