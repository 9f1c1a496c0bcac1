/**
 * What one item and one transaction of the strictest store take, less what it adds: 400 KB and 4 MB. A store with less
 * to say about sizes is given the same, so that what fits one fits all.
 */
export const maxItemBytes = 380_000;
export const maxTransactionBytes = 3_000_000;

/** About what it takes in the store. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
