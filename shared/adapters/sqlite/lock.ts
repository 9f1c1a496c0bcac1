import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../../domain/errors.ts';
import { prepareFolder, unwritable } from './folder.ts';
import { isBusy } from './sqlite-error.ts';

/** Open connections are held here, so that the garbage collector cannot end a claim. */
const claims = new Set<DatabaseSync>();

/**
 * Claims a data folder for this service. The lock is an open transaction on a small file beside the data: the operating
 * system drops it however the process ends, and whoever only opens the database is not hindered. Answers how to give
 * the folder back.
 *
 * @throws TerminalError data_in_use, data_unwritable
 */
export const lockFolder = (folder: string): (() => void) => {
  const path = join(folder, 'turnstone.lock');
  prepareFolder(path);
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: 0 });
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection?.close();
    if (!isBusy(error)) throw unwritable(path, error);
    throw new TerminalError(
      'data_in_use',
      `Another Turnstone service is running on ${folder}: stop it, or give this one a folder of its own.`,
      error,
    );
  }
  const claim = connection;
  claims.add(claim);
  return () => {
    if (claims.delete(claim)) claim.close();
  };
};
