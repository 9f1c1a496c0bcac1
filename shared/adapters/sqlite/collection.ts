import { lengthNorm } from '../../domain/bm25.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { EntryClass } from '../../ports/vector-index.ts';
import type { VectorBlock } from './vector-block.ts';
import type { SearchedEntry, VectorPartition } from './vector-partition.ts';

export type Block = VectorBlock<SearchedEntry>;

/** The entries of a query's partitions, each once and under a number of its own. Later entries have none. */
export interface Collection {
  partitions: readonly VectorPartition[];
  /** Revision of each partition when its entries were numbered. */
  revisions: readonly number[];
  numbers: ReadonlyMap<string, number>;
  /** Each entry as it was when it was numbered, by number. */
  entries: readonly SearchedEntry[];
  /** Length normalisation of each entry, by number. */
  norms: Float64Array;
  averageLength: number;
  /** Entries that match, as ones, by the test: classes and filter. */
  matching: Map<string, Uint8Array>;
  /** The number of the owner of each row of a block; -1 for a later entry. */
  rowNumbers: Map<Block, Int32Array>;
  /** Where each stem occurs that was searched. */
  occurrences: Map<string, Occurrences>;
}

/** Entries that contain a stem, by their numbers, each once, with the number of occurrences. */
export interface Occurrences {
  numbers: Int32Array;
  counts: Float64Array;
}

/** Entries that are numbered or tested between two steps. */
const entriesPerStep = 16;

/** Whether the partitions have the entries that were numbered, and no others. */
export const isUnchanged = ({ partitions, revisions }: Collection): boolean =>
  partitions.every(({ revision }, at) => revision === revisions[at]);

/** Collections of one partition, kept until it changes: most searches follow another search of the partition. */
const kept = new WeakMap<VectorPartition, Collection>();

/**
 * Numbers the entries of the partitions. Yields between entries: an entry that is in a partition all the time is included, even
 * when the same entry is written again meanwhile, because the iterators of a Map are live.
 */
function* number(partitions: readonly VectorPartition[]): Generator<undefined, Collection> {
  const revisions = partitions.map(({ revision }) => revision);
  const numbers = new Map<string, number>();
  const entries: SearchedEntry[] = [];
  let totalLength = 0;
  for (const partition of partitions)
    for (const entry of partition.entries.values()) {
      if (numbers.has(entry.id)) continue;
      numbers.set(entry.id, entries.length);
      entries.push(entry);
      totalLength += entry.length;
      if (entries.length % entriesPerStep === 0) yield;
    }
  const averageLength = entries.length === 0 ? 0 : totalLength / entries.length;
  const norms = Float64Array.from(entries, ({ length }) => lengthNorm(length, averageLength));
  return {
    partitions,
    revisions,
    numbers,
    entries,
    norms,
    averageLength,
    matching: new Map(),
    rowNumbers: new Map(),
    occurrences: new Map(),
  };
}

/** Returns the collection of the partitions: a kept one, or a new one in steps. */
export function* collect(partitions: readonly VectorPartition[]): Generator<undefined, Collection> {
  const [only] = partitions;
  if (!only || partitions.length > 1) return yield* number(partitions);
  const known = kept.get(only);
  if (known && isUnchanged(known)) return known;
  const collection = yield* number(partitions);
  if (isUnchanged(collection)) kept.set(only, collection);
  return collection;
}

/** Tests that a collection keeps the results of. */
const maxKeptTests = 4;

/** Tests whether each entry, by number, is of a wanted class and passes the filter. Yields between entries. */
export function* matchingIn(
  { entries, matching }: Collection,
  classes: readonly EntryClass[],
  filter: Filter,
): Generator<undefined, Uint8Array> {
  const test = JSON.stringify([classes, filter]);
  const known = matching.get(test);
  if (known) return known;
  const wanted = new Set(classes);
  const matches = stepMatcherOf(filter);
  const found = new Uint8Array(entries.length);
  for (const [number, { class: entryClass, target }] of entries.entries()) {
    if (wanted.has(entryClass) && (yield* matches(target))) found[number] = 1;
    if (number % entriesPerStep === 0) yield;
  }
  for (const oldest of matching.keys()) {
    if (matching.size < maxKeptTests) break;
    matching.delete(oldest);
  }
  matching.set(test, found);
  return found;
}

/** Returns the numbers of the owners of a block's rows, which are true until a partition changes. */
export const numbersOfRows = ({ numbers, rowNumbers }: Collection, block: Block): Int32Array => {
  const known = rowNumbers.get(block);
  if (known?.length === block.owners.length) return known;
  const found = Int32Array.from(block.owners, ({ id }) => numbers.get(id) ?? -1);
  rowNumbers.set(block, found);
  return found;
};

const findOccurrences = ({ partitions, numbers }: Collection, stem: string): Occurrences => {
  const counts = new Map<number, number>();
  for (const { postings } of partitions)
    for (const [{ id }, count] of postings.get(stem) ?? []) {
      const number = numbers.get(id);
      if (number !== undefined && !counts.has(number)) counts.set(number, count);
    }
  return { numbers: Int32Array.from(counts.keys()), counts: Float64Array.from(counts.values()) };
};

/** Returns where a stem occurs in the entries of a collection. */
export const occurrencesOf = (collection: Collection, stem: string): Occurrences => {
  if (!isUnchanged(collection)) return findOccurrences(collection, stem);
  const known = collection.occurrences.get(stem);
  if (known) return known;
  const found = findOccurrences(collection, stem);
  if (found.numbers.length > 0) collection.occurrences.set(stem, found);
  return found;
};

/** Returns the entry of a number as the partitions list it now; undefined after its removal. */
export const entryAt = (collection: Collection, number: number): SearchedEntry | undefined => {
  const entry = collection.entries[number];
  if (!entry || isUnchanged(collection)) return entry;
  for (const { entries } of collection.partitions) {
    const current = entries.get(entry.id);
    if (current) return current;
  }
  return undefined;
};
