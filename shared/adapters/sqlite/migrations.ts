import type { DatabaseSync } from 'node:sqlite';
import { dataFormat, rejectOtherFormat } from '../../domain/table/format.ts';

/** Oldest schema that this version reads: it has the number of the data's format. */
const oldestVersion = dataFormat;

/**
 * Migrations in order: the first one creates schema `oldestVersion`, each further one raises the version by one.
 * `user_version` holds the version of a file. Never edit a released migration: add another.
 */
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
     class TEXT NOT NULL,
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
  `CREATE TABLE vector_segments (
     project TEXT NOT NULL,
     partition TEXT NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     body BLOB NOT NULL,
     UNIQUE (project, partition, first)
   );`,
  // An index for each class of due items (`dueClassOf`), so that a read of one passes no items of the other.
  `DROP INDEX items_due;
   CREATE INDEX items_due_work ON items (due_at)
     WHERE due_at IS NOT NULL AND substr(pk, 1, 2) NOT IN ('M#', 'T#');
   CREATE INDEX items_due_upkeep ON items (due_at)
     WHERE due_at IS NOT NULL AND substr(pk, 1, 2) IN ('M#', 'T#');`,
  // Segments have an inverted index in the place of the terms of each entry. The next load makes all segments again.
  'DELETE FROM vector_segments;',
];

const newestVersion = oldestVersion + migrations.length - 1;

const versionOf = (connection: DatabaseSync): number =>
  Number(connection.prepare('PRAGMA user_version').get()?.['user_version']);

const rejectOtherVersions = (version: number, path: string): void => {
  if (version > newestVersion || (version > 0 && version < oldestVersion))
    rejectOtherFormat(
      version,
      path,
      'set TURNSTONE_DATA_DIR to a new folder, or start that version on this one',
    );
};

/** Returns the migrations that a file still needs. A new file has version 0. */
const missingMigrations = (version: number): readonly string[] =>
  migrations.slice(version === 0 ? 0 : version - oldestVersion + 1);

/**
 * Migrates a file to the newest schema in one transaction: a crash leaves the old schema intact. If several processes open
 * a file at once, one migrates it and the others find it migrated. A file of another version is left unchanged.
 *
 * @throws TerminalError data_newer, data_older
 */
export const migrate = (connection: DatabaseSync, path: string): void => {
  const version = versionOf(connection);
  rejectOtherVersions(version, path);
  if (version === newestVersion) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    const current = versionOf(connection);
    rejectOtherVersions(current, path);
    for (const migration of missingMigrations(current)) connection.exec(migration);
    connection.exec(`PRAGMA user_version = ${newestVersion}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
};
