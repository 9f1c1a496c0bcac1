import type { DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';

/** Migrations in order; `user_version` is the number applied to a file. A released one is never edited: add another. */
const migrations: readonly string[] = [
  `CREATE TABLE items (
     pk TEXT NOT NULL,
     sk TEXT NOT NULL,
     kind TEXT NOT NULL,
     body TEXT NOT NULL,
     due_at INTEGER,
     expires_at INTEGER,
     list_pk TEXT,
     list_sk TEXT,
     PRIMARY KEY (pk, sk)
   );
   CREATE INDEX items_due ON items (due_at) WHERE due_at IS NOT NULL;
   CREATE INDEX items_expiring ON items (expires_at) WHERE expires_at IS NOT NULL;
   CREATE INDEX items_listed ON items (list_pk, list_sk, pk, sk) WHERE list_pk IS NOT NULL;

   CREATE TABLE vectors (
     n INTEGER PRIMARY KEY,
     project TEXT NOT NULL,
     id TEXT NOT NULL,
     model TEXT,
     vector BLOB,
     terms TEXT NOT NULL,
     target TEXT NOT NULL,
     UNIQUE (project, id)
   );
   CREATE TABLE vector_partitions (
     project TEXT NOT NULL,
     partition TEXT NOT NULL,
     n INTEGER NOT NULL,
     PRIMARY KEY (project, partition, n)
   ) WITHOUT ROWID;`,
  // A file without items was never written without secure_delete, so that a vacuum would remove nothing.
  `CREATE TABLE upkeep (done TEXT PRIMARY KEY) WITHOUT ROWID;
   INSERT INTO upkeep SELECT 'vacuum' WHERE NOT EXISTS (SELECT 1 FROM items);`,
];

const versionOf = (connection: DatabaseSync): number =>
  Number(connection.prepare('PRAGMA user_version').get()?.['user_version']);

const rejectNewer = (version: number, path: string): void => {
  if (version > migrations.length)
    throw new TerminalError(
      'data_newer',
      `${path} was written by a newer Turnstone (schema ${version}, this one knows ${migrations.length}): start that version, or restore a backup.`,
    );
};

/**
 * Migrates a file to the newest schema in one transaction. A crash leaves the old schema intact; of two processes that
 * open a file at once, one migrates and the other finds the file migrated.
 *
 * @throws TerminalError data_newer
 */
export const migrate = (connection: DatabaseSync, path: string): void => {
  const version = versionOf(connection);
  rejectNewer(version, path);
  if (version === migrations.length) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    const found = versionOf(connection);
    rejectNewer(found, path);
    for (const migration of migrations.slice(found)) connection.exec(migration);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
};
