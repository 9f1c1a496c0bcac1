import type { ItemKind } from '../../domain/table/items.ts';
import type { Page, Range } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { parseBody, unexpired } from './item-rows.ts';

const maxPage = 1_000;

/**
 * Kinds whose items hold ids and numbers only, a few hundred bytes each, or few of them a small plan: a whole page of them is read by
 * one statement.
 */
const smallKinds: ReadonlySet<ItemKind> = new Set<ItemKind>([
  'PEND',
  'LISTED',
  'CLOSED',
  'LISTED_TURN',
  'RECENT',
  'BACKLOG',
]);
/** Rows of any other kind read by one statement. Such items may be large, and a statement loads all its rows. */
const rowsPerStatement = 32;
/** A page of larger items ends after the batch that exceeds this, so that a page cannot fill the heap. */
const maxPageCharacters = 500_000;

/** A row as SQLite returns it; the last two columns are read for the listing only. */
type Row = readonly [sk: unknown, body: unknown, pk?: unknown, listSk?: unknown];

/** A sorted view of the items, primary or listing: columns, sort order and form of a cursor. */
interface IndexDefinition {
  columns: string;
  partition: string;
  sort: string;
  /** Columns that make the order total; a cursor holds one value for each. */
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

/** The listing. Several items may share a sort key, so that a cursor also holds the key of the item. */
const listing: IndexDefinition = {
  columns: 'sk, body, pk, list_sk',
  partition: 'list_pk',
  sort: 'list_sk',
  order: ['list_sk', 'pk', 'sk'],
  cursorOf: ([sk, , pk, listSk]) => JSON.stringify([listSk, pk, sk]),
  positionOf: (cursor) => (JSON.parse(cursor) as unknown[]).map(String),
};

/**
 * Builds the statement of a range. SQLite compares text by its UTF-8 bytes, of which none is FF: `prefix + FF` ends the
 * range of a prefix. A cursor or `from` replaces the bound of its side, so that a late page costs no more than the
 * first.
 */
const buildSql = (
  { columns, partition, sort, order }: IndexDefinition,
  { newestFirst, hasStart, after }: { newestFirst: boolean; hasStart: boolean; after: boolean },
): string => {
  const upper = hasStart && newestFirst ? `${sort} <= ?` : `${sort} < ? || x'ff'`;
  const parameters = order.map(() => '?').join(', ');
  return `
    SELECT ${columns} FROM items
    WHERE ${partition} = ? AND ${sort} >= ? AND ${upper} AND kind = ? AND ${unexpired}
      ${after ? `AND (${order.join(', ')}) ${newestFirst ? '<' : '>'} (${parameters})` : ''}
    ORDER BY ${order.map((column) => `${column} ${newestFirst ? 'DESC' : 'ASC'}`).join(', ')}
    LIMIT ?`;
};

const charactersOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, [, body]) => sum + String(body).length, 0);

/** Reads at most `limit` rows after a cursor, in order. Fewer rows: no more exist. */
type ReadRows = (limit: number, after: string | undefined) => Row[];

const createReader = <K extends ItemKind>(
  database: Database,
  index: IndexDefinition,
  { kind, pk, prefix, newestFirst = false, from }: Range<K>,
  now: number,
): ReadRows => {
  return (limit, after) => {
    const position = after === undefined ? [] : index.positionOf(after);
    const [start = from] = position;
    const [lower, upper] = newestFirst ? [prefix, start ?? prefix] : [start ?? prefix, prefix];
    const shape = { newestFirst, hasStart: start !== undefined, after: after !== undefined };
    const statement = database.prepare(buildSql(index, shape));
    // Rows as arrays are read about twice as fast as objects.
    statement.setReturnArrays(true);
    return statement.all(pk, lower, upper, kind, now, ...position, limit) as unknown as Row[];
  };
};

/** Reads a page in batches of `batchRows`. `hasMore`: rows exist after the page. */
const readPage = (
  { cursorOf }: IndexDefinition,
  read: ReadRows,
  { size, batchRows, after }: { size: number; batchRows: number; after: string | undefined },
): { rows: Row[]; hasMore: boolean } => {
  const rows: Row[] = [];
  let position = after;
  for (let remaining = maxPageCharacters; remaining >= 0; ) {
    // An additional row shows whether a next page exists.
    const limit = Math.min(batchRows, size + 1 - rows.length);
    const batch = read(limit, position);
    rows.push(...batch);
    const last = rows.at(-1);
    if (batch.length < limit || !last) return { rows, hasMore: false };
    if (rows.length > size) return { rows: rows.slice(0, size), hasMore: true };
    position = cursorOf(last);
    remaining -= charactersOf(batch);
  }
  return { rows, hasMore: true };
};

const pageOf = <K extends ItemKind>(
  database: Database,
  index: IndexDefinition,
  range: Range<K>,
  now: number,
): Page<K> => {
  const { kind, pk, limit = maxPage, after } = range;
  const size = Math.max(1, Math.min(limit, maxPage));
  const batchRows = smallKinds.has(kind) ? size + 1 : rowsPerStatement;
  const read = createReader(database, index, range, now);
  const { rows, hasMore } = readPage(index, read, { size, batchRows, after });
  const items = rows.map(([sk, body, ownPk = pk]) => ({
    key: { kind, pk: String(ownPk), sk: String(sk) },
    item: parseBody<K>(body),
  }));
  const last = rows.at(-1);
  return hasMore && last ? { items, next: index.cursorOf(last) } : { items };
};

/** Reads a page by key. A cursor is a position, not a count: inserts and deletes between two pages shift nothing. */
export const queryPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, primary, range, now);

/** Reads a page of the secondary listing. */
export const listPage = <K extends ItemKind>(database: Database, range: Range<K>, now: number) =>
  pageOf(database, listing, range, now);
