import type { ItemKind } from '../../domain/table/items.ts';
import type { Page, Range } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { parseBody, unexpired } from './item-rows.ts';

const maxPage = 1_000;
/** Rows read at once; and a page that holds so many characters has no further ones: items may be large. */
const rowsAtOnce = 32;
const pageCharacters = 500_000;

/** As SQLite answers it, in the order of the columns asked for; the last two only where they are needed. */
type Row = readonly [sk: unknown, body: unknown, pk?: unknown, listSk?: unknown];

/** A sorted view of the items: its partition, its order, and where a page of it ends. */
interface IndexDefinition {
  columns: string;
  partition: string;
  sort: string;
  /** What makes the order total, and how many values that is. */
  order: readonly string[];
  cursorOf(row: Row): string;
  positionOf(cursor: string): string[];
}

const primary: IndexDefinition = {
  columns: 'sk, body',
  partition: 'pk',
  sort: 'sk',
  order: ['sk'],
  cursorOf: ([sk]) => String(sk),
  positionOf: (cursor) => [cursor],
};

/** Several items may stand at one place of the listing. */
const listing: IndexDefinition = {
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
  { columns, partition, sort, order }: IndexDefinition,
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

const sizeOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, [, body]) => sum + String(body).length, 0);

/** At most `limit` rows in order, fewer only where there are no more. */
type ReadRows = (limit: number, after: string | undefined) => Row[];

const rowsOf = <K extends ItemKind>(
  database: Database,
  view: IndexDefinition,
  { kind, pk, prefix, newestFirst = false, from }: Range<K>,
  now: number,
): ReadRows => {
  return (limit, after) => {
    const position = after === undefined ? [] : view.positionOf(after);
    const [reached = from] = position;
    const moved = reached ?? prefix;
    const [lower, upper] = newestFirst ? [prefix, moved] : [moved, prefix];
    const shape = { newestFirst, isMoved: reached !== undefined, after: after !== undefined };
    const statement = database.prepare(sqlOf(view, shape));
    // Lists are read about twice as fast as objects.
    statement.setReturnArrays(true);
    return statement.all(pk, lower, upper, kind, now, ...position, limit) as unknown as Row[];
  };
};

/** Rows up to a number and about a size, and whether there are more. */
const readPage = (
  { cursorOf }: IndexDefinition,
  read: ReadRows,
  size: number,
  after: string | undefined,
): { rows: Row[]; isCut: boolean } => {
  const rows: Row[] = [];
  let place = after;
  for (let room = pageCharacters; ; ) {
    // One more than wanted tells whether there is a next page.
    const wanted = Math.min(rowsAtOnce, size + 1 - rows.length);
    const more = read(wanted, place);
    rows.push(...more);
    const last = rows.at(-1);
    if (more.length < wanted || !last) return { rows, isCut: false };
    if (rows.length > size) return { rows: rows.slice(0, size), isCut: true };
    place = cursorOf(last);
    room -= sizeOf(more);
    if (room < 0) return { rows, isCut: true };
  }
};

const pageOf = <K extends ItemKind>(
  database: Database,
  view: IndexDefinition,
  range: Range<K>,
  now: number,
): Page<K> => {
  const { kind, pk, limit = maxPage, after } = range;
  const size = Math.max(1, Math.min(limit, maxPage));
  const { rows, isCut } = readPage(view, rowsOf(database, view, range, now), size, after);
  const items = rows.map(([sk, body, ownPk = pk]) => ({
    key: { kind, pk: String(ownPk), sk: String(sk) },
    item: parseBody<K>(body),
  }));
  const last = rows.at(-1);
  return isCut && last ? { items, next: view.cursorOf(last) } : { items };
};

/** Pages by key. Their cursors are positions, not counts: items that come or go in between move nothing. */
export const queryPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, primary, range, now);

export const listPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, listing, range, now);
