import { chunksOf } from '../../domain/chunks-of.ts';

/** Limits of the service for one request: 1,000 records and 2 MB, less a margin for the envelope. */
const maxRecords = 1_000;
const maxBytes = 1_800_000;

/** Splits values, in order, into batches that fit one request by count and by size. */
export const batchesBySize = <T>(values: readonly T[]): T[][] => {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const value of values) {
    const size = Buffer.byteLength(JSON.stringify(value)) + 1;
    if (batch.length === maxRecords || (batch.length > 0 && bytes + size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(value);
    bytes += size;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
};

/** Splits values, in order, into batches that fit one request by count. */
export const batchesByCount = <T>(values: readonly T[]): T[][] => chunksOf(values, maxRecords);
