import { statSync } from 'node:fs';
import { RetryableError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { resultCodeOf } from './errors.ts';

/** Speed of a slow disk. The copy is written twice, once into the WAL. */
const bytesPerSecond = 30_000_000;
const maxSeconds = 10;

export type Vacuumed =
  /** Duration, and size of the file before. */
  | { outcome: 'done'; ms: number; bytes: number }
  /** The file holds nothing from before secure deletion. */
  | { outcome: 'needless' }
  /**
   * Estimated to take too long, or failed for lack of disk space or for another process: old deleted text may remain.
   */
  | { outcome: 'left_out'; bytes: number; reason: 'too_large' | 'failed' };

/**
 * Rewrites once a file from before secure deletion, whose free pages still hold deleted text. Blocks the process, so it
 * runs at the start, before requests are accepted. The completion is recorded in the file; after a crash the vacuum
 * runs again.
 *
 * @param limitSeconds a vacuum that is estimated to take longer is left out
 */
export const vacuumOnce = async (
  database: Database,
  limitSeconds = maxSeconds,
): Promise<Vacuumed> => {
  const { connection, path } = database;
  if (path === ':memory:' || database.prepare("SELECT 1 FROM upkeep WHERE done = 'vacuum'").get())
    return { outcome: 'needless' };
  const bytes = statSync(path).size;
  if (bytes > limitSeconds * bytesPerSecond)
    return { outcome: 'left_out', bytes, reason: 'too_large' };
  const startedAt = performance.now();
  try {
    connection.exec('PRAGMA temp_store = FILE; VACUUM');
    await database.secureDelete();
    await database.write(() => connection.exec("INSERT OR IGNORE INTO upkeep VALUES ('vacuum')"));
  } catch (error) {
    if (resultCodeOf(error) === undefined && !(error instanceof RetryableError)) throw error;
    return { outcome: 'left_out', bytes, reason: 'failed' };
  } finally {
    connection.exec('PRAGMA temp_store = MEMORY');
  }
  return { outcome: 'done', ms: Math.round(performance.now() - startedAt), bytes };
};
