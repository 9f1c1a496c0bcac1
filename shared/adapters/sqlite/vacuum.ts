import { statSync } from 'node:fs';
import { RetryableError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { resultCodeOf } from './sqlite-error.ts';

/** A slow disk copies about so much in a second; the copy is written twice, once into the WAL. */
const bytesPerSecond = 30_000_000;
const maxSeconds = 10;

export type Vacuumed =
  /** How long it took, and how large the file was. */
  | { outcome: 'done'; ms: number; bytes: number }
  /** Nothing is left of the time before secure deletion. */
  | { outcome: 'needless' }
  /** It would take too long, or there was no room or no quiet for it: deleted text of that time may still be there. */
  | { outcome: 'left_out'; bytes: number; reason: 'too_large' | 'failed' };

/**
 * Rewrites, once, a file that was written before deleted text was overwritten: what was deleted then is in its free pages
 * still. Everything waits meanwhile, so it is for a start, before requests are taken. That it was done is recorded in the
 * file; after a crash it is done again.
 *
 * @param limitSeconds what is estimated to take longer is left out
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
  const begun = performance.now();
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
  return { outcome: 'done', ms: Math.round(performance.now() - begun), bytes };
};
