import { createHash } from 'node:crypto';
import type { PineconeRecord } from '@pinecone-database/pinecone';

/** Writes remembered; of older ones the look of the index is enough. */
const remembered = 10_000;

const digestOf = (record: PineconeRecord): string =>
  createHash('sha256').update(JSON.stringify(record)).digest('base64');

/**
 * What this process wrote lately, by its number in the log of its namespace: an entry written with other content looks
 * as if it were there while a query still sees the former. Writing the same content again changes nothing.
 */
export const createFreshness = () => {
  const writes = new Map<string, { digest: string; written: number }>();
  const keyOf = (namespace: string, entry: string): string => `${namespace} ${entry}`;

  return {
    wrote(namespace: string, records: readonly PineconeRecord[], written: number): void {
      for (const record of records) {
        const key = keyOf(namespace, record.id);
        const digest = digestOf(record);
        const before = writes.get(key);
        writes.delete(key);
        writes.set(key, before?.digest === digest ? before : { digest, written });
      }
      for (const key of writes.keys()) {
        if (writes.size <= remembered) break;
        writes.delete(key);
      }
    },
    removed(namespace: string, entries: readonly string[]): void {
      for (const entry of entries) writes.delete(keyOf(namespace, entry));
    },
    /** Whether a read that had seen the log up to `indexed` shows the entry as it was written last. */
    isVisible(namespace: string, entry: string, indexed: number | undefined): boolean {
      const last = writes.get(keyOf(namespace, entry));
      return last === undefined || indexed === undefined || last.written <= indexed;
    },
  };
};
