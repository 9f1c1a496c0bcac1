import { renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { createFile, prepareFolder } from './folder.ts';
import { zeroEveryGap } from './page-gaps.ts';

/** Copies all pages in one step: a write between two steps would make SQLite start over. */
const allPages = 0x7fffffff;

/** Creates the empty target file, so that no other backup can take its name. */
const reserveTarget = (file: string): void => {
  prepareFolder(file);
  if (createFile(file)) return;
  throw new TerminalError('backup_exists', `${file} exists already: a backup overwrites nothing.`);
};

/** Copies through a separate read-only connection, whose snapshot stays consistent while others write. */
const copy = async ({ path, connection }: Database, file: string): Promise<void> => {
  const source = path === ':memory:' ? connection : new DatabaseSync(path, { readOnly: true });
  try {
    await backup(source, file, { rate: allPages });
  } finally {
    if (source !== connection) source.close();
  }
};

/**
 * Copies a consistent snapshot of the database while this and other processes go on writing. Guarantees: the copy holds
 * nothing that was erased before the call, only this user can read the copy, and an existing file is never overwritten.
 * The copy appears under its name when it is complete; a crash leaves an empty file and a `.partial` file.
 *
 * @throws TerminalError backup_exists, data_unwritable
 */
export const backupTo = async (database: Database, file: string): Promise<void> => {
  const partial = `${file}.partial`;
  reserveTarget(file);
  try {
    rmSync(partial, { force: true });
    createFile(partial);
    await copy(database, partial);
    zeroEveryGap(partial);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    rmSync(file, { force: true });
    throw error;
  }
};
