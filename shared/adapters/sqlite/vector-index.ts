import type { VectorIndex } from '../../ports/vector-index.ts';
import { attempt } from './attempt.ts';
import type { Database } from './database.ts';
import { watchOutsideWrites } from './outside-writes.ts';
import { createPartitionCache } from './partition-cache.ts';
import { createVectorRows, partitionName, partitionNames, storedEntry } from './vector-rows.ts';
import { search } from './vector-search.ts';

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
  const cache = createPartitionCache(rows.load, cacheBytes);
  const othersWrote = watchOutsideWrites(database);

  return {
    async upsert(project, entries) {
      const stored = entries.map(storedEntry);
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
    },
    async remove(project, entries) {
      const left = await database.write(() =>
        entries.map(({ id }) => ({ id, names: rows.remove(project, id) })),
      );
      for (const { id, names } of left)
        for (const name of names) cache.change(project, name, (held) => held.remove(id));
    },
    query: (query) =>
      attempt(() => {
        if (othersWrote()) cache.clear();
        const names = new Set(query.partitions.map(partitionName));
        return search(
          [...names].map((name) => cache.get(query.project, name)),
          query,
        );
      }),
    holds: (project, entries) => attempt(() => entries.map(({ id }) => rows.has(project, id))),
  };
};
