import type { VectorIndex } from '../../ports/vector-index.ts';
import { withStoreErrors } from './attempt.ts';
import { watchDataVersion } from './data-version.ts';
import type { Database } from './database.ts';
import { createPartitionCache, type LoadEntries } from './partition-cache.ts';
import {
  createVectorRows,
  partitionName,
  partitionNames,
  type StoredEntry,
  storedEntry,
} from './vector-rows.ts';
import { search } from './vector-search.ts';

/** Entries that are written by one transaction: they may be large. */
const writtenAtOnce = 8;
const defaultCacheBytes = 256 * 1024 * 1024;

/**
 * The vector index in the file of the store: an exact scan of what the query's partitions hold. Partitions are kept in
 * memory within `cacheBytes`; a write is seen once it answers, one of another process by the next query.
 */
export const createSqliteVectorIndex = ({
  database,
  cacheBytes = defaultCacheBytes,
}: {
  database: Database;
  cacheBytes?: number;
}): VectorIndex => {
  const rows = createVectorRows(database);
  const load: LoadEntries = async (project, name, set) => {
    for (let after = 0; ; ) {
      const some = await withStoreErrors(database, () => {
        const loaded = rows.loadSome(project, name, after);
        for (const { entry } of loaded) set(entry);
        return loaded;
      });
      const last = some.at(-1);
      if (!last) return;
      after = last.n;
    }
  };
  const cache = createPartitionCache(load, cacheBytes);
  const changedByOther = watchDataVersion(database);

  const write = async (project: string, stored: readonly StoredEntry[]): Promise<void> => {
    const left = await database.write(() =>
      stored.map((entry) => {
        const names = rows.remove(project, entry.id);
        rows.put(project, entry);
        return { entry, names };
      }),
    );
    for (const { entry, names } of left) {
      for (const name of names) cache.change(project, name, (held) => held.remove(entry.id));
      for (const name of partitionNames(entry.target))
        cache.change(project, name, (held) => held.put(entry));
    }
  };

  return {
    async upsert(project, entries) {
      const stored = entries.map(storedEntry);
      const writes: Promise<void>[] = [];
      for (let from = 0; from < stored.length; from += writtenAtOnce)
        writes.push(write(project, stored.slice(from, from + writtenAtOnce)));
      await Promise.all(writes);
    },
    async remove(project, entries) {
      const left = await database.write(() =>
        entries.map(({ id }) => ({ id, names: rows.remove(project, id) })),
      );
      for (const { id, names } of left)
        for (const name of names) cache.change(project, name, (held) => held.remove(id));
    },
    async query(query) {
      if (await withStoreErrors(database, changedByOther)) cache.clear();
      const names = new Set(query.partitions.map(partitionName));
      const partitions = await Promise.all(
        [...names].map((name) => cache.get(query.project, name)),
      );
      return withStoreErrors(database, () => search(partitions, query));
    },
    areVisible: (project, entries) =>
      withStoreErrors(database, () => entries.map(({ id }) => rows.has(project, id))),
  };
};
