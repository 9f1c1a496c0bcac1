import type { Item, ItemKind, Key } from '../../domain/table/items.ts';
import type { StoreChange } from '../../ports/store.ts';
import { oncePerTick, watchDataVersion } from './data-version.ts';
import type { Database } from './database.ts';
import { cacheKey, createItemCache } from './item-cache.ts';

/** An item as a row: the whole item as JSON, and its index attributes once more in columns of their own. */
type Row = [
  pk: string,
  sk: string,
  kind: string,
  body: string,
  dueAt: number | null,
  expiresAt: number | null,
  listPk: string | null,
  listSk: string | null,
];

export const toRow = ({ pk, sk, kind }: Key, item: Item): Row => [
  pk,
  sk,
  kind,
  JSON.stringify(item),
  item.dueAt ?? null,
  item.expiresAt ?? null,
  item.listPk ?? null,
  item.listSk ?? null,
];

const hasSameIndexing = ([, , , , , expiresAt, listPk, listSk]: Row, item: Item): boolean =>
  (item.expiresAt ?? null) === expiresAt &&
  (item.listPk ?? null) === listPk &&
  (item.listSk ?? null) === listSk;

/** Parses a body. The type is safe, since bodies are only written from items of the key's kind. */
export const parseBody = <K extends ItemKind>(body: unknown): Item<K> =>
  JSON.parse(String(body)) as Item<K>;

/** SQL condition: the row has not expired at the time bound to `?`. */
export const unexpired = '(expires_at IS NULL OR expires_at > ?)';

const upsert = `
  INSERT INTO items (pk, sk, kind, body, due_at, expires_at, list_pk, list_sk)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET
    kind = excluded.kind, body = excluded.body, due_at = excluded.due_at,
    expires_at = excluded.expires_at, list_pk = excluded.list_pk, list_sk = excluded.list_sk`;

const maxCachedCharacters = 4 * 1024 * 1024;

/** Access to the items table through a cache. Commits of other processes are seen from the next tick on. */
export interface ItemRows {
  /** Reads an item within the open transaction, with the transaction's own writes. */
  get<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  /** Reads a committed item, from the cache if possible. Not to be called within a transaction. */
  getCommitted<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  /** @param current the stored item, if known: index columns are written only if they change */
  put(row: Row, current?: Item): void;
  /**
   * Writes the item unless an unexpired one exists; returns whether the item was written. One statement, without a
   * read.
   */
  putIfAbsent(row: Row, now: number): boolean;
  remove(key: Key): void;
  /** Whether the last commit of this process wrote or removed the item. */
  isInLastCommit(key: Key): boolean;
  /** Calls the observer as `Store.watch` says. */
  watch(onChange: (change: StoreChange | undefined) => void): void;
}

export const createItemRows = (database: Database): ItemRows => {
  const select = database.prepare(
    `SELECT body FROM items WHERE pk = ? AND sk = ? AND ${unexpired}`,
  );
  const put = database.prepare(upsert);
  const updateBody = database.prepare(
    'UPDATE items SET body = ?, due_at = ? WHERE pk = ? AND sk = ?',
  );
  const putIfAbsent = database.prepare(`${upsert} WHERE items.expires_at <= ?`);
  const remove = database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?');
  const cache = createItemCache(maxCachedCharacters);
  const changedByOther = watchDataVersion(database);
  const changedByOtherOncePerTick = oncePerTick(changedByOther);
  /**
   * Bodies written by the open group. The cache takes them on commit only, so that a rollback leaves the cache correct.
   */
  let written = new Map<string, string | undefined>();
  /** Bodies written by the current writer of the group: a rollback of this writer forgets them alone. */
  const writing = new Map<string, string | undefined>();
  let lastCommit: ReadonlyMap<string, string | undefined> = written;
  const observers: ((change: StoreChange | undefined) => void)[] = [];

  const clear = (): void => {
    cache.clear();
    for (const onChange of observers) onChange(undefined);
  };

  const report = (name: string, body: string | undefined): void => {
    const [pk = '', sk = ''] = name.split('\n');
    const read = () => (body === undefined ? undefined : parseBody(body));
    for (const onChange of observers) onChange({ pk, sk, read });
  };

  database.subscribe({
    onBegin() {
      if (changedByOther()) clear();
    },
    onWritten() {
      for (const [name, body] of writing) written.set(name, body);
      writing.clear();
    },
    onRollback(part) {
      writing.clear();
      if (part === 'group') written.clear();
    },
    onCommit() {
      for (const [name, body] of written) {
        if (body !== undefined) cache.set(name, body);
        if (observers.length > 0) report(name, body);
      }
      lastCommit = written;
      written = new Map();
    },
  });

  const load = <K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined => {
    const { pk, sk } = key;
    const row = select.get(pk, sk, now);
    if (!row) return undefined;
    cache.set(cacheKey(pk, sk), String(row['body']));
    return cache.get(key, now);
  };

  const recordWrite = (pk: string, sk: string, body?: string): void => {
    const name = cacheKey(pk, sk);
    cache.remove(name);
    writing.set(name, body);
  };

  return {
    get<K extends ItemKind>(key: Key<K>, now: number) {
      const cached = cache.get(key, now);
      if (cached) return cached;
      const row = select.get(key.pk, key.sk, now);
      return row && parseBody<K>(row['body']);
    },
    getCommitted(key, now) {
      if (changedByOtherOncePerTick()) clear();
      return cache.get(key, now) ?? load(key, now);
    },
    put(row, current) {
      const [pk, sk, , body, dueAt] = row;
      recordWrite(pk, sk, body);
      if (current && hasSameIndexing(row, current)) updateBody.run(body, dueAt, pk, sk);
      else put.run(...row);
    },
    putIfAbsent(row, now) {
      const isWritten = putIfAbsent.run(...row, now).changes === 1;
      if (isWritten) recordWrite(row[0], row[1], row[3]);
      return isWritten;
    },
    remove({ pk, sk }) {
      recordWrite(pk, sk);
      remove.run(pk, sk);
    },
    isInLastCommit: ({ pk, sk }) => lastCommit.has(cacheKey(pk, sk)),
    watch: (onChange) => void observers.push(onChange),
  };
};
