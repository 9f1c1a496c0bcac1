import type { Item, Key } from '../../domain/table/items.ts';
import type { IndexEntry, VectorIndex } from '../../ports/vector-index.ts';
import { evaluate } from './condition.ts';
import { watchDataVersion } from './data-version.ts';
import type { Database } from './database.ts';
import { withStoreErrors } from './errors.ts';
import { cacheKey } from './item-cache.ts';
import { parseBody } from './item-rows.ts';
import { createPartitionCache, type LoadEntries } from './partition-cache.ts';
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
}: {
  database: Database;
  hasItems?: boolean;
  cacheBytes?: number;
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
        const names = rows.remove(project, entry.id);
        rows.put(project, entry);
        return [{ entry, names }];
      });
    });
    for (const { entry, names } of written) {
      for (const name of names)
        cache.change(project, name, (partition) => partition.remove(entry.id));
      for (const name of partitionNames(entry.target))
        cache.change(project, name, (partition) => partition.put(entry));
    }
  };

  const removeSome = async (project: string, entries: readonly { id: string }[]): Promise<void> => {
    const removed = await database.write(() =>
      entries.map(({ id }) => ({ id, names: rows.remove(project, id) })),
    );
    for (const { id, names } of removed)
      for (const name of names) cache.change(project, name, (partition) => partition.remove(id));
  };

  return {
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
      if (await withStoreErrors(database, changedByOther)) cache.clear();
      const names = new Set(query.partitions.map(partitionName));
      const partitions = await Promise.all(
        [...names].map((name) => cache.get(query.project, name)),
      );
      return database.runSteps(search(partitions, query));
    },
    areVisible: (project, entries) =>
      withStoreErrors(database, () => entries.map(({ id }) => rows.has(project, id))),
  };
};
