import { createHash } from 'node:crypto';
import type { PineconeRecord } from '@pinecone-database/pinecone';

/** Bound on the remembered writes. For older writes it suffices that a query finds the entry. */
const maxWrites = 10_000;

const digestOf = (record: PineconeRecord): string =>
  createHash('sha256').update(JSON.stringify(record)).digest('base64');

/**
 * Remembers recent writes of this process by their log sequence number (LSN) in the namespace. Needed for read-your-writes
 * on updates: while a query still sees the former content, an updated entry looks visible. Writing equal content again
 * keeps the first LSN. A restart forgets all writes, and other processes do not share them: then the presence of an entry
 * decides.
 */
export const createFreshness = () => {
  const writes = new Map<string, { digest: string; lsn: number }>();
  const keyOf = (namespace: string, entry: string): string => `${namespace} ${entry}`;

  return {
    recordWrite(namespace: string, records: readonly PineconeRecord[], lsn: number): void {
      for (const record of records) {
        const key = keyOf(namespace, record.id);
        const digest = digestOf(record);
        const before = writes.get(key);
        writes.delete(key);
        writes.set(key, before?.digest === digest ? before : { digest, lsn });
      }
      for (const key of writes.keys()) {
        if (writes.size <= maxWrites) break;
        writes.delete(key);
      }
    },
    recordRemoval(namespace: string, entries: readonly string[]): void {
      for (const entry of entries) writes.delete(keyOf(namespace, entry));
    },
    /** Whether a read that covers the log up to `indexedLsn` shows the last write of the entry. */
    isVisible(namespace: string, entry: string, indexedLsn: number | undefined): boolean {
      const last = writes.get(keyOf(namespace, entry));
      return last === undefined || indexedLsn === undefined || last.lsn <= indexedLsn;
    },
  };
};
