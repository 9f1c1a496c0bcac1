import { TerminalError } from '../errors.ts';

/** Code of the error for a cursor that is no position in its range. */
export const invalidCursor = 'invalid_cursor';

/** Bytes of the longest partition key, and of the longest sort key, of an item. */
const maxPkBytes = 2_048;
const maxSkBytes = 1_024;

const isText = (value: unknown, maxBytes: number): value is string =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= maxBytes;

const refusal = (): TerminalError =>
  new TerminalError(invalidCursor, 'The cursor is no position in the range.');

/**
 * Returns the sort key that a cursor of a range of keys stands for.
 * @throws TerminalError when the cursor is no sort key with the prefix: a client may have made it up
 */
export const keyPosition = (cursor: string, prefix: string): string => {
  if (!isText(cursor, maxSkBytes) || !cursor.startsWith(prefix)) throw refusal();
  return cursor;
};

/** Position in a listing. Several items may share a sort key, so it also holds the key of the item. */
export type ListPosition = readonly [listSk: string, pk: string, sk: string];

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(cursor);
  } catch {
    throw refusal();
  }
};

export const listCursor = (position: ListPosition): string => JSON.stringify(position);

/**
 * Returns the position that a cursor of a listing stands for.
 * @throws TerminalError when the cursor is no such position: a client may have made it up
 */
export const listPosition = (cursor: string, prefix: string): ListPosition => {
  const position = parsed(cursor);
  if (!Array.isArray(position) || position.length !== 3) throw refusal();
  const [listSk, pk, sk]: unknown[] = position;
  if (!isText(listSk, maxSkBytes) || !isText(pk, maxPkBytes) || !isText(sk, maxSkBytes))
    throw refusal();
  return [keyPosition(listSk, prefix), pk, sk];
};
