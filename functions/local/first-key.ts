import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError } from '../../shared/domain/errors.ts';

/**
 * Writes the first API key to a file that only this user can read.
 * @returns the path of the file
 * @throws TerminalError key_not_written
 */
export const writeFirstKey = (folder: string, key: string): string => {
  const path = join(folder, 'first-api-key');
  try {
    // A file that is there already would keep its permissions.
    rmSync(path, { force: true });
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
    return path;
  } catch (error) {
    throw new TerminalError(
      'key_not_written',
      `The first API key could not be written to ${path}: make another with npm run keys -- create --permissions read,write,admin.`,
      error,
    );
  }
};
