import { setImmediate as nextTick } from 'node:timers/promises';
import type { ItemKind, Key } from '../../domain/items.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { attempt } from './attempt.ts';
import type { Database } from './database.ts';
import { createItemRows, unexpired } from './item-rows.ts';
import { listPage, queryPage } from './pages.ts';
import { transaction } from './transaction.ts';

const purgeBatch = 500;

/** Items read at once; together they take less than some milliseconds unless they are large. */
const atOnce = 8;
/** Other work waits no longer than this for many large items, ms. */
const sliceMs = 8;

const readInSlices = async <K, T>(
  keys: readonly K[],
  read: (some: readonly K[]) => T[],
): Promise<T[]> => {
  const found: T[] = [];
  let since = performance.now();
  for (let from = 0; from < keys.length; from += atOnce) {
    if (performance.now() - since > sliceMs) {
      await nextTick();
      since = performance.now();
    }
    found.push(...(await attempt(() => read(keys.slice(from, from + atOnce)))));
  }
  return found;
};

/**
 * The store on one SQLite file. A transaction has reached the disk when it answers; those that arrive together share
 * one commit. Closing the store closes the database.
 */
export const createSqliteStore = ({
  database,
  clock,
}: {
  database: Database;
  clock: Pick<Clock, 'now'>;
}): Store => {
  const rows = createItemRows(database);
  const due = database.prepare(
    `SELECT kind, pk, sk, due_at FROM items
     WHERE due_at <= ? AND ${unexpired} ORDER BY due_at LIMIT ?`,
  );
  const purge = database.prepare(
    `DELETE FROM items WHERE rowid IN
       (SELECT rowid FROM items WHERE expires_at < ? ORDER BY expires_at LIMIT ${purgeBatch})`,
  );

  return {
    get: (key) => attempt(() => rows.getCommitted([key], clock.now())[0]),
    getMany: (keys) => readInSlices(keys, (some) => rows.getCommitted(some, clock.now())),
    query: (range) => attempt(() => queryPage(database, range, clock.now())),
    list: (range) => attempt(() => listPage(database, range, clock.now())),
    async transact(steps) {
      const work = transaction(rows, steps);
      return await database.write(() => work(clock.now()));
    },
    due: ({ until, limit }) =>
      attempt(() =>
        due.all(until, clock.now(), limit).map((row) => ({
          key: keyOf(row),
          dueAt: Number(row['due_at']),
        })),
      ),
    purge: (until) => database.write(() => Number(purge.run(until).changes)),
    scrub: () => database.scrub(),
    check: () => attempt(() => void database.prepare('SELECT 1 FROM items LIMIT 1').get()),
    close: () => attempt(() => database.close()),
  };
};

const keyOf = (row: Record<string, unknown>): Key => ({
  kind: row['kind'] as ItemKind,
  pk: String(row['pk']),
  sk: String(row['sk']),
});
