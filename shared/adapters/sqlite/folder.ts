import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

const folderMode = 0o700;
const fileMode = 0o600;
const permissionsOfOthers = 0o077;

export const unwritable = (path: string, cause: unknown): TerminalError =>
  new TerminalError(
    'data_unwritable',
    `${path} cannot be created or written: give its folder to this user, or choose another one.`,
    cause,
  );

/**
 * Creates the folder of a file, accessible by this user only, and checks that the file can be read and written.
 *
 * @throws TerminalError data_unwritable
 */
export const prepareFolder = (path: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: folderMode });
    accessSync(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK);
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
};

/** Creates an empty file that only this user can read, whatever the umask. False if the file exists already. */
export const createFile = (path: string): boolean => {
  try {
    closeSync(openSync(path, 'wx', fileMode));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unwritable(path, error);
  }
};

/**
 * Removes the permissions of other users from a file. A file of another user, or on a system without modes, stays as it
 * is.
 */
export const restrictToOwner = (path: string): void => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.uid !== process.getuid?.() || (stats.mode & permissionsOfOthers) === 0)
    return;
  chmodSync(path, stats.mode & ~permissionsOfOthers);
};
