import type { IndexResult } from '../../ports/vector-index.ts';
import type { VectorPartition } from './vector-partition.ts';

export type Statistics = NonNullable<IndexResult['statistics']>;

const buildStatistics = (
  stems: readonly string[],
  documents: number,
  totalLength: number,
  countDocuments: (stem: string) => number,
): Statistics => ({
  documents,
  averageLength: documents === 0 ? 0 : totalLength / documents,
  frequencies: Object.fromEntries(stems.map((stem) => [stem, countDocuments(stem)])),
});

/** Counts an entry once, however many of the partitions list the entry. */
const unionStatistics = (
  partitions: readonly VectorPartition[],
  stems: readonly string[],
): Statistics => {
  const lengths = new Map<string, number>();
  for (const { entries } of partitions)
    for (const { id, length } of entries.values()) lengths.set(id, length);
  const totalLength = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  return buildStatistics(stems, lengths.size, totalLength, (stem) => {
    const listed = partitions.flatMap(({ postings }) => [...(postings.get(stem)?.keys() ?? [])]);
    return new Set(listed.map(({ id }) => id)).size;
  });
};

/** Returns exact statistics of all entries of the partitions, before any filter. */
export const statisticsOf = (
  partitions: readonly VectorPartition[],
  stems: readonly string[],
): Statistics => {
  const [only, ...others] = partitions;
  if (!only || others.length > 0) return unionStatistics(partitions, stems);
  const { entries, postings, totalLength } = only;
  return buildStatistics(stems, entries.size, totalLength, (stem) => postings.get(stem)?.size ?? 0);
};
