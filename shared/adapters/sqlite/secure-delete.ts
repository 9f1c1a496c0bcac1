import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../domain/errors.ts';
import { clearGaps, createWalReader } from './page-gaps.ts';
import { resultCodeOf } from './sqlite-error.ts';

/** What was written is out of the WAL after this: one truncation serves every erasure of that time. */
const afterMs = 1_000;
/** While another process still reads an older state, it is tried again after this. */
const againMs = 50;
/** And so often, about five seconds long, before that is said aloud. */
const tries = 100;

export interface SecureDelete {
  /** Something was written: what it took the place of goes soon. */
  wrote(): void;
  /**
   * Resolves once nothing that was overwritten or removed before is in any file of the database.
   * @throws RetryableError erasure_held_up: another process reads an older state all the while
   */
  now(): Promise<void>;
  /** Tries once, if there is anything left to do. */
  end(): void;
}

const heldUp = (): RetryableError =>
  new RetryableError(
    'erasure_held_up',
    'Another process reads an older state of the database: what was erased goes from the disk once that ends.',
  );

/** False where the lock of another process, or a disk that cannot serve now, keeps it from happening. */
const tried = (work: () => boolean): boolean => {
  try {
    return work();
  } catch (error) {
    if (resultCodeOf(error) === undefined) throw error;
    return false;
  }
};

/**
 * Secure deletion. `PRAGMA secure_delete` has zeroes written over what is removed, with two exceptions: the pages that a
 * commit replaces stay in the WAL until they are overwritten by chance, so the WAL is emptied soon after each write; and
 * cells that were moved may leave a copy in the gap of a page, so gaps of the pages that were written are cleared.
 *
 * @param onHeldUp called once when another process keeps it from that
 */
export const createSecureDelete = (
  connection: DatabaseSync,
  { path, busyTimeoutMs, onHeldUp }: { path: string; busyTimeoutMs: number; onHeldUp: () => void },
): SecureDelete => {
  const walPath = `${path}-wal`;
  const wal = createWalReader(walPath);
  const dirty = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let failed = 0;

  const walSize = (): number => statSync(walPath, { throwIfNoEntry: false })?.size ?? 0;

  const truncate = (): boolean =>
    connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;

  const clearDirty = (): boolean => {
    if (dirty.size === 0) return true;
    connection.exec('BEGIN IMMEDIATE');
    try {
      // Another process wrote meanwhile: its pages come first.
      if (walSize() > 0) return false;
      // Pages in memory have the gaps that they were read with.
      if (clearGaps(path, dirty)) connection.exec('PRAGMA shrink_memory');
      dirty.clear();
      return true;
    } finally {
      connection.exec('ROLLBACK');
    }
  };

  /** It does not wait for other processes, for everything would wait with it. */
  const secureDelete = (): boolean => {
    connection.exec('PRAGMA busy_timeout = 0');
    try {
      wal.read(dirty);
      return truncate() && clearDirty();
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  };

  const isDone = (): boolean => {
    if (!connection.isOpen) return true;
    if (connection.isTransaction || !tried(secureDelete)) return false;
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
      // Before the next write, which may begin the WAL anew.
      wal.read(dirty);
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
      wal.close();
    },
  };
};
