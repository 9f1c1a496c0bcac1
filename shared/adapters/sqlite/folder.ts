import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

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
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    accessSync(dirname(path), constants.R_OK | constants.W_OK | constants.X_OK);
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
};
