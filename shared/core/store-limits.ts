/**
 * Limits of DynamoDB, 400 KB per item and 4 MB per transaction, less a reserve for keys and encoding. The other stores
 * follow the same limits, so that data written to one fits the others.
 */
export const maxItemBytes = 380_000;
export const maxTransactionBytes = 3_000_000;

/** Approximate size in the store: bytes of JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Upper bound of the textless items that an erasure of `item` writes, and of the item before. */
export const erasureBytes = (item: object): number => 10_000 + 2 * jsonBytes(item);

/** Newest events that a listing covers: reading more ids would exceed the time of a request. */
export const maxListedEvents = 10_000;
