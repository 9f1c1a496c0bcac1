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
const modeOfOthers = 0o077;

export const unwritable = (path: string, cause: unknown): TerminalError =>
  new TerminalError(
    'data_unwritable',
    `${path} cannot be created or written: give its folder to this user, or choose another one.`,
    cause,
  );

/**
 * Makes the folder of a file, for this user alone, and sees that the file can be written.
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

/** Makes an empty file for this user alone, whatever the umask; false where one is there already. */
export const makeFile = (path: string): boolean => {
  try {
    closeSync(openSync(path, 'wx', fileMode));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unwritable(path, error);
  }
};

/** Takes a file of this user away from all others; where files have no modes, or it is not ours, it stays as it is. */
export const closeToOthers = (path: string): void => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.uid !== process.getuid?.() || (stats.mode & modeOfOthers) === 0) return;
  chmodSync(path, stats.mode & ~modeOfOthers);
};
