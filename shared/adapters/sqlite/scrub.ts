import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../domain/errors.ts';
import { resultCodeOf } from './sqlite-error.ts';

/** What was written is out of the WAL after this: one truncation serves every erasure of that time. */
const afterMs = 1_000;
/** While another process still reads an older state, it is tried again after this. */
const againMs = 50;
/** And so often, about five seconds long, before that is said aloud. */
const tries = 100;

export interface Scrub {
  /** Something was written: what it took the place of goes from the WAL soon. */
  wrote(): void;
  /**
   * Resolves once nothing that was overwritten or removed before is in any file of the database.
   * @throws RetryableError erasure_held_up: another process reads an older state all the while
   */
  now(): Promise<void>;
  /** Tries once. */
  end(): void;
}

/**
 * Checkpoints and empties the WAL; false while another connection still reads or writes it. It does not wait for that
 * one, for everything would wait with it.
 */
const truncate = (connection: DatabaseSync, busyTimeoutMs: number): boolean => {
  connection.exec('PRAGMA busy_timeout = 0');
  try {
    return connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  } catch (error) {
    // The lock of another process, or a disk that cannot serve now.
    if (resultCodeOf(error) === undefined) throw error;
    return false;
  } finally {
    connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  }
};

const heldUp = (): RetryableError =>
  new RetryableError(
    'erasure_held_up',
    'Another process reads an older state of the database: what was erased goes from the disk once that ends.',
  );

/**
 * Secure deletion. `PRAGMA secure_delete` has zeroes written over what is removed, but in the WAL: the pages that a
 * commit replaces stay there until they are overwritten by chance. So the WAL is emptied soon after each write.
 *
 * @param onHeldUp told once when another process keeps it from that
 */
export const createScrub = (
  connection: DatabaseSync,
  busyTimeoutMs: number,
  onHeldUp: () => void,
): Scrub => {
  let timer: NodeJS.Timeout | undefined;
  let failed = 0;

  const isDone = (): boolean => {
    if (!connection.isOpen) return true;
    if (connection.isTransaction || !truncate(connection, busyTimeoutMs)) return false;
    clearTimeout(timer);
    timer = undefined;
    failed = 0;
    return true;
  };

  const tryAgain = (ms: number): void => {
    // Nobody waits for it: a process may end before, its close or the next start does it then.
    timer = setTimeout(() => {
      if (isDone()) return;
      if (++failed === tries) onHeldUp();
      tryAgain(againMs);
    }, ms).unref();
  };

  return {
    wrote() {
      if (timer === undefined) tryAgain(afterMs);
    },
    async now() {
      for (let i = 0; i < tries; i++) {
        if (isDone()) return;
        await sleep(againMs);
      }
      throw heldUp();
    },
    end() {
      clearTimeout(timer);
      if (timer !== undefined) isDone();
    },
  };
};
