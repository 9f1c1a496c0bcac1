import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { EntryClass, IndexEntry } from '../../ports/vector-index.ts';
import { fromBytes, type NumberedRow, type Segment } from './segment.ts';

/** A segment as it is stored: entries `first` to `last` of a partition, all of them. */
export interface StoredSegment {
  project: string;
  partition: string;
  first: number;
  last: number;
  entries: number;
  body: Uint8Array;
}

type Prepare = (sql: string) => StatementSync;

/** Writes of segments, within a transaction of the caller. A segment goes with the first of its entries that is removed. */
export const createSegmentWrites = ({ prepare }: { prepare: Prepare }) => {
  const count = prepare(
    'SELECT count(*) AS entries FROM vector_partitions WHERE project = ? AND partition = ? AND n BETWEEN ? AND ?',
  );
  const insert = prepare('INSERT OR REPLACE INTO vector_segments VALUES (?, ?, ?, ?, ?)');
  const remove = prepare(
    `DELETE FROM vector_segments WHERE project = ? AND partition = ? AND last >= ? AND first =
       (SELECT max(first) FROM vector_segments WHERE project = ? AND partition = ? AND first <= ?)`,
  );
  return {
    /** Stores a segment unless one of its entries was removed since it was made. */
    put({ project, partition, first, last, entries, body }: StoredSegment): void {
      if (count.get(project, partition, first, last)?.['entries'] === entries)
        insert.run(project, partition, first, last, body);
    },
    remove: (project: string, partition: string, n: number) =>
      void remove.run(project, partition, n, project, partition, n),
  };
};

/** A blob as numbers, without a copy where it starts at a multiple of four bytes: blobs are the largest garbage of the thread. */
const toFloats = (blob: Uint8Array): Float32Array => {
  const { buffer, byteOffset, byteLength } = blob.byteOffset % 4 === 0 ? blob : blob.slice();
  return new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
};

const toRow = (row: Record<string, unknown>): NumberedRow => ({
  n: Number(row['n']),
  class: row['class'] as EntryClass,
  ...(row['vector'] instanceof Uint8Array && {
    dense: {
      model: String(row['model']),
      vector: toFloats(row['vector']),
    },
  }),
  terms: Object.entries(JSON.parse(String(row['terms'])) as IndexEntry['terms']),
});

/** The parts of an entry that a result needs. */
export interface FoundRow {
  id: string;
  target: FilterTarget;
  dense?: { model: string; vector: Float32Array };
}

const columns = 'v.n, class, model, vector, terms';
const joined = 'vector_partitions AS p JOIN vectors AS v ON v.n = p.n';

/** Reads of a connection that only reads. Each is short, so that none delays the truncation of the WAL. */
export const createSegmentReads = (connection: DatabaseSync) => {
  const nextSegment = connection.prepare(
    'SELECT first, last, body FROM vector_segments WHERE project = ? AND partition = ? AND first > ? ORDER BY first LIMIT 1',
  );
  const nextBounds = connection.prepare(
    'SELECT first, last FROM vector_segments WHERE project = ? AND partition = ? AND first > ? ORDER BY first LIMIT 1',
  );
  const count = connection.prepare(
    'SELECT count(*) AS segments FROM vector_segments WHERE project = ? AND partition = ? AND first > ?',
  );
  const rows = connection.prepare(
    `SELECT ${columns} FROM ${joined} WHERE p.project = ? AND p.partition = ? AND p.n > ? AND p.n < ? ORDER BY p.n LIMIT ?`,
  );
  const targets = connection.prepare(
    `SELECT v.n, target FROM ${joined} WHERE p.project = ? AND p.partition = ? AND p.n > ? ORDER BY p.n LIMIT ?`,
  );
  const row = connection.prepare(`SELECT ${columns} FROM vectors AS v WHERE n = ?`);
  const found = connection.prepare('SELECT id, model, vector, target FROM vectors WHERE n = ?');
  const newest = connection.prepare('SELECT max(n) AS n FROM vectors');
  const parseTarget = (stored: Record<string, unknown>): FilterTarget =>
    JSON.parse(String(stored['target']));
  return {
    nextSegment(
      project: string,
      partition: string,
      after: number,
    ): { first: number; last: number; segment: Segment } | undefined {
      const stored = nextSegment.get(project, partition, after);
      return stored?.['body'] instanceof Uint8Array
        ? {
            first: Number(stored['first']),
            last: Number(stored['last']),
            segment: fromBytes(stored['body']),
          }
        : undefined;
    },
    nextBounds(project: string, partition: string, after: number) {
      const stored = nextBounds.get(project, partition, after);
      return stored && { first: Number(stored['first']), last: Number(stored['last']) };
    },
    /** Number of the segments after a row number. */
    segments: (project: string, partition: string, after: number): number =>
      Number(count.get(project, partition, after)?.['segments'] ?? 0),
    /** Entries between two row numbers. */
    rows: (
      project: string,
      partition: string,
      { after, before, limit }: { after: number; before: number; limit: number },
    ): NumberedRow[] => rows.all(project, partition, after, before, limit).map(toRow),
    row(n: number): NumberedRow | undefined {
      const stored = row.get(n);
      return stored && toRow(stored);
    },
    targets: (project: string, partition: string, after: number, limit: number) =>
      targets
        .all(project, partition, after, limit)
        .map((stored) => ({ n: Number(stored['n']), target: parseTarget(stored) })),
    found(n: number): FoundRow | undefined {
      const stored = found.get(n);
      if (!stored) return undefined;
      const { vector } = stored;
      return {
        id: String(stored['id']),
        target: parseTarget(stored),
        ...(vector instanceof Uint8Array && {
          dense: {
            model: String(stored['model']),
            vector: toFloats(vector),
          },
        }),
      };
    },
    /** The highest row number: that of a removed entry may be used again while there is no higher one. */
    newest: (): number => Number(newest.get()?.['n'] ?? 0),
  };
};

export type SegmentReads = ReturnType<typeof createSegmentReads>;
