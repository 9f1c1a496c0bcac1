import { closeSync, fdatasync, fdatasyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { TerminalError } from '../../domain/errors.ts';
import { resultCode, resultCodeOf } from './errors.ts';
import { createFile, prepareFolder, restrictToOwner, unwritable } from './folder.ts';
import { createGroupCommit, type DiskSync, type GroupCommit } from './group-commit.ts';
import { migrate } from './migrations.ts';
import { createSecureDelete } from './secure-delete.ts';
import { createTimeSlices, type TimeSlices } from './time-slices.ts';

const syncData = promisify(fdatasync);

/** An open database file (or `:memory:`), which holds items and vectors. */
export interface Database extends Pick<GroupCommit, 'write' | 'subscribe' | 'syncing'>, TimeSlices {
  path: string;
  connection: DatabaseSync;
  /** Prepares a statement, or returns the one prepared before from the same text. */
  prepare(sql: string): StatementSync;
  /**
   * Resolves once nothing that was overwritten or removed before the call is left in the file or its WAL. Without a
   * call the same happens in the background within seconds.
   *
   * @throws RetryableError erasure_delayed
   */
  secureDelete(): Promise<void>;
  /** Calls `act` before the file is closed. */
  onClose(act: () => void): void;
  /** Commits pending writes and closes the file. A second call does nothing. */
  close(): void;
}

/** How long a write waits for another process. Short, since SQLite's wait blocks the event loop. */
const busyTimeoutMs = 1_000;

/**
 * WAL: readers never wait for the writer. NORMAL: SQLite syncs at checkpoints, and the group commit after each commit,
 * without blocking the event loop (https://sqlite.org/pragma.html#pragma_synchronous). Zeroes overwrite deleted content. The cache is
 * small, since the system caches the file: reads of random items take as long with eight times as much.
 */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  PRAGMA cache_size = -4096;
  PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 67108864;`;

/**
 * Largest file that is checked as a whole at the start, in about 0.1 s. In a larger file damage is found when a page is
 * read.
 */
const maxCheckedBytes = 32 * 1024 * 1024;

const unreadable = (path: string, cause?: unknown): TerminalError =>
  new TerminalError(
    'data_unreadable',
    `${path} is not a Turnstone database, or it is damaged: restore a backup.`,
    cause,
  );

const openError = (path: string, error: unknown): unknown => {
  switch (resultCodeOf(error)) {
    case resultCode.permission:
    case resultCode.readOnly:
    case resultCode.cannotOpen:
      return unwritable(path, error);
    case resultCode.notADatabase:
    case resultCode.corrupt:
      return unreadable(path, error);
    default:
      return error;
  }
};

const fileSize = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.size;

const dataLost = (sentence: string): TerminalError => new TerminalError('data_lost', sentence);

/**
 * Creates the file if there is none, readable by this user only; SQLite copies the mode to the WAL. The complete file
 * is linked to its name, so that a crash never leaves an empty file: an empty one was truncated by something else. Of
 * several processes that do this at once one creates the file and the others use it.
 *
 * @throws TerminalError data_lost
 */
const createDatabaseFile = (path: string): void => {
  // The WAL is read first: a database that another process creates meanwhile exists before its WAL.
  const walSize = fileSize(`${path}-wal`) ?? 0;
  const size = fileSize(path);
  if (size === 0)
    throw dataLost(
      `${path} is empty, which a Turnstone database never is: restore a backup in its place, or delete it to start anew.`,
    );
  if (size !== undefined) return;
  if (walSize > 0)
    throw dataLost(
      `${path} is missing, but ${path}-wal is there: restore a backup and delete that file, or delete it to start anew.`,
    );
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  createFile(draft);
  try {
    const connection = new DatabaseSync(draft);
    connection.exec('PRAGMA journal_mode = WAL');
    connection.close();
    linkSync(draft, path);
  } catch (error) {
    if (fileSize(path) === undefined) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const checkPages = (connection: DatabaseSync, path: string): void => {
  if (path === ':memory:' || (fileSize(path) ?? 0) > maxCheckedBytes) return;
  const found = connection.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw unreadable(path, found);
};

const prepareFiles = (path: string): void => {
  if (path === ':memory:') return;
  prepareFolder(path);
  createDatabaseFile(path);
  for (const suffix of ['', '-wal', '-shm']) restrictToOwner(`${path}${suffix}`);
};

interface WalSync extends Omit<DiskSync, 'recover'> {
  /** Ends the use of the file, after an fsync that still runs. */
  close(): void;
}

/** Syncs the WAL, which exists as long as a connection is open: it has every commit that no checkpoint has synced. */
const createWalSync = (path: string): WalSync => {
  let descriptor: number | undefined;
  let running = 0;
  let isClosed = false;
  const open = (): number => {
    descriptor ??= openSync(`${path}-wal`, 'r+');
    return descriptor;
  };
  const closeIfIdle = (): void => {
    if (!isClosed || running > 0 || descriptor === undefined) return;
    closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    async start() {
      running++;
      try {
        await syncData(open());
      } finally {
        running--;
        closeIfIdle();
      }
    },
    now: () => fdatasyncSync(open()),
    close() {
      isClosed = true;
      closeIfIdle();
    },
  };
};

/** Copies the WAL to the file, and syncs both. @throws when the disk fails or another process reads an older state */
const checkpoint = (connection: DatabaseSync): void => {
  const { busy } = connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
  if (busy !== 0) throw new Error('another process reads an older state of the database');
};

const connect = (path: string): DatabaseSync => {
  prepareFiles(path);
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    connection.exec(settings);
    checkPages(connection, path);
    migrate(connection, path);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
};

/**
 * Opens or creates the file at `path` (`:memory:`: none) and migrates it to the newest schema. Several processes may
 * open the same file at once.
 *
 * @param walSync brings commits to the disk
 * @param onDelayed called when a reader in another process keeps erased content on the disk
 * @throws TerminalError data_newer, data_unwritable, data_unreadable, data_lost
 */
export const openDatabase = ({
  path,
  onDelayed = () => {},
  walSync = path === ':memory:' ? undefined : createWalSync(path),
}: {
  path: string;
  onDelayed?: () => void;
  walSync?: WalSync | undefined;
}): Database => {
  let connection: DatabaseSync;
  try {
    connection = connect(path);
  } catch (error) {
    throw openError(path, error);
  }
  const statements = new Map<string, StatementSync>();
  const closing: (() => void)[] = [];
  const { write, subscribe, syncing, flush } = createGroupCommit(
    connection,
    walSync && { ...walSync, recover: () => checkpoint(connection) },
  );
  const secureDelete = createSecureDelete(connection, { path, busyTimeoutMs, onDelayed });
  if (path !== ':memory:') {
    subscribe({ onCommit: secureDelete.schedule });
    // A killed process may have left deleted content in the WAL.
    secureDelete.schedule();
  }
  return {
    path,
    connection,
    ...createTimeSlices(),
    write,
    subscribe,
    syncing,
    prepare(sql) {
      const prepared = statements.get(sql);
      if (prepared) return prepared;
      const statement = connection.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    secureDelete: secureDelete.run,
    onClose: (act) => void closing.push(act),
    close() {
      if (!connection.isOpen) return;
      for (const act of closing) act();
      flush();
      walSync?.close();
      secureDelete.close();
      connection.close();
    },
  };
};
