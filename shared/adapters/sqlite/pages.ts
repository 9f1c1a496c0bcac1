import type { ItemKind } from '../../domain/items.ts';
import type { Page, Range } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { parseBody, unexpired } from './item-rows.ts';

const maxPage = 1_000;

/** As SQLite answers it, in the order of the columns asked for; the last two only where they are needed. */
type Row = readonly [sk: unknown, body: unknown, pk?: unknown, listSk?: unknown];

/** A sorted view of the items: its partition, its order, and where a page of it ends. */
interface View {
  columns: string;
  partition: string;
  sort: string;
  /** What makes the order total, and how many values that is. */
  order: readonly string[];
  cursorOf(row: Row): string;
  positionOf(cursor: string): string[];
}

const primary: View = {
  columns: 'sk, body',
  partition: 'pk',
  sort: 'sk',
  order: ['sk'],
  cursorOf: ([sk]) => String(sk),
  positionOf: (cursor) => [cursor],
};

/** Several items may stand at one place of the listing. */
const listing: View = {
  columns: 'sk, body, pk, list_sk',
  partition: 'list_pk',
  sort: 'list_sk',
  order: ['list_sk', 'pk', 'sk'],
  cursorOf: ([sk, , pk, listSk]) => JSON.stringify([listSk, pk, sk]),
  positionOf: (cursor) => (JSON.parse(cursor) as unknown[]).map(String),
};

/**
 * SQLite compares text by its UTF-8 bytes, of which none is FF: `prefix + FF` ends the range whatever follows the prefix.
 * A cursor, or where to begin, replaces the bound it moves, so that a late page costs no more than the first.
 */
const sqlOf = (
  { columns, partition, sort, order }: View,
  { newestFirst, isMoved, after }: { newestFirst: boolean; isMoved: boolean; after: boolean },
): string => {
  const upper = isMoved && newestFirst ? `${sort} <= ?` : `${sort} < ? || x'ff'`;
  const places = order.map(() => '?').join(', ');
  return `
    SELECT ${columns} FROM items
    WHERE ${partition} = ? AND ${sort} >= ? AND ${upper} AND kind = ? AND ${unexpired}
      ${after ? `AND (${order.join(', ')}) ${newestFirst ? '<' : '>'} (${places})` : ''}
    ORDER BY ${order.map((column) => `${column} ${newestFirst ? 'DESC' : 'ASC'}`).join(', ')}
    LIMIT ?`;
};

const pageOf = <K extends ItemKind>(
  database: Database,
  view: View,
  { kind, pk, prefix, newestFirst = false, limit = maxPage, from, after }: Range<K>,
  now: number,
): Page<K> => {
  const size = Math.max(1, Math.min(limit, maxPage));
  const position = after === undefined ? [] : view.positionOf(after);
  const [reached = from] = position;
  const moved = reached ?? prefix;
  const [lower, upper] = newestFirst ? [prefix, moved] : [moved, prefix];
  const shape = { newestFirst, isMoved: reached !== undefined, after: after !== undefined };
  const statement = database.prepare(sqlOf(view, shape));
  // Lists are read about twice as fast as objects.
  statement.setReturnArrays(true);
  const values = [pk, lower, upper, kind, now, ...position, size + 1];
  const rows = statement.all(...values) as unknown as Row[];
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const items = page.map(([sk, body, ownPk = pk]) => ({
    key: { kind, pk: String(ownPk), sk: String(sk) },
    item: parseBody<K>(body),
  }));
  return rows.length > size && last ? { items, next: view.cursorOf(last) } : { items };
};

/** Pages by key. Their cursors are positions, not counts: items that come or go in between move nothing. */
export const queryPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, primary, range, now);

export const listPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, listing, range, now);
