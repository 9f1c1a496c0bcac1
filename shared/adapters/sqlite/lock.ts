import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import { isBusy } from './errors.ts';
import { createFile, prepareFolder, restrictToOwner, unwritable } from './folder.ts';

/** Connections whose open transaction is a lock; referenced here, so that garbage collection cannot close them. */
const locks = new Set<DatabaseSync>();

const inUse = (folder: string, cause: unknown): TerminalError =>
  new TerminalError(
    'data_in_use',
    `Another Turnstone service is running on ${folder}: stop it, or give this one a folder of its own.`,
    cause,
  );

/** Takes a lock that lasts until the connection is closed, even after a commit. */
const takeLock = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = MEMORY;
  BEGIN EXCLUSIVE;`;

const acquire = (path: string): DatabaseSync => {
  prepareFolder(path);
  createFile(path);
  restrictToOwner(path);
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    connection.exec(takeLock);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
};

/** Returns whether the lock file has served as a lock before: a new one has no mark. */
const isMarked = (lock: DatabaseSync): boolean =>
  lock.prepare('PRAGMA user_version').get()?.['user_version'] === 1;

/**
 * Returns whether another process has the database open: in WAL mode each keeps a shared lock, so that an exclusive one
 * fails.
 */
const isOpenElsewhere = (database: string): boolean => {
  if (!statSync(database, { throwIfNoEntry: false })?.size) return false;
  const connection = new DatabaseSync(database, { timeout: 0 });
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    // Any other error of the file is reported by `openDatabase`.
    return isBusy(error);
  } finally {
    connection.close();
  }
};

/**
 * Locks a data folder for this service and returns the function that unlocks the folder. The lock is an open
 * transaction on a small file beside the data: the operating system releases the lock however the process ends, and
 * other processes may still open the database. If the lock file is new although data exist, the file may have been
 * deleted under a running service: then the folder is refused while any other process has the database open.
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
      `Another process has ${database} open, and turnstone.lock, which would show whether that is a service, is new: stop that process and start again.`,
    );
  }
  lock.exec('PRAGMA user_version = 1; COMMIT');
  locks.add(lock);
  return () => {
    if (locks.delete(lock)) lock.close();
  };
};
