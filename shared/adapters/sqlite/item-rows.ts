import type { Item, ItemKind, Key } from '../../domain/table/items.ts';
import { oncePerTick, watchDataVersion } from './data-version.ts';
import type { Database } from './database.ts';
import { cacheKey, createItemCache } from './item-cache.ts';

/** An item as it is written: its body as JSON, its marks lifted into columns that can be indexed. */
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

export const rowOf = ({ pk, sk, kind }: Key, item: Item): Row => [
  pk,
  sk,
  kind,
  JSON.stringify(item),
  item.dueAt ?? null,
  item.expiresAt ?? null,
  item.listPk ?? null,
  item.listSk ?? null,
];

const hasMarksOf = ([, , , , , expiresAt, listPk, listSk]: Row, item: Item): boolean =>
  (item.expiresAt ?? null) === expiresAt &&
  (item.listPk ?? null) === listPk &&
  (item.listSk ?? null) === listSk;

/** Bodies are only ever written from items of the key's kind. */
export const parseBody = <K extends ItemKind>(body: unknown): Item<K> =>
  JSON.parse(String(body)) as Item<K>;

/** Holds of rows that have not expired at the time bound to `?`. */
export const unexpired = '(expires_at IS NULL OR expires_at > ?)';

const upsert = `
  INSERT INTO items (pk, sk, kind, body, due_at, expires_at, list_pk, list_sk)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET
    kind = excluded.kind, body = excluded.body, due_at = excluded.due_at,
    expires_at = excluded.expires_at, list_pk = excluded.list_pk, list_sk = excluded.list_sk`;

const cachedCharacters = 64 * 1024 * 1024;

export interface ItemRows {
  /** As it stands now, also in the midst of a transaction. */
  get<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  /** As committed, from memory where it is known; never in the midst of a transaction. */
  getCommitted<K extends ItemKind>(keys: readonly Key<K>[], now: number): (Item<K> | undefined)[];
  /** @param current what stands there, if that is known: what it is listed by is written only when it changes */
  put(row: Row, current?: Item): void;
  /** Puts where nothing stands, or only what expired; false where something does. One statement, no read before it. */
  putIfAbsent(row: Row, now: number): boolean;
  remove(key: Key): void;
}

export const createItemRows = (database: Database): ItemRows => {
  const select = database.prepare(
    `SELECT body FROM items WHERE pk = ? AND sk = ? AND ${unexpired}`,
  );
  const put = database.prepare(upsert);
  const rewrite = database.prepare('UPDATE items SET body = ?, due_at = ? WHERE pk = ? AND sk = ?');
  const putIfAbsent = database.prepare(`${upsert} WHERE items.expires_at <= ?`);
  const remove = database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?');
  const cache = createItemCache(cachedCharacters);
  const changedByOther = watchDataVersion(database);
  const changedByOtherOncePerTick = oncePerTick(changedByOther);
  /** By the transactions under way. The cache has forgotten it, so that it holds nothing wrong if they are taken back. */
  const written = new Map<string, string | undefined>();

  database.subscribe({
    began() {
      if (changedByOther()) cache.clear();
    },
    undone: () => written.clear(),
    committed() {
      for (const [name, body] of written) if (body !== undefined) cache.set(name, body);
      written.clear();
    },
  });

  const load = <K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined => {
    const { pk, sk } = key;
    const row = select.get(pk, sk, now);
    if (!row) return undefined;
    cache.set(cacheKey(pk, sk), String(row['body']));
    return cache.get(key, now);
  };

  const note = (pk: string, sk: string, body?: string): void => {
    const name = cacheKey(pk, sk);
    cache.forget(name);
    written.set(name, body);
  };

  return {
    get<K extends ItemKind>(key: Key<K>, now: number) {
      const known = cache.get(key, now);
      if (known) return known;
      const row = select.get(key.pk, key.sk, now);
      return row && parseBody<K>(row['body']);
    },
    getCommitted(keys, now) {
      if (changedByOtherOncePerTick()) cache.clear();
      return keys.map((key) => cache.get(key, now) ?? load(key, now));
    },
    put(row, current) {
      const [pk, sk, , body, dueAt] = row;
      note(pk, sk, body);
      if (current && hasMarksOf(row, current)) rewrite.run(body, dueAt, pk, sk);
      else put.run(...row);
    },
    putIfAbsent(row, now) {
      const isWritten = putIfAbsent.run(...row, now).changes === 1;
      if (isWritten) note(row[0], row[1], row[3]);
      return isWritten;
    },
    remove({ pk, sk }) {
      note(pk, sk);
      remove.run(pk, sk);
    },
  };
};
