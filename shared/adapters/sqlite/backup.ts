import { renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { makeFile, prepareFolder } from './folder.ts';
import { clearEveryGap } from './page-gaps.ts';

/** The whole file in one step, so that a busy writer cannot make the copy start over. */
const allPages = 0x7fffffff;

const minFreeBytes = (insert: string): void => {
  prepareFolder(insert);
  if (makeFile(insert)) return;
  throw new TerminalError(
    'backup_exists',
    `${insert} exists already: a backup overwrites nothing.`,
  );
};

/** A connection of its own reads one moment of the file, while others go on writing it. */
const copy = async ({ path, connection }: Database, insert: string): Promise<void> => {
  const source = path === ':memory:' ? connection : new DatabaseSync(path, { readOnly: true });
  try {
    await backup(source, insert, { rate: allPages });
  } finally {
    if (source !== connection) source.close();
  }
};

/**
 * Copies the database as it is at one moment, while this or another process writes it. Nothing that was erased before is
 * in the copy, and it is for this user alone. `file` is the whole copy or not there; a crash leaves at most an empty
 * file and a `.partial` one.
 *
 * @throws TerminalError backup_exists, data_unwritable
 */
export const backupTo = async (database: Database, insert: string): Promise<void> => {
  const partial = `${insert}.partial`;
  minFreeBytes(insert);
  try {
    rmSync(partial, { force: true });
    makeFile(partial);
    await copy(database, partial);
    clearEveryGap(partial);
    renameSync(partial, insert);
  } catch (error) {
    rmSync(partial, { force: true });
    rmSync(insert, { force: true });
    throw error;
  }
};
