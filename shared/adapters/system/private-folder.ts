import { chmodSync, closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const modeOfOthers = 0o077;

/** What others on this machine could open. */
export interface Exposure {
  /** Closed to them now. */
  closed: string[];
  /** Open to them still: not ours to change, or shared with what is not ours. */
  open: string[];
}

/** Where files have no modes, nothing is known to be open. */
const isOpenToOthers = (path: string): boolean =>
  process.platform !== 'win32' && (lstatSync(path).mode & modeOfOthers) !== 0;

const isMine = (path: string): boolean => lstatSync(path).uid === process.getuid?.();

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

/**
 * Closes a folder and our files in it to everyone but this user. Files of other names that are databases count as ours:
 * backups. While something else is kept in the folder, the folder itself stays as open as it is. Not for a folder whose
 * databases this process has open under other names: reading such a file ends SQLite's locks on it.
 */
export const closeFolder = (folder: string, isOurs: (name: string) => boolean): Exposure => {
  const closed: string[] = [];
  const open: string[] = [];
  const close = (path: string): void => {
    if (!isOpenToOthers(path)) return;
    if (!isMine(path)) {
      open.push(path);
      return;
    }
    chmodSync(path, lstatSync(path).mode & 0o700);
    closed.push(path);
  };

  const foreign: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isFile = entry.isFile();
    if (isFile && (isOurs(entry.name) || (isMine(path) && isDatabase(path)))) close(path);
    else foreign.push(path);
  }
  if (foreign.length === 0) close(folder);
  else if (isOpenToOthers(folder)) open.push(folder);
  return { closed, open };
};
