import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { EntryWords, Partition } from '../../domain/memory/filter.ts';
import { listingPks, wordsKeys } from '../../domain/table/keys.ts';
import type { Store } from '../../ports/store.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { packedTerms } from './metadata.ts';

/** Entries of a partition, the newest ones, that a query reads the words of. */
const maxEntries = 2_000;
const pageSize = 500;
const prefix = 'WORDS#';
/** Keeps an item below the kilobyte that a write unit pays for, for nearly all entries. */
const maxMetadataBytes = 400;

export interface FoundWords {
  /** The newest entries of the partitions; several partitions may have the same one. */
  entries: { id: string; words: EntryWords; partition: Partition }[];
  /** Whether these are all. */
  isComplete: boolean;
}

const wordsOf = (entry: IndexEntry): EntryWords => {
  const target = { ...entry.target, text: '' };
  const isLarge = Buffer.byteLength(JSON.stringify(target.metadata)) > maxMetadataBytes;
  return {
    class: entry.class,
    terms: packedTerms(entry),
    target: structuredClone(isLarge ? { ...target, metadata: {} } : target),
    ...(isLarge ? { isPartial: true } : {}),
  };
};

/**
 * Words of entries as items of the store, because the service has no sparse vectors: one for each entity that an entry names, in the
 * listing of that entity. A write replaces the item, so that all of it may be repeated after a crash.
 */
export const createWords = (store: Pick<Store, 'query' | 'transact'>) => {
  const newest = async (pk: string, partition: Partition, limit: number): Promise<FoundWords> => {
    const entries: FoundWords['entries'] = [];
    const range = { kind: 'WORDS', pk, prefix, newestFirst: true, limit: pageSize } as const;
    let page = await store.query(range);
    for (;;) {
      for (const { key, item } of page.items)
        entries.push({ id: key.sk.slice(prefix.length), words: item, partition });
      if (page.next === undefined) return { entries, isComplete: true };
      if (entries.length >= limit) return { entries, isComplete: false };
      page = await store.query({ ...range, after: page.next });
    }
  };

  return {
    async put(project: string, entries: readonly IndexEntry[]): Promise<void> {
      const items = entries.flatMap((entry) =>
        wordsKeys(project, entry.target, entry.id).map((key) => ({ key, item: wordsOf(entry) })),
      );
      await mapConcurrent(items, ({ key, item }) => store.transact([{ op: 'put', key, item }]));
    },

    async remove(project: string, entries: readonly (Tagged & { id: string })[]): Promise<void> {
      const keys = entries.flatMap((entry) => wordsKeys(project, entry, entry.id));
      await mapConcurrent(keys, (key) => store.transact([{ op: 'delete', key }]));
    },

    /** Reads the newest entries of each partition. The project as a whole has none: too many would have to be read. */
    async newest(project: string, partitions: readonly Partition[]): Promise<FoundWords> {
      const parts = partitions.flatMap((partition) => {
        if (partition === 'project') return [];
        const pks = listingPks(project, partition);
        return pks.map((pk) => ({ pk, partition, limit: Math.ceil(maxEntries / pks.length) }));
      });
      const found = await mapConcurrent(parts, ({ pk, partition, limit }) =>
        newest(pk, partition, limit),
      );
      return {
        entries: found.flatMap(({ entries }) => entries),
        isComplete: !partitions.includes('project') && found.every(({ isComplete }) => isComplete),
      };
    },
  };
};

export type Words = ReturnType<typeof createWords>;
