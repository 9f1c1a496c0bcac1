import { chmodSync, closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

const permissionsOfOthers = 0o077;

/** Files and folders that other users of this machine could read. */
export interface Exposure {
  /** Permissions of other users were removed. */
  closed: string[];
  /** Still readable by other users: owned by another user, or a folder shared with other files. */
  open: string[];
}

/** Returns whether other users have any permission; false on systems without file modes. */
const isReadableByOthers = (path: string): boolean =>
  process.platform !== 'win32' && (lstatSync(path).mode & permissionsOfOthers) !== 0;

const isOwned = (path: string): boolean => lstatSync(path).uid === process.getuid?.();

const magic = 'SQLite format 3\0';

const isDatabase = (path: string): boolean => {
  const start = Buffer.alloc(magic.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') === magic;
};

const entriesOf = (folder: string) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
    const sentence = isFile ? 'is a file, not a folder' : 'cannot be read by this user';
    throw new TerminalError(
      'data_unwritable',
      `${folder} ${sentence}: choose another folder for the data.`,
      error,
    );
  }
};

/**
 * Removes the permissions of other users from a folder and our files and folders in it. Databases of other names count as ours, as
 * backups. If the folder holds any other file, the folder's own permissions stay as they are. Must not be called while
 * this process has a database in the folder open under another name: reading such a file would release SQLite's locks
 * on the file.
 * @throws TerminalError data_unwritable for a path that is no folder, or cannot be read
 */
export const restrictFolder = (folder: string, isOurs: (name: string) => boolean): Exposure => {
  const closed: string[] = [];
  const open: string[] = [];
  const restrict = (path: string): void => {
    if (!isReadableByOthers(path)) return;
    if (!isOwned(path)) {
      open.push(path);
      return;
    }
    chmodSync(path, lstatSync(path).mode & 0o700);
    closed.push(path);
  };

  const foreign: string[] = [];
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    const isFile = entry.isFile();
    const isNamedOurs = (isFile || entry.isDirectory()) && isOurs(entry.name);
    if (isNamedOurs || (isFile && isOwned(path) && isDatabase(path))) restrict(path);
    else foreign.push(path);
  }
  if (foreign.length === 0) restrict(folder);
  else if (isReadableByOthers(folder)) open.push(folder);
  return { closed, open };
};
