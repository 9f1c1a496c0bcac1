import type { DueClass } from '../../domain/table/due-class.ts';
import type { ItemKind, Key } from '../../domain/table/items.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DueItem, Store } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { stepsWithStoreErrors, withStoreErrors } from './errors.ts';
import { createItemRows, unexpired } from './item-rows.ts';
import { listPage, queryPage } from './pages.ts';
import { transaction } from './transaction.ts';

const purgeBatch = 500;
/** Due items read in one time slice, by their keys alone. */
const dueItemsPerSlice = 250;

/** Reads items one by one, since items may be large. */
function* readEach<K, T>(keys: readonly K[], read: (key: K) => T): Generator<undefined, T[]> {
  const found: T[] = [];
  for (const key of keys) {
    found.push(read(key));
    yield;
  }
  return found;
}

/**
 * Creates the store on one SQLite file. A transaction is on disk when its promise resolves, and when a read of this process
 * shows it, and survives a crash.
 * Concurrent transactions share one commit (group commit); several processes may use the same file. Closing the store
 * closes the database.
 */
export const createSqliteStore = ({
  database,
  clock,
}: {
  database: Database;
  clock: Pick<Clock, 'now'>;
}): Store => {
  const rows = createItemRows(database);
  const prepareDue = (index: string, classOf: string) =>
    database.prepare(
      `SELECT rowid, kind, pk, sk, due_at FROM items INDEXED BY ${index}
       WHERE due_at IS NOT NULL AND ${classOf}
         AND (due_at, rowid) > (?, ?) AND due_at <= ? AND ${unexpired}
       ORDER BY due_at, rowid LIMIT ?`,
    );
  const due = {
    work: prepareDue('items_due_work', "substr(pk, 1, 2) NOT IN ('M#', 'T#')"),
    upkeep: prepareDue('items_due_upkeep', "substr(pk, 1, 2) IN ('M#', 'T#')"),
  };
  const purge = database.prepare(
    `DELETE FROM items WHERE rowid IN
       (SELECT rowid FROM items WHERE expires_at < ? ORDER BY expires_at LIMIT ${purgeBatch})`,
  );

  /** Resolves with what was read once the last commit is on disk, which it may show. */
  const onDisk = async <T>(reading: Promise<T>): Promise<T> => {
    const found = await reading;
    await database.syncing();
    return found;
  };
  const read = <T>(work: () => T): Promise<T> => onDisk(withStoreErrors(database, work));
  /** Like `onDisk`, unless the last commit did not write the items. */
  const readItems = async <T>(keys: readonly Key[], reading: Promise<T>): Promise<T> => {
    const found = await reading;
    if (keys.some(rows.isInLastCommit)) await database.syncing();
    return found;
  };
  const readDue = (of: DueClass, dueAt: number, row: number, until: number, limit: number) =>
    read(() => due[of].all(dueAt, row, until, clock.now(), limit));

  return {
    get: (key) =>
      readItems(
        [key],
        withStoreErrors(database, () => rows.getCommitted(key, clock.now())),
      ),
    getMany: (keys) =>
      readItems(
        keys,
        stepsWithStoreErrors(
          database,
          readEach(keys, (key) => rows.getCommitted(key, clock.now())),
        ),
      ),
    query: (range) => read(() => queryPage(database, range, clock.now())),
    list: (range) => read(() => listPage(database, range, clock.now())),
    async transact(steps) {
      const work = transaction(rows, steps);
      return await database.write(() => work(clock.now()));
    },
    async due({ class: dueClass, from = Number.MIN_SAFE_INTEGER, until, limit }) {
      const found: DueItem[] = [];
      for (let last = [from, -1]; ; ) {
        const [dueAt = 0, row = 0] = last;
        const asked = Math.min(dueItemsPerSlice, limit - found.length);
        const page = await readDue(dueClass, dueAt, row, until, asked);
        for (const item of page) found.push({ key: toKey(item), dueAt: Number(item['due_at']) });
        const end = page.at(-1);
        if (!end || page.length < asked || found.length === limit) return found;
        last = [Number(end['due_at']), Number(end['rowid'])];
      }
    },
    purge: (until) => database.write(() => Number(purge.run(until).changes)),
    watch: rows.watch,
    secureDelete: () => database.secureDelete(),
    check: () => read(() => void database.prepare('SELECT 1 FROM items LIMIT 1').get()),
    close: () => withStoreErrors(database, () => database.close()),
  };
};

const toKey = (row: Record<string, unknown>): Key => ({
  kind: row['kind'] as ItemKind,
  pk: String(row['pk']),
  sk: String(row['sk']),
});
