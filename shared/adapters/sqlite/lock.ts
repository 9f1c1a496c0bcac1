import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import { closeToOthers, makeFile, prepareFolder, unwritable } from './folder.ts';
import { isBusy } from './sqlite-error.ts';

/** Open connections are held here, so that the garbage collector cannot end a claim. */
const claims = new Set<DatabaseSync>();

const inUse = (folder: string, cause: unknown): TerminalError =>
  new TerminalError(
    'data_in_use',
    `Another Turnstone service is running on ${folder}: stop it, or give this one a folder of its own.`,
    cause,
  );

/** Holds the lock for as long as the connection is open, over commits too. */
const hold = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = MEMORY;
  BEGIN EXCLUSIVE;`;

const acquire = (path: string): DatabaseSync => {
  prepareFolder(path);
  makeFile(path);
  closeToOthers(path);
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    connection.exec(hold);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
};

/** A lock that was once held on these data is marked. */
const isMarked = (lock: DatabaseSync): boolean =>
  lock.prepare('PRAGMA user_version').get()?.['user_version'] === 1;

/** Every process that has a database in WAL mode open keeps a shared lock on the file: an exclusive one is refused. */
const isOpenElsewhere = (database: string): boolean => {
  if (!statSync(database, { throwIfNoEntry: false })?.size) return false;
  const connection = new DatabaseSync(database, { timeout: 0 });
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    // Whatever else is wrong with the file is for those to say who open it for good.
    return isBusy(error);
  } finally {
    connection.close();
  }
};

/**
 * Claims a data folder for this service. The lock is an open transaction on a small file beside the data: the operating
 * system drops it however the process ends, and whoever only opens the database is not hindered. Where that file is new
 * although there are data, it may have been deleted under a running service: then nobody else may have the database
 * open. Answers how to give the folder back.
 *
 * @throws TerminalError data_in_use, data_unwritable
 */
export const lockFolder = (folder: string, database: string): (() => void) => {
  const path = join(folder, 'turnstone.lock');
  let lock: DatabaseSync;
  try {
    lock = acquire(path);
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    throw isBusy(error) ? inUse(folder, error) : unwritable(path, error);
  }
  if (!isMarked(lock) && isOpenElsewhere(database)) {
    lock.close();
    rmSync(path, { force: true });
    throw new TerminalError(
      'data_in_use',
      `Another process has ${database} open, and turnstone.lock, which would tell whether it is a service, is new: stop that process and start again.`,
    );
  }
  lock.exec('PRAGMA user_version = 1; COMMIT');
  claims.add(lock);
  return () => {
    if (claims.delete(lock)) lock.close();
  };
};
