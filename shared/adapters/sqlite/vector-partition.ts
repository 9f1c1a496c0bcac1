import { createVectorBlock, type VectorBlock } from './vector-block.ts';
import type { StoredEntry } from './vector-rows.ts';

type Dense = NonNullable<StoredEntry['dense']>;

/** An entry without its vector, which a block holds. */
export interface SearchedEntry extends Omit<StoredEntry, 'dense'> {
  /** Estimated size in memory. */
  bytes: number;
}

/** Entries of one partition in memory, with an inverted index of their stems and blocks of their vectors. */
export interface VectorPartition {
  entries: ReadonlyMap<string, SearchedEntry>;
  /** Inverted index: the entries that contain a stem, with the number of occurrences. */
  postings: ReadonlyMap<string, ReadonlyMap<SearchedEntry, number>>;
  /** Sum of the entries' lengths. */
  totalLength: number;
  bytes: number;
  /** Grows with each change. */
  revision: number;
  /** Returns the vectors of the same model and dimension. */
  blockOf(dense: Dense): VectorBlock<SearchedEntry> | undefined;
  /** Adds an entry, or replaces the one of the same id. */
  put(entry: StoredEntry): void;
  remove(id: string): void;
}

/** Estimates the size of an entry in memory, with codes, and the overhead of maps, strings and objects, also of a kept collection. */
const estimateBytes = ({ dense, terms, target }: StoredEntry): number =>
  (dense?.vector.byteLength ?? 0) * 1.25 +
  terms.length * 100 +
  JSON.stringify(target).length * 2 +
  500;

/** Names a block by dimension and model, since a model may change its dimension under the same name. */
const blockName = ({ model, vector }: Dense): string => `${vector.length} ${model}`;

export const createVectorPartition = (): VectorPartition => {
  const entries = new Map<string, SearchedEntry>();
  const postings = new Map<string, Map<SearchedEntry, number>>();
  const blocks = new Map<string, VectorBlock<SearchedEntry>>();

  const addToIndexes = (entry: SearchedEntry, dense: Dense | undefined): void => {
    for (const [stem, count] of entry.terms) {
      const posting = postings.get(stem) ?? new Map<SearchedEntry, number>();
      postings.set(stem, posting.set(entry, count));
    }
    if (!dense) return;
    const block =
      blocks.get(blockName(dense)) ?? createVectorBlock<SearchedEntry>(dense.vector.length);
    blocks.set(blockName(dense), block);
    block.set(entry, dense.vector);
  };

  const removeFromIndexes = (entry: SearchedEntry): void => {
    for (const [stem] of entry.terms) {
      const posting = postings.get(stem);
      posting?.delete(entry);
      if (posting?.size === 0) postings.delete(stem);
    }
    for (const block of blocks.values()) block.remove(entry);
  };

  const partition: VectorPartition = {
    entries,
    postings,
    totalLength: 0,
    bytes: 0,
    revision: 0,
    blockOf: (dense) => blocks.get(blockName(dense)),
    put(stored) {
      partition.remove(stored.id);
      const { dense, ...rest } = stored;
      const entry = { ...rest, bytes: estimateBytes(stored) };
      entries.set(entry.id, entry);
      partition.totalLength += entry.length;
      partition.bytes += entry.bytes;
      partition.revision += 1;
      addToIndexes(entry, dense);
    },
    remove(id) {
      const entry = entries.get(id);
      if (!entry) return;
      entries.delete(id);
      partition.totalLength -= entry.length;
      partition.bytes -= entry.bytes;
      partition.revision += 1;
      removeFromIndexes(entry);
    },
  };
  return partition;
};
