/** The service takes 1,000 records and 2 MB a request; some of that is the frame around them. */
const maxRecords = 1_000;
const maxBytes = 1_800_000;

/** Values in order, as many to a batch as one request takes. */
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

export const batchesByCount = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(values.length / maxRecords) }, (_, i) =>
    values.slice(i * maxRecords, (i + 1) * maxRecords),
  );
