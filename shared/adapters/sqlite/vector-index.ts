import type { Item, Key } from '../../domain/table/items.ts';
import type { IndexEntry, VectorIndex } from '../../ports/vector-index.ts';
import { evaluate } from './condition.ts';
import { watchDataVersion } from './data-version.ts';
import type { Database } from './database.ts';
import { withStoreErrors } from './errors.ts';
import { cacheKey } from './item-cache.ts';
import { parseBody } from './item-rows.ts';
import { createPartitionCache, type LoadEntries } from './partition-cache.ts';
import { createSearchThread, type EntryChange } from './search-thread.ts';
import {
  createVectorRows,
  type NumberedEntry,
  partitionName,
  partitionNames,
  type StoredEntry,
  toStored,
} from './vector-rows.ts';
import { search } from './vector-search.ts';

/** Entries per transaction; entries may be large. */
const entriesPerWrite = 8;
const entriesPerRemoval = 32;
const defaultCacheBytes = 256 * 1024 * 1024;
/** Entries from which a partition of a file is searched in a thread. */
const defaultThreadFrom = 5_000;

/** An entry of an upsert: a copy to be completed, and the item that it was made of. */
interface Pending {
  complete(): StoredEntry;
  source: IndexEntry['source'];
}

/** Passes entries on one by one, since an entry of many terms takes milliseconds. */
function* setEach(
  entries: readonly NumberedEntry[],
  set: (entry: StoredEntry) => void,
): Generator<undefined, undefined> {
  for (const { parse } of entries) {
    set(parse());
    yield;
  }
}

/**
 * Creates the vector index in the store's file: an exact scan of the query's partitions, which are cached in memory up
 * to `cacheBytes`. Read your writes: a query sees every write that resolved before, also of another process. A write
 * that fails may have written some of its entries; to repeat the write is safe. An entry whose source has changed is not
 * written, so that none of a deleted memory is left even when the process is killed.
 *
 * @param hasItems whether the store has its items in the same database
 */
export const createSqliteVectorIndex = ({
  database,
  hasItems = false,
  cacheBytes = defaultCacheBytes,
  threadFrom = defaultThreadFrom,
}: {
  database: Database;
  hasItems?: boolean;
  cacheBytes?: number;
  threadFrom?: number;
}): VectorIndex => {
  const rows = createVectorRows(database);
  const load: LoadEntries = async (project, name, set) => {
    for (let after = 0; ; ) {
      const batch = await withStoreErrors(database, () => rows.loadBatch(project, name, after));
      const last = batch.at(-1);
      if (!last) return;
      await database.runSteps(setEach(batch, set));
      after = last.n;
    }
  };
  const cache = createPartitionCache(load, cacheBytes);
  const changedByOther = watchDataVersion(database);
  // No other connection can read a database in memory.
  const thread =
    database.path === ':memory:' ? undefined : createSearchThread(database, cacheBytes);
  /** Partitions that the thread searches. */
  const large = new Set<string>();

  /** Whether a partition is large; one that has become so leaves the cache of this thread. */
  const isLarge = (project: string, name: string): boolean => {
    const key = JSON.stringify([project, name]);
    if (large.has(key)) return true;
    const size = cache.size(project, name) ?? rows.count(project, name, threadFrom);
    if (size < threadFrom) return false;
    large.add(key);
    cache.drop(project, name);
    return true;
  };

  const findItem = database.prepare('SELECT body FROM items WHERE pk = ? AND sk = ?');
  const readItem = ({ pk, sk }: Key): Item | undefined => {
    const body = findItem.get(pk, sk)?.['body'];
    return body === undefined ? undefined : parseBody(body);
  };
  /** Returns a test of sources, for one transaction. Reads an item once, since many entries may be made of one. */
  const createCheck = () => {
    const items = new Map<string, Item | undefined>();
    return (source: IndexEntry['source']): boolean => {
      if (!hasItems || !source) return true;
      const { key, when } = source;
      const name = cacheKey(key.pk, key.sk);
      if (!items.has(name)) items.set(name, readItem(key));
      return evaluate(when.test, items.get(name));
    };
  };

  const write = async (project: string, pending: readonly Pending[]): Promise<void> => {
    const written = await database.write(() => {
      const isCurrent = createCheck();
      return pending.flatMap(({ complete, source }) => {
        if (!isCurrent(source)) return [];
        const entry = complete();
        const removed = rows.remove(project, entry.id);
        return [{ entry, removed, n: rows.put(project, entry) }];
      });
    });
    const changes: EntryChange[] = [];
    for (const { entry, removed, n } of written) {
      const names = partitionNames(entry.target);
      if (removed) changes.push({ ...removed, isRemoved: true });
      changes.push({ n, names, isRemoved: false });
      for (const name of removed?.names ?? [])
        cache.change(project, name, (partition) => partition.remove(entry.id));
      for (const name of names) cache.change(project, name, (partition) => partition.put(entry));
    }
    thread?.change(project, changes);
  };

  const removeSome = async (project: string, entries: readonly { id: string }[]): Promise<void> => {
    const removed = await database.write(() =>
      entries.flatMap(({ id }) => {
        const found = rows.remove(project, id);
        return found ? [{ id, ...found }] : [];
      }),
    );
    for (const { id, names } of removed)
      for (const name of names) cache.change(project, name, (partition) => partition.remove(id));
    thread?.change(
      project,
      removed.map(({ n, names }) => ({ n, names, isRemoved: true })),
    );
  };

  return {
    isInStore: hasItems,
    async warm() {
      try {
        await withStoreErrors(database, () => thread?.prepare());
      } catch {
        // The next query fails for the same reason, and says so.
      }
    },
    async upsert(project, entries) {
      const pending = entries.map(({ source, ...entry }) => ({
        complete: toStored(entry),
        source,
      }));
      const writes: Promise<void>[] = [];
      for (let from = 0; from < pending.length; from += entriesPerWrite)
        writes.push(write(project, pending.slice(from, from + entriesPerWrite)));
      await Promise.all(writes);
    },
    async remove(project, entries) {
      const writes: Promise<void>[] = [];
      for (let from = 0; from < entries.length; from += entriesPerRemoval)
        writes.push(removeSome(project, entries.slice(from, from + entriesPerRemoval)));
      await Promise.all(writes);
    },
    async query(query) {
      if (await withStoreErrors(database, changedByOther)) {
        cache.clear();
        thread?.clear();
      }
      const names = [...new Set(query.partitions.map(partitionName))];
      if (thread && names.some((name) => isLarge(query.project, name)))
        return thread.query(names, query);
      const partitions = await Promise.all(names.map((name) => cache.get(query.project, name)));
      return database.runSteps(search(partitions, query));
    },
    areVisible: (project, entries) =>
      withStoreErrors(database, () => entries.map(({ id }) => rows.has(project, id))),
  };
};
