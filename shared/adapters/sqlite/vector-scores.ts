import { idf, k1 } from '../../domain/bm25.ts';
import type { IndexQuery } from '../../ports/vector-index.ts';
import { type Collection, isUnchanged, locate, numbersOfRows } from './collection.ts';
import { normalize } from './vector-block.ts';

/** Score of each entry, by its number in the collection; NaN for an entry without a score. */
export type Scores = Float64Array;

/** Entries that are compared with a vector between two steps. */
const entriesPerStep = 64;

const noScores = ({ entries }: Collection): Scores =>
  new Float64Array(entries.length).fill(Number.NaN);

/** Scores of matching entries of a collection by a vector. */
interface Comparison {
  collection: Collection;
  matching: Uint8Array;
  dense: NonNullable<IndexQuery['dense']>;
  unitQuery: Float32Array;
  scores: Scores;
}

/**
 * Scores the entries by the rows of their vectors. Yields between rows. False when an entry was written or removed meanwhile: rows have
 * moved then.
 */
function* scoreRows(comparison: Comparison): Generator<undefined, boolean> {
  const { collection, matching, dense, unitQuery, scores } = comparison;
  for (const partition of collection.partitions) {
    const block = partition.blockOf(dense);
    for (let row = 0; block && row < block.owners.length; ) {
      yield;
      if (!isUnchanged(collection)) return false;
      const numbers = numbersOfRows(collection, block);
      for (const cosine of block.scan(row, unitQuery)) {
        const number = numbers[row++] ?? -1;
        if (matching[number] === 1) scores[number] = cosine;
      }
    }
  }
  return true;
}

/** Scores single entries that have no score yet, by their vectors as the partitions have them now. Yields between entries. */
function* scoreRest(comparison: Comparison): Generator<undefined, undefined> {
  const { collection, matching, dense, unitQuery, scores } = comparison;
  for (const [number, { id }] of collection.entries.entries()) {
    if (number % entriesPerStep === 0) yield;
    if (matching[number] !== 1 || !Number.isNaN(scores[number])) continue;
    const found = locate(collection, id);
    const cosine = found?.partition.blockOf(dense)?.cosine(found.entry, unitQuery);
    if (cosine !== undefined) scores[number] = cosine;
  }
}

/** Scores every entry that matches and has a vector of the query's model by cosine similarity. Yields now and then. */
export function* semanticScores(
  collection: Collection,
  matching: Uint8Array,
  dense: NonNullable<IndexQuery['dense']>,
): Generator<undefined, Scores> {
  const scores = noScores(collection);
  const comparison = { collection, matching, dense, unitQuery: normalize(dense.vector), scores };
  if (!(yield* scoreRows(comparison))) yield* scoreRest(comparison);
  return scores;
}

/** Entries that contain a stem, by their numbers, with the number of occurrences. Each entry once. */
const occurrencesOf = (
  stem: string,
  { partitions, numbers }: Collection,
  isNew: (number: number) => boolean,
): { entries: number[]; counts: number[] } => {
  const entries: number[] = [];
  const counts: number[] = [];
  for (const { postings } of partitions)
    for (const [{ id }, count] of postings.get(stem) ?? []) {
      const number = numbers.get(id);
      if (number === undefined || !isNew(number)) continue;
      entries.push(number);
      counts.push(count);
    }
  return { entries, counts };
};

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
  /** The last stem that each entry was counted for, by position. */
  const countedFor = new Int32Array(length).fill(-1);
  for (const [position, stem] of stems.entries()) {
    const { entries, counts } = occurrencesOf(stem, collection, (number) => {
      if (countedFor[number] === position) return false;
      countedFor[number] = position;
      return true;
    });
    frequencies.push([stem, entries.length]);
    const weight = idf(length, entries.length);
    for (const [at, number] of entries.entries()) {
      if (matching[number] !== 1) continue;
      const count = counts[at] ?? 0;
      const score = (weight * count * (k1 + 1)) / (count + (norms[number] ?? 0));
      scores[number] = (scores[number] || 0) + score;
    }
    yield;
  }
  return { scores, frequencies: Object.fromEntries(frequencies) };
}

/** Moves the first value of a heap, whose first is its least, to its place. */
const sink = (heap: Float64Array, value: number): void => {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
    const least = heap[child] ?? 0;
    if (least >= value) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = value;
};

/** Returns the lowest of the `limit` highest scores; -Infinity if there are no more. */
const lowestOfBest = (scores: Scores, limit: number): number => {
  const best = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  for (const score of scores) if (score > (best[0] ?? 0)) sink(best, score);
  return best[0] ?? Number.POSITIVE_INFINITY;
};

/** Returns the numbers of the `limit` highest scores, best first. Only few are sorted. */
export const selectBest = (scores: Scores, { entries }: Collection, limit: number): number[] => {
  const least = lowestOfBest(scores, limit);
  const chosen: number[] = [];
  for (let number = 0; number < scores.length; number++)
    if ((scores[number] ?? Number.NaN) >= least) chosen.push(number);
  const scoreOf = (number: number): number => scores[number] ?? 0;
  const idOf = (number: number): string => entries[number]?.id ?? '';
  return chosen
    .sort((one, other) => scoreOf(other) - scoreOf(one) || (idOf(one) < idOf(other) ? 1 : -1))
    .slice(0, limit);
};
