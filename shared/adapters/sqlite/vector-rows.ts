import { allNamed, entityKey, type Tagged } from '../../domain/memory/entities.ts';
import type { FilterTarget, Partition } from '../../domain/memory/filter.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import type { Database } from './database.ts';

/** An index entry as it is searched. Partitions share it, so nobody changes it. */
export interface StoredEntry {
  id: string;
  dense?: { model: string; vector: Float32Array };
  terms: readonly (readonly [stem: string, count: number])[];
  /** Terms, counted with repetition. */
  length: number;
  target: FilterTarget;
}

/** Names a partition within its project. */
export const partitionName = (partition: Partition): string =>
  partition === 'project' ? partition : entityKey(partition);

/** Where an entry is listed: under every entity it names, and under the project. */
export const partitionNames = (subject: Tagged): string[] => [
  ...new Set([...allNamed(subject), 'project' as const].map(partitionName)),
];

const ownEntry = ({ terms, ...rest }: IndexEntry): StoredEntry => {
  const counted = Object.entries(terms);
  return { ...rest, terms: counted, length: counted.reduce((sum, [, count]) => sum + count, 0) };
};

/** A copy that shares nothing with its source, just as if it had been read from the file. */
export const storedEntry = ({ id, dense, terms, target }: IndexEntry): StoredEntry =>
  ownEntry({
    id,
    ...(dense && { dense: { model: dense.model, vector: dense.vector.slice() } }),
    terms,
    target: structuredClone(target),
  });

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const parseEntry = (row: Record<string, unknown>): StoredEntry =>
  ownEntry({
    id: String(row['id']),
    ...(row['vector'] instanceof Uint8Array && {
      dense: {
        model: String(row['model']),
        // The bytes of a row may start anywhere; floats may not.
        vector: new Float32Array(row['vector'].slice().buffer),
      },
    }),
    terms: JSON.parse(String(row['terms'])) as IndexEntry['terms'],
    target: JSON.parse(String(row['target'])) as FilterTarget,
  });

/** An entry with its position among all there are. */
export interface PlacedEntry {
  n: number;
  entry: StoredEntry;
}

/** Entries read at once: they may be large. */
const entriesAtOnce = 16;

export interface VectorRows {
  /** Some entries of a partition after the position `after`, in order; at the end of it none. */
  loadSome(project: string, partition: string, after: number): PlacedEntry[];
  has(project: string, id: string): boolean;
  put(project: string, entry: StoredEntry): void;
  /** Answers the partitions it stood in. */
  remove(project: string, id: string): string[];
}

/** A vector stands once in the file, whatever the number of partitions that list it. */
export const createVectorRows = (database: Database): VectorRows => {
  const load = database.prepare(
    `SELECT p.n, id, model, vector, terms, target FROM vector_partitions AS p JOIN vectors AS v ON v.n = p.n
     WHERE p.project = ? AND p.partition = ? AND p.n > ? ORDER BY p.n LIMIT ${entriesAtOnce}`,
  );
  const find = database.prepare('SELECT n, target FROM vectors WHERE project = ? AND id = ?');
  const insert = database.prepare(
    'INSERT INTO vectors (project, id, model, vector, terms, target) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertMembership = database.prepare('INSERT INTO vector_partitions VALUES (?, ?, ?)');
  const erase = database.prepare('DELETE FROM vectors WHERE n = ?');
  const deleteMembership = database.prepare(
    'DELETE FROM vector_partitions WHERE project = ? AND partition = ? AND n = ?',
  );
  return {
    loadSome: (project, partition, after) =>
      load
        .all(project, partition, after)
        .map((row) => ({ n: Number(row['n']), entry: parseEntry(row) })),
    has: (project, id) => find.get(project, id) !== undefined,
    put(project, { id, dense, terms, target }) {
      const { lastInsertRowid: n } = insert.run(
        ...[project, id, dense?.model ?? null],
        dense ? bytesOf(dense.vector) : null,
        ...[JSON.stringify(Object.fromEntries(terms)), JSON.stringify(target)],
      );
      for (const name of partitionNames(target)) insertMembership.run(project, name, n);
    },
    remove(project, id) {
      const row = find.get(project, id);
      if (!row) return [];
      const names = partitionNames(JSON.parse(String(row['target'])) as FilterTarget);
      for (const name of names) deleteMembership.run(project, name, Number(row['n']));
      erase.run(Number(row['n']));
      return names;
    },
  };
};
