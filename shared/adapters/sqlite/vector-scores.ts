import { idf, k1, lengthNorm } from '../../domain/bm25.ts';
import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { EntryClass } from '../../ports/vector-index.ts';
import type { Statistics } from './collection-statistics.ts';
import type { VectorPartition } from './vector-partition.ts';

/** Score by entry id. An entry has the same score in every partition that lists the entry. */
export type Scores = Map<string, number>;

/** Returns whether an entry passes the filter. */
export type FilterFn = (entry: { id: string; class: EntryClass; target: FilterTarget }) => boolean;

/** Scores every entry that has a vector of the query's model by cosine similarity. */
export const semanticScores = (
  partition: VectorPartition,
  dense: { model: string; vector: Float32Array },
  matches: FilterFn,
): Scores => {
  const scores: Scores = new Map();
  const block = partition.blockOf(dense);
  block?.cosines(dense.vector).forEach((cosine, row) => {
    const entry = block.rowOwners[row];
    if (entry && matches(entry)) scores.set(entry.id, cosine);
  });
  return scores;
};

/** Scores by BM25 every entry that contains one of the terms in the statistics. */
export const lexicalScores = (
  partition: VectorPartition,
  { documents, averageLength, frequencies }: Statistics,
  matches: FilterFn,
): Scores => {
  const scores: Scores = new Map();
  for (const [stem, frequency] of Object.entries(frequencies)) {
    const weight = idf(documents, frequency);
    for (const [entry, count] of partition.postings.get(stem) ?? []) {
      if (!matches(entry)) continue;
      const norm = lengthNorm(entry.length, averageLength);
      const score = (weight * count * (k1 + 1)) / (count + norm);
      scores.set(entry.id, (scores.get(entry.id) ?? 0) + score);
    }
  }
  return scores;
};

/**
 * Returns the ids of the `limit` highest scores. A sort of plain numbers finds the lowest of these, so that few ids are
 * sorted.
 */
export const selectBest = (scores: Scores, limit: number): string[] => {
  const ascending = Float64Array.from(scores.values()).sort();
  const least = ascending[Math.max(0, ascending.length - limit)] ?? 0;
  const chosen: [id: string, score: number][] = [];
  for (const [id, score] of scores) if (score >= least) chosen.push([id, score]);
  return chosen
    .sort(([one, a], [other, b]) => b - a || (one < other ? 1 : -1))
    .slice(0, limit)
    .map(([id]) => id);
};
