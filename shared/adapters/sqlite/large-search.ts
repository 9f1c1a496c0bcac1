import { idf, k1, lengthNorm } from '../../domain/bm25.ts';
import type { Filter, Partition } from '../../domain/memory/filter.ts';
import { dot } from '../../domain/memory/vector.ts';
import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { occurrencesOfPosting, slotOfPosting } from './inverted-index.ts';
import type { LargePartition } from './large-partition.ts';
import { lowestOfBest } from './lowest-of-best.ts';
import type { Scratch } from './scratch.ts';
import { classNumbers } from './segment.ts';
import type { FoundRow, SegmentReads } from './segment-rows.ts';
import { encode, normalize } from './vector-codes.ts';

/** A partition of a query: the entries that it has before any other one, and those that match. */
export interface SearchedPartition {
  partition: LargePartition;
  /** `matching` is 1 for entries of the wanted classes that pass the filter and are in no earlier partition. */
  scratch: Scratch;
  /** Whether an earlier partition has the entry of a slot; absent of the first. */
  isRepeated: ((slot: number) => boolean) | undefined;
}

/** Whether every entry of the partition passes. */
export const isImplied = (partition: Partition | undefined, filter: Filter): boolean => {
  if ('all' in filter) return filter.all.every((part) => isImplied(partition, part));
  if (!partition || partition === 'project' || !('entity' in filter) || !('is' in filter))
    return false;
  return filter.entity === partition.kind && filter.is === partition.id;
};

/** An entry by the position of its partition and its slot. */
interface Scored {
  at: number;
  slot: number;
  score: number;
}

const highest = (scored: readonly Scored[], limit: number): readonly Scored[] =>
  scored.length <= limit
    ? scored
    : scored.toSorted((a, b) => b.score - a.score || a.slot - b.slot).slice(0, limit);

/** Candidates beyond the limit that are compared by their full vectors, since codes are approximate. */
const oversampled = (limit: number): number => Math.ceil(limit * 1.5) + 32;

/** Returns the `limit` highest scores of a partition, of equal ones the first; NaN stands for no score. */
const scoredIn = (
  scores: Float32Array | Float64Array,
  at: number,
  limit: number,
  slotOf: (index: number) => number,
): Scored[] => {
  const least = lowestOfBest(scores, limit);
  const scored: Scored[] = [];
  const equal: Scored[] = [];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? Number.NaN;
    if (score > least) scored.push({ at, slot: slotOf(index), score });
    else if (score === least && equal.length < limit)
      equal.push({ at, slot: slotOf(index), score });
  }
  return [...scored, ...equal.slice(0, limit - scored.length)];
};

const bestSemantic = (
  parts: readonly SearchedPartition[],
  { dense, limit }: IndexQuery,
): readonly Scored[] => {
  if (!dense) return [];
  const candidates = oversampled(limit);
  const query = encode(dense.vector);
  const best = parts.flatMap(({ partition, scratch }, at): Scored[] => {
    const found = partition.block(dense.model, dense.vector.length);
    if (!found) return [];
    const cosines = found.block.scan(query, scratch.cosines);
    const { slots } = found;
    for (let row = 0; row < cosines.length; row++)
      if (scratch.matching[slots[row] ?? 0] !== 1) cosines[row] = Number.NaN;
    return scoredIn(cosines, at, candidates, (row) => slots[row] ?? 0);
  });
  return highest(best, candidates);
};

/** Sums of the entries of all partitions, each once. */
const sumsOf = (parts: readonly SearchedPartition[]) => {
  let [documents, totalLength] = [0, 0];
  for (const { partition, isRepeated } of parts) {
    documents += partition.documents();
    totalLength += partition.totalLength();
    const [classes, lengths] = [partition.classes(), partition.lengths()];
    for (let slot = 0; isRepeated && slot < partition.slots(); slot++) {
      if (classes[slot] === 0 || !isRepeated(slot)) continue;
      documents -= 1;
      totalLength -= lengths[slot] ?? 0;
    }
  }
  return { documents, averageLength: documents === 0 ? 0 : totalLength / documents };
};

/** Moves the postings of entries of this partition to the front, and returns their number. */
const withoutRepeated = (
  into: Uint32Array,
  count: number,
  isRepeated: (slot: number) => boolean,
): number => {
  let own = 0;
  for (let i = 0; i < count; i++) {
    const posting = into[i] ?? 0;
    if (!isRepeated(slotOfPosting(posting))) into[own++] = posting;
  }
  return own;
};

/** Scores by BM25; frequencies count all entries, before any filter. */
const bestLexical = (parts: readonly SearchedPartition[], { terms, limit }: IndexQuery) => {
  const { documents, averageLength } = sumsOf(parts);
  for (const { scratch } of parts) scratch.scores.fill(Number.NaN);
  const frequencies: [stem: string, entries: number][] = [];

  /** Entries of a partition that contain the stem, without those of an earlier partition. */
  const countOf = (stem: string, at: number): number => {
    const part = parts[at];
    if (!part) return 0;
    const { postings } = part.scratch;
    const count = part.partition.occurrences(stem, postings);
    return part.isRepeated ? withoutRepeated(postings, count, part.isRepeated) : count;
  };

  const addScores = (at: number, count: number, weight: number): void => {
    const part = parts[at];
    if (!part) return;
    const { matching, scores: own, postings } = part.scratch;
    const lengths = part.partition.lengths();
    for (let i = 0; i < count; i++) {
      const posting = postings[i] ?? 0;
      const slot = slotOfPosting(posting);
      if (matching[slot] !== 1) continue;
      const occurs = occurrencesOfPosting(posting);
      const norm = lengthNorm(lengths[slot] ?? 0, averageLength);
      own[slot] = (own[slot] || 0) + (weight * occurs * (k1 + 1)) / (occurs + norm);
    }
  };

  for (const stem of new Set(terms)) {
    const counts = parts.map((_, at) => countOf(stem, at));
    const frequency = counts.reduce((sum, count) => sum + count, 0);
    frequencies.push([stem, frequency]);
    for (const [at, count] of counts.entries()) addScores(at, count, idf(documents, frequency));
  }
  const best = parts.flatMap(({ scratch }, at) =>
    scoredIn(scratch.scores, at, limit, (slot) => slot),
  );
  return {
    best: highest(best, limit),
    statistics: { documents, averageLength, frequencies: Object.fromEntries(frequencies) },
  };
};

const hitOf = ({ id, target }: FoundRow, semantic: number | undefined): IndexHit => ({
  id,
  entities: target.entities,
  ...(target.extraEntities && { extraEntities: target.extraEntities }),
  ...(semantic !== undefined && { semantic }),
});

/**
 * Returns the entries with the best cosine and those with the best BM25 score. Codes choose the candidates for the cosine, and the
 * vectors of the table decide: results are exact but for an entry that codes misplace by half the limit.
 */
export const searchLarge = (
  parts: readonly SearchedPartition[],
  query: IndexQuery,
  reads: SegmentReads,
): IndexResult => {
  const { dense, limit } = query;
  const unit = dense && normalize(dense.vector);
  const { best, statistics } = bestLexical(parts, query);
  const numberOf = ({ at, slot }: Scored): number => parts[at]?.partition.numberOf(slot) ?? 0;
  const read = new Map<number, IndexHit>();
  const hitsOf = (scored: readonly Scored[]): IndexHit[] =>
    scored.flatMap((one) => {
      const n = numberOf(one);
      const known = read.get(n);
      if (known) return [known];
      const row = reads.found(n);
      if (!row) return [];
      const own = row.dense;
      const isComparable =
        own && dense && own.model === dense.model && own.vector.length === dense.vector.length;
      const hit = hitOf(row, isComparable && unit ? dot(unit, normalize(own.vector)) : undefined);
      read.set(n, hit);
      return [hit];
    });
  const semantic = hitsOf(bestSemantic(parts, query))
    .sort((a, b) => (b.semantic ?? 0) - (a.semantic ?? 0) || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
  const all = [...semantic, ...hitsOf(best)];
  return { hits: [...new Map(all.map((hit) => [hit.id, hit])).values()], statistics };
};

/** Marks the matching entries of one partition: of the wanted classes, and passing the filter where it is to be tested. */
export const markMatching = (
  matching: Uint8Array,
  partition: LargePartition,
  { classes }: Pick<IndexQuery, 'classes'>,
  passes: ((slot: number) => boolean) | undefined,
  isRepeated: ((slot: number) => boolean) | undefined,
): void => {
  const wanted = new Set(classes.map((name) => classNumbers[name]));
  const isWanted = Uint8Array.from({ length: 4 }, (_, number) => Number(wanted.has(number)));
  const own = partition.classes();
  for (let slot = 0; slot < matching.length; slot++) matching[slot] = isWanted[own[slot] ?? 0] ?? 0;
  if (!passes && !isRepeated) return;
  for (let slot = 0; slot < matching.length; slot++)
    if (matching[slot] === 1 && (isRepeated?.(slot) || (passes && !passes(slot))))
      matching[slot] = 0;
};
