import { idf, k1, lengthNorm } from '../../domain/bm25.ts';
import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { Statistics } from './collection-statistics.ts';
import type { VectorPartition } from './vector-partition.ts';

/** By entry id: an entry that several partitions hold scores the same in each. */
export type Scores = Map<string, number>;

/** Whether the filter keeps an entry. */
export type FilterFn = (entry: { id: string; target: FilterTarget }) => boolean;

/** Cosine of every entry that has a vector of the query's model. */
export const semanticScores = (
  partition: VectorPartition,
  dense: { model: string; vector: Float32Array },
  keeps: FilterFn,
): Scores => {
  const scores: Scores = new Map();
  const block = partition.blockOf(dense);
  block?.cosines(dense.vector).forEach((cosine, row) => {
    const entry = block.owners[row];
    if (entry && keeps(entry)) scores.set(entry.id, cosine);
  });
  return scores;
};

/** BM25 of every entry that has one of the terms the statistics tell of. */
export const lexicalScores = (
  partition: VectorPartition,
  { documents, averageLength, frequencies }: Statistics,
  keeps: FilterFn,
): Scores => {
  const scores: Scores = new Map();
  for (const [stem, frequency] of Object.entries(frequencies)) {
    const weight = idf(documents, frequency);
    for (const [entry, count] of partition.postings.get(stem) ?? []) {
      if (!keeps(entry)) continue;
      const norm = lengthNorm(entry.length, averageLength);
      const score = (weight * count * (k1 + 1)) / (count + norm);
      scores.set(entry.id, (scores.get(entry.id) ?? 0) + score);
    }
  }
  return scores;
};

/** Ids of the `limit` best. A sort of bare numbers finds the last score that counts, so that few ids are put in order. */
export const best = (scores: Scores, limit: number): string[] => {
  const ascending = Float64Array.from(scores.values()).sort();
  const least = ascending[Math.max(0, ascending.length - limit)] ?? 0;
  const chosen: [id: string, score: number][] = [];
  for (const [id, score] of scores) if (score >= least) chosen.push([id, score]);
  return chosen
    .sort(([one, a], [other, b]) => b - a || (one < other ? 1 : -1))
    .slice(0, limit)
    .map(([id]) => id);
};
