import type { IndexResult } from '../../ports/vector-index.ts';
import type { VectorPartition } from './vector-partition.ts';

export type Statistics = NonNullable<IndexResult['statistics']>;

const describe = (
  stems: readonly string[],
  documents: number,
  totalLength: number,
  frequencyOf: (stem: string) => number,
): Statistics => ({
  documents,
  averageLength: documents === 0 ? 0 : totalLength / documents,
  frequencies: Object.fromEntries(stems.map((stem) => [stem, frequencyOf(stem)])),
});

/** An entry may stand in several of the partitions; it counts once. */
const ofUnion = (partitions: readonly VectorPartition[], stems: readonly string[]): Statistics => {
  const lengths = new Map<string, number>();
  for (const { entries } of partitions)
    for (const { id, length } of entries.values()) lengths.set(id, length);
  const totalLength = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  return describe(stems, lengths.size, totalLength, (stem) => {
    const having = partitions.flatMap(({ postings }) => [...(postings.get(stem)?.keys() ?? [])]);
    return new Set(having.map(({ id }) => id)).size;
  });
};

/** Exact, over all that the partitions hold, whatever a filter keeps of it. */
export const statisticsOf = (
  partitions: readonly VectorPartition[],
  stems: readonly string[],
): Statistics => {
  const [only, ...others] = partitions;
  if (!only || others.length > 0) return ofUnion(partitions, stems);
  const { entries, postings, totalLength } = only;
  return describe(stems, entries.size, totalLength, (stem) => postings.get(stem)?.size ?? 0);
};
