import { idf, k1, lengthNorm } from '../../domain/bm25.ts';
import type { IndexQuery } from '../../ports/vector-index.ts';
import { type Collection, type Located, locate } from './collection.ts';
import { normalize } from './vector-block.ts';

/** Score of each entry, by its number in the collection; NaN for an entry without a score. */
export type Scores = Float64Array;

/** Entries that are compared with a vector between two steps. */
const entriesPerStep = 64;

const noScores = ({ ids }: Collection): Scores => new Float64Array(ids.length).fill(Number.NaN);

/** Scores every entry that passes and has a vector of the query's model by cosine similarity. Yields between entries. */
export function* semanticScores(
  collection: Collection,
  dense: NonNullable<IndexQuery['dense']>,
): Generator<undefined, Scores> {
  const scores = noScores(collection);
  const unitQuery = normalize(dense.vector);
  const blocks = new Map(
    collection.partitions.map((partition) => [partition, partition.blockOf(dense)]),
  );
  const cosineOf = (found: Located | undefined): number | undefined =>
    found && blocks.get(found.partition)?.cosine(found.entry, unitQuery);
  for (const [number, found] of collection.located.entries()) {
    if (number % entriesPerStep === 0) yield;
    if (!collection.matching[number]) continue;
    // An entry that was written again meanwhile has its vector under the new entry.
    const cosine = cosineOf(found) ?? cosineOf(locate(collection, found.entry.id));
    if (cosine !== undefined) scores[number] = cosine;
  }
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
 * Scores by BM25 every entry that passes and contains one of the stems. `frequencies` counts all entries, before any filter.
 * Yields between stems.
 */
export function* lexicalScores(
  collection: Collection,
  stems: readonly string[],
): Generator<undefined, { scores: Scores; frequencies: { [stem: string]: number } }> {
  const { lengths, matching, averageLength } = collection;
  const norms = lengths.map((length) => lengthNorm(length, averageLength));
  const scores = noScores(collection);
  const frequencies: [stem: string, entries: number][] = [];
  /** The last stem that each entry was counted for, by position. */
  const countedFor = new Int32Array(lengths.length).fill(-1);
  for (const [position, stem] of stems.entries()) {
    const { entries, counts } = occurrencesOf(stem, collection, (number) => {
      if (countedFor[number] === position) return false;
      countedFor[number] = position;
      return true;
    });
    frequencies.push([stem, entries.length]);
    const weight = idf(lengths.length, entries.length);
    for (const [at, number] of entries.entries()) {
      if (!matching[number]) continue;
      const count = counts[at] ?? 0;
      const score = (weight * count * (k1 + 1)) / (count + (norms[number] ?? 0));
      scores[number] = (scores[number] || 0) + score;
    }
    yield;
  }
  return { scores, frequencies: Object.fromEntries(frequencies) };
}

/**
 * Returns the ids of the `limit` highest scores. A sort of plain numbers finds the lowest of these, so that few ids are
 * sorted.
 */
export const selectBest = (scores: Scores, { ids }: Collection, limit: number): string[] => {
  const ascending = scores.filter((score) => !Number.isNaN(score)).sort();
  const least = ascending[Math.max(0, ascending.length - limit)] ?? 0;
  const chosen: [id: string, score: number][] = [];
  for (const [number, id] of ids.entries()) {
    const score = scores[number] ?? Number.NaN;
    if (score >= least) chosen.push([id, score]);
  }
  return chosen
    .sort(([one, a], [other, b]) => b - a || (one < other ? 1 : -1))
    .slice(0, limit)
    .map(([id]) => id);
};
