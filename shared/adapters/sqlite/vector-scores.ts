import { idf, k1 } from '../../domain/bm25.ts';
import type { IndexQuery } from '../../ports/vector-index.ts';
import {
  type Block,
  type Collection,
  entryAt,
  isUnchanged,
  numbersOfRows,
  occurrencesOf,
} from './collection.ts';
import { lowestOfBest } from './lowest-of-best.ts';
import { normalize } from './vector-codes.ts';

/** Score of each entry, by its number in the collection; NaN for an entry without a score. */
export type Scores = Float64Array;

/** Entries that are compared with a vector between two steps. */
const entriesPerStep = 64;

const noScores = ({ entries }: Collection): Scores =>
  new Float64Array(entries.length).fill(Number.NaN);

/** Returns the numbers of the values that are not lower than `least`. */
const numbersFrom = (values: ArrayLike<number>, least: number): number[] => {
  const found: number[] = [];
  for (let number = 0; number < values.length; number++)
    if ((values[number] ?? Number.NaN) >= least) found.push(number);
  return found;
};

/** Cosines of a collection's entries with a query, by number, as far as they are known. */
export interface Comparison {
  collection: Collection;
  dense: NonNullable<IndexQuery['dense']>;
  unitQuery: Float32Array;
  scores: Scores;
}

/** Scores entries that have no score yet, by their vectors as the partitions have them now. Yields between entries. */
export function* scoreEach(
  { collection, dense, unitQuery, scores }: Comparison,
  numbers: Iterable<number>,
): Generator<undefined, undefined> {
  const blocks = collection.partitions.flatMap((partition) => partition.blockOf(dense) ?? []);
  let compared = 0;
  for (const number of numbers) {
    if (!Number.isNaN(scores[number])) continue;
    if (++compared % entriesPerStep === 0) yield;
    const entry = entryAt(collection, number);
    if (!entry) continue;
    const cosines = blocks.map((block) => block.cosine(entry, unitQuery));
    scores[number] = cosines.find((cosine) => cosine !== undefined) ?? Number.NaN;
  }
}

interface BoundedScores {
  min: Scores;
  max: Scores;
}

/** Writes the bounds of a block's rows from `row` on. Returns the next row. */
const boundFrom = (
  row: number,
  block: Block,
  { collection, unitQuery }: Comparison,
  matching: Uint8Array,
  scores: BoundedScores,
): number => {
  const numbers = numbersOfRows(collection, block);
  const { min, max } = block.bounds(row, unitQuery);
  for (let i = 0; i < min.length; i++) {
    const number = numbers[row + i] ?? -1;
    if (matching[number] !== 1) continue;
    scores.min[number] = min[i] ?? 0;
    scores.max[number] = max[i] ?? 0;
  }
  return row + min.length;
};

/**
 * Bounds the cosine of each matching entry, by number. Yields between rows. Undefined when an entry was written or removed meanwhile:
 * rows have moved then.
 */
function* boundRows(
  comparison: Comparison,
  matching: Uint8Array,
): Generator<undefined, BoundedScores | undefined> {
  const { collection, dense } = comparison;
  const scores = { min: noScores(collection), max: noScores(collection) };
  for (const partition of collection.partitions) {
    const block = partition.blockOf(dense);
    for (let row = 0; block && row < block.owners.length; ) {
      yield;
      if (!isUnchanged(collection)) return undefined;
      row = boundFrom(row, block, comparison, matching, scores);
    }
  }
  return scores;
}

/**
 * Scores the matching entries that may be among the `limit` best by cosine similarity and have a vector of the query's model. Yields now
 * and then. An entry whose highest possible cosine is below the lowest possible ones of `limit` others is none of the best.
 */
export function* semanticScores(
  collection: Collection,
  matching: Uint8Array,
  dense: NonNullable<IndexQuery['dense']>,
  limit: number,
): Generator<undefined, Comparison> {
  const unitQuery = normalize(dense.vector);
  const comparison = { collection, dense, unitQuery, scores: noScores(collection) };
  const bounds = yield* boundRows(comparison, matching);
  const candidates = bounds
    ? numbersFrom(bounds.max, lowestOfBest(bounds.min, limit))
    : numbersFrom(matching, 1);
  yield* scoreEach(comparison, candidates);
  return comparison;
}

/**
 * Scores by BM25 every entry that matches and contains one of the stems. `frequencies` counts all entries, before any filter.
 * Yields between stems.
 */
export function* lexicalScores(
  collection: Collection,
  matching: Uint8Array,
  stems: readonly string[],
): Generator<undefined, { scores: Scores; frequencies: { [stem: string]: number } }> {
  const { norms } = collection;
  const { length } = norms;
  const scores = noScores(collection);
  const frequencies: [stem: string, entries: number][] = [];
  for (const stem of stems) {
    const { numbers, counts } = occurrencesOf(collection, stem);
    frequencies.push([stem, numbers.length]);
    const weight = idf(length, numbers.length);
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] ?? -1;
      if (matching[number] !== 1) continue;
      const count = counts[at] ?? 0;
      const score = (weight * count * (k1 + 1)) / (count + (norms[number] ?? 0));
      scores[number] = (scores[number] || 0) + score;
    }
    yield;
  }
  return { scores, frequencies: Object.fromEntries(frequencies) };
}

/** Returns the numbers of the `limit` highest scores, best first. Only few are sorted. */
export const selectBest = (scores: Scores, { entries }: Collection, limit: number): number[] => {
  const chosen = numbersFrom(scores, lowestOfBest(scores, limit));
  const scoreOf = (number: number): number => scores[number] ?? 0;
  const idOf = (number: number): string => entries[number]?.id ?? '';
  return chosen
    .sort((one, other) => scoreOf(other) - scoreOf(one) || (idOf(one) < idOf(other) ? 1 : -1))
    .slice(0, limit);
};
