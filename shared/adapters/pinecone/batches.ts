/** The service takes 1,000 records and 2 MB a request; some of that is the frame around them. */
const mostRecords = 1_000;
const mostBytes = 1_800_000;

/** Values in order, as many to a batch as one request takes. */
export const batchesBySize = <T>(values: readonly T[]): T[][] => {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const value of values) {
    const size = Buffer.byteLength(JSON.stringify(value)) + 1;
    if (batch.length === mostRecords || (batch.length > 0 && bytes + size > mostBytes)) {
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
  Array.from({ length: Math.ceil(values.length / mostRecords) }, (_, i) =>
    values.slice(i * mostRecords, (i + 1) * mostRecords),
  );
