import type { Item, ItemKind, Key } from '../../domain/items.ts';
import type { Database } from './database.ts';
import { createItemCache } from './item-cache.ts';
import { watchOutsideWrites } from './outside-writes.ts';

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
  put(row: Row): void;
  /** Puts where nothing stands, or only what expired; false where something does. One statement, no read before it. */
  putIfAbsent(row: Row, now: number): boolean;
  remove(key: Key): void;
}

export const createItemRows = (database: Database): ItemRows => {
  const select = database.prepare(
    `SELECT body FROM items WHERE pk = ? AND sk = ? AND ${unexpired}`,
  );
  const put = database.prepare(upsert);
  const putIfAbsent = database.prepare(`${upsert} WHERE items.expires_at <= ?`);
  const remove = database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?');
  // Whatever is written is forgotten: a transaction that is taken back leaves nothing wrong in memory.
  const cache = createItemCache(cachedCharacters);
  const othersWrote = watchOutsideWrites(database);

  const load = <K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined => {
    const row = select.get(key.pk, key.sk, now);
    return row && cache.keep(key, String(row['body']));
  };

  return {
    get<K extends ItemKind>(key: Key<K>, now: number) {
      const row = select.get(key.pk, key.sk, now);
      return row && parseBody<K>(row['body']);
    },
    getCommitted(keys, now) {
      if (othersWrote()) cache.clear();
      return keys.map((key) => cache.get(key, now) ?? load(key, now));
    },
    put(row) {
      cache.forget(row[0], row[1]);
      put.run(...row);
    },
    putIfAbsent(row, now) {
      cache.forget(row[0], row[1]);
      return putIfAbsent.run(...row, now).changes === 1;
    },
    remove({ pk, sk }) {
      cache.forget(pk, sk);
      remove.run(pk, sk);
    },
  };
};
