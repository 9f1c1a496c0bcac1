import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import { prepareFolder, unwritable } from './folder.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { createLoopShare, type LoopShare } from './loop-share.ts';
import { migrate } from './migrations.ts';
import { resultCode, resultCodeOf } from './sqlite-error.ts';

/** An open file (or `:memory:`); items and vectors live in it together. */
export interface Database extends Pick<GroupCommit, 'write' | 'follow'>, LoopShare {
  path: string;
  connection: DatabaseSync;
  /** The same statement for the same text. */
  prepare(sql: string): StatementSync;
  /** Commits what waits and closes the file; again: nothing. */
  close(): void;
}

/** How long a write waits for another process; short, because everything waits with it. */
const busyTimeoutMs = 1_000;

/** Readers never wait for the writer, and a commit has reached the disk when it answers. */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 67108864;`;

const openError = (path: string, error: unknown): unknown => {
  switch (resultCodeOf(error)) {
    case resultCode.permission:
    case resultCode.readOnly:
    case resultCode.cannotOpen:
      return unwritable(path, error);
    case resultCode.notADatabase:
    case resultCode.corrupt:
      return new TerminalError(
        'data_unreadable',
        `${path} is not a Turnstone database, or it is damaged: restore a backup.`,
        error,
      );
    default:
      return error;
  }
};

const connect = (path: string): DatabaseSync => {
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    connection.exec(settings);
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
 * @throws TerminalError data_newer, data_unwritable, data_unreadable
 */
export const openDatabase = ({ path }: { path: string }): Database => {
  if (path !== ':memory:') prepareFolder(path);
  let connection: DatabaseSync;
  try {
    connection = connect(path);
  } catch (error) {
    throw openError(path, error);
  }
  const statements = new Map<string, StatementSync>();
  const { write, follow, flush } = createGroupCommit(connection);
  return {
    path,
    connection,
    ...createLoopShare(),
    write,
    follow,
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = connection.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    close() {
      if (!connection.isOpen) return;
      flush();
      connection.close();
    },
  };
};
