/** Bytes of the longest sort key of an item; partition keys are as short. */
const maxKeyBytes = 1_024;

const isKey = (value: unknown, prefix = ''): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.startsWith(prefix) &&
  Buffer.byteLength(value) <= maxKeyBytes;

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(cursor);
  } catch {
    return undefined;
  }
};

/** A range of keys, or of a listing, as far as cursors depend on it. */
export interface CursorRange {
  isListing: boolean;
  prefix: string;
}

/**
 * Whether a cursor has the form of a position in the range: a sort key with the prefix; in a listing, such a key and the key of an item.
 * A client may send any text, and a store fails on a cursor of another form.
 */
export const isPosition = (cursor: string, { isListing, prefix }: CursorRange): boolean => {
  if (!isListing) return isKey(cursor, prefix);
  const position = parsed(cursor);
  if (!Array.isArray(position) || position.length !== 3) return false;
  const [listSk, pk, sk]: unknown[] = position;
  return isKey(listSk, prefix) && isKey(pk) && isKey(sk);
};
