import { createVectorBlock, type VectorBlock } from './vector-block.ts';
import type { StoredEntry } from './vector-rows.ts';

type Dense = NonNullable<StoredEntry['dense']>;

/** An entry without its vector, which stands in a block. */
export interface SearchedEntry extends Omit<StoredEntry, 'dense'> {
  /** About what it takes in memory. */
  bytes: number;
}

/** The entries of one partition in memory, arranged for an exact scan. */
export interface VectorPartition {
  entries: ReadonlyMap<string, SearchedEntry>;
  /** Which entries have a stem, and how often. */
  postings: ReadonlyMap<string, ReadonlyMap<SearchedEntry, number>>;
  /** Sum of the entries' lengths. */
  totalLength: number;
  bytes: number;
  /** The vectors that can be compared with this one. */
  blockOf(dense: Dense): VectorBlock<SearchedEntry> | undefined;
  /** In place of an entry of the same id. */
  put(entry: StoredEntry): void;
  remove(id: string): void;
}

/** Rough: maps, strings and objects cost more than what they hold. */
const bytesOf = ({ dense, terms, target }: StoredEntry): number =>
  (dense?.vector.byteLength ?? 0) + terms.length * 100 + JSON.stringify(target).length * 2 + 400;

/** By length too: a model that changed its dimension but not its name must not mix. */
const blockName = ({ model, vector }: Dense): string => `${vector.length} ${model}`;

export const createVectorPartition = (): VectorPartition => {
  const entries = new Map<string, SearchedEntry>();
  const postings = new Map<string, Map<SearchedEntry, number>>();
  const blocks = new Map<string, VectorBlock<SearchedEntry>>();

  const insert = (entry: SearchedEntry, dense: Dense | undefined): void => {
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

  const removeMembership = (entry: SearchedEntry): void => {
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
    blockOf: (dense) => blocks.get(blockName(dense)),
    put(stored) {
      partition.remove(stored.id);
      const { dense, ...rest } = stored;
      const entry = { ...rest, bytes: bytesOf(stored) };
      entries.set(entry.id, entry);
      partition.totalLength += entry.length;
      partition.bytes += entry.bytes;
      insert(entry, dense);
    },
    remove(id) {
      const entry = entries.get(id);
      if (!entry) return;
      entries.delete(id);
      partition.totalLength -= entry.length;
      partition.bytes -= entry.bytes;
      removeMembership(entry);
    },
  };
  return partition;
};
