import { linkSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import { closeToOthers, makeFile, prepareFolder, unwritable } from './folder.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { migrate } from './migrations.ts';
import { createSecureDelete } from './secure-delete.ts';
import { resultCode, resultCodeOf } from './sqlite-error.ts';
import { createLoopShare, type LoopShare } from './yield-to-loop.ts';

/** An open file (or `:memory:`); items and vectors live in it together. */
export interface Database extends Pick<GroupCommit, 'write' | 'subscribe'>, LoopShare {
  path: string;
  connection: DatabaseSync;
  /** The same statement for the same text. */
  prepare(sql: string): StatementSync;
  /**
   * Resolves once nothing that was overwritten or removed before is in the file or its WAL. Without a call it goes
   * within seconds.
   * @throws RetryableError erasure_held_up
   */
  secureDelete(): Promise<void>;
  /** Commits what waits and closes the file; again: nothing. */
  close(): void;
}

/** How long a write waits for another process; short, because everything waits with it. */
const busyTimeoutMs = 1_000;

/** Readers never wait for the writer, a commit has reached the disk when it answers, and zeroes replace what is removed. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 67108864;`;

/** A file so large is read whole in about a tenth of a second. Of a larger one damage is found where it is met. */
const checkedBytes = 32 * 1024 * 1024;

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

const sizeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.size;

const lost = (sentence: string): TerminalError => new TerminalError('data_lost', sentence);

/**
 * Makes the file where there is none, for this user alone: SQLite gives its WAL the same mode. It appears whole, so
 * that an empty one is what something else left of a database. Processes that do this at once make one file.
 */
const create = (path: string): void => {
  // In this order: a database that another process makes meanwhile is there before its WAL is.
  const walSize = sizeOf(`${path}-wal`) ?? 0;
  const size = sizeOf(path);
  if (size === 0)
    throw lost(
      `${path} is empty, which a Turnstone database never is: restore a backup in its place, or delete it to start anew.`,
    );
  if (size !== undefined) return;
  if (walSize > 0)
    throw lost(
      `${path} is missing, but ${path}-wal is there: restore a backup and delete that file, or delete it to start anew.`,
    );
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  makeFile(draft);
  try {
    const connection = new DatabaseSync(draft);
    connection.exec('PRAGMA journal_mode = WAL');
    connection.close();
    linkSync(draft, path);
  } catch (error) {
    if (sizeOf(path) === undefined) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const checkPages = (connection: DatabaseSync, path: string): void => {
  if (path === ':memory:' || (sizeOf(path) ?? 0) > checkedBytes) return;
  const found = connection.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw unreadable(path, found);
};

const prepareFiles = (path: string): void => {
  if (path === ':memory:') return;
  prepareFolder(path);
  create(path);
  for (const suffix of ['', '-wal', '-shm']) closeToOthers(`${path}${suffix}`);
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
 * Opens or creates the file at `path` (`:memory:`: none) and brings it to the newest schema. Several processes may
 * have it open.
 *
 * @param onHeldUp told when another process keeps what was erased on the disk
 * @throws TerminalError data_newer, data_unwritable, data_unreadable, data_lost
 */
export const openDatabase = ({
  path,
  onHeldUp = () => {},
}: {
  path: string;
  onHeldUp?: () => void;
}): Database => {
  let connection: DatabaseSync;
  try {
    connection = connect(path);
  } catch (error) {
    throw openError(path, error);
  }
  const statements = new Map<string, StatementSync>();
  const { write, subscribe, flush } = createGroupCommit(connection);
  const secureDelete = createSecureDelete(connection, { path, busyTimeoutMs, onHeldUp });
  if (path !== ':memory:') {
    subscribe({ began() {}, undone() {}, committed: secureDelete.wrote });
    // A process that was killed may have left something behind.
    secureDelete.wrote();
  }
  return {
    path,
    connection,
    ...createLoopShare(),
    write,
    subscribe,
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = connection.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    secureDelete: secureDelete.now,
    close() {
      if (!connection.isOpen) return;
      flush();
      secureDelete.end();
      connection.close();
    },
  };
};
