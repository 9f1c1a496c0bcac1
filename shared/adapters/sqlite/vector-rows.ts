import { allNamed, entityKey, type Tagged } from '../../domain/memory/entities.ts';
import type { FilterTarget, Partition } from '../../domain/memory/filter.ts';
import type { EntryClass, IndexEntry } from '../../ports/vector-index.ts';
import type { Database } from './database.ts';
import { createSegmentWrites } from './segment-rows.ts';

/** An index entry in its searchable form. Immutable, since partitions share the object. */
export interface StoredEntry {
  id: string;
  class: EntryClass;
  dense?: { model: string; vector: Float32Array };
  terms: readonly (readonly [stem: string, count: number])[];
  /** Number of terms, with repetition: the document length of BM25. */
  length: number;
  target: FilterTarget;
}

/** Names a partition within its project. */
export const partitionName = (partition: Partition): string =>
  partition === 'project' ? partition : entityKey(partition);

/** Returns the partitions that list an entry: one for each entity named, and the project's. */
export const partitionNames = (subject: Tagged): string[] => [
  ...new Set([...allNamed(subject), 'project' as const].map(partitionName)),
];

const countTerms = ({ terms, ...rest }: Omit<IndexEntry, 'source'>): StoredEntry => {
  const counted = Object.entries(terms);
  return { ...rest, terms: counted, length: counted.reduce((sum, [, count]) => sum + count, 0) };
};

/**
 * Copies an entry deeply, as if the entry had been read from the file. The returned function completes the copy: parsing
 * the targets of many entries at once would block the event loop.
 */
export const toStored = ({
  dense,
  target,
  ...rest
}: Omit<IndexEntry, 'source'>): (() => StoredEntry) => {
  const copy = countTerms({
    ...rest,
    ...(dense && { dense: { model: dense.model, vector: dense.vector.slice() } }),
    target,
  });
  const json = JSON.stringify(target);
  return () => ({ ...copy, target: JSON.parse(json) as FilterTarget });
};

const toBytes = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const parseEntry = (row: Record<string, unknown>): StoredEntry =>
  countTerms({
    id: String(row['id']),
    class: row['class'] as EntryClass,
    ...(row['vector'] instanceof Uint8Array && {
      dense: {
        model: String(row['model']),
        // Copied, since a Float32Array must start at a multiple of four bytes.
        vector: new Float32Array(row['vector'].slice().buffer),
      },
    }),
    terms: JSON.parse(String(row['terms'])) as IndexEntry['terms'],
    target: JSON.parse(String(row['target'])) as FilterTarget,
  });

/** An entry that was read and is not yet parsed, with its row number, the position of a load. */
export interface NumberedEntry {
  n: number;
  parse(): StoredEntry;
}

/** Entries read by one statement; entries may be large. */
const entriesPerLoad = 16;

export interface VectorRows {
  /** Reads the next entries of a partition after row `after`, in order; none at the end. */
  loadBatch(project: string, partition: string, after: number): NumberedEntry[];
  has(project: string, id: string): boolean;
  /** Writes an entry and returns its row number. */
  put(project: string, entry: StoredEntry): number;
  /** Deletes an entry and returns its row number and the partitions that listed it; undefined for an unknown id. */
  remove(project: string, id: string): { n: number; names: string[] } | undefined;
  /** Counts the entries of a partition, up to a limit. */
  count(project: string, partition: string, limit: number): number;
}

/** Creates the access to the vector tables. A vector is stored once, however many partitions list the entry. */
export const createVectorRows = (database: Database): VectorRows => {
  const load = database.prepare(
    `SELECT p.n, id, class, model, vector, terms, target FROM vector_partitions AS p JOIN vectors AS v ON v.n = p.n
     WHERE p.project = ? AND p.partition = ? AND p.n > ? ORDER BY p.n LIMIT ${entriesPerLoad}`,
  );
  const find = database.prepare('SELECT n, target FROM vectors WHERE project = ? AND id = ?');
  const insert = database.prepare(
    `INSERT INTO vectors (n, project, id, class, model, vector, terms, target)
     VALUES (1 + max(?, coalesce((SELECT max(n) FROM vectors), 0)), ?, ?, ?, ?, ?, ?, ?)`,
  );
  /**
   * Highest row number that was removed: it is not given again, since loaded partitions know entries by their numbers. Writes of
   * another process make this one load them again.
   */
  let highestRemoved = 0;
  const insertMembership = database.prepare('INSERT INTO vector_partitions VALUES (?, ?, ?)');
  const deleteEntry = database.prepare('DELETE FROM vectors WHERE n = ?');
  const deleteMembership = database.prepare(
    'DELETE FROM vector_partitions WHERE project = ? AND partition = ? AND n = ?',
  );
  const segments = createSegmentWrites(database);
  const count = database.prepare(
    `SELECT count(*) AS entries FROM
       (SELECT 1 FROM vector_partitions WHERE project = ? AND partition = ? LIMIT ?)`,
  );
  return {
    loadBatch: (project, partition, after) =>
      load
        .all(project, partition, after)
        .map((row) => ({ n: Number(row['n']), parse: () => parseEntry(row) })),
    has: (project, id) => find.get(project, id) !== undefined,
    put(project, { id, class: entryClass, dense, terms, target }) {
      const { lastInsertRowid: n } = insert.run(
        highestRemoved,
        ...[project, id, entryClass, dense?.model ?? null],
        dense ? toBytes(dense.vector) : null,
        ...[JSON.stringify(Object.fromEntries(terms)), JSON.stringify(target)],
      );
      for (const name of partitionNames(target)) insertMembership.run(project, name, n);
      return Number(n);
    },
    remove(project, id) {
      const row = find.get(project, id);
      if (!row) return undefined;
      const n = Number(row['n']);
      highestRemoved = Math.max(highestRemoved, n);
      const names = partitionNames(JSON.parse(String(row['target'])) as FilterTarget);
      for (const name of names) {
        deleteMembership.run(project, name, n);
        segments.remove(project, name, n);
      }
      deleteEntry.run(n);
      return { n, names };
    },
    count: (project, partition, limit) =>
      Number(count.get(project, partition, limit)?.['entries'] ?? 0),
  };
};
