import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../domain/errors.ts';
import { resultCodeOf } from './errors.ts';
import { createWalReader, zeroGaps } from './page-gaps.ts';

/** Delay between a write and the cleaning, so that one truncation of the WAL serves all writes of that time. */
const delayMs = 1_000;
/** Delay before the next try while another process still reads an older snapshot. */
const retryMs = 50;
/** Failed tries, about five seconds, before the delay is reported. */
const maxTries = 100;

export interface SecureDelete {
  /** Schedules the cleaning after a write. Lost in a crash: the next start schedules again. */
  schedule(): void;
  /**
   * Resolves once nothing that was overwritten or removed before the call is left in any file of the database.
   *
   * @throws RetryableError erasure_delayed: another process reads an older snapshot all that time
   */
  run(): Promise<void>;
  /** Tries once more if a cleaning is pending, then stops. */
  close(): void;
}

const erasureDelayed = (): RetryableError =>
  new RetryableError(
    'erasure_delayed',
    'Another process reads an older state of the database: erased content stays on the disk until that process ends its read.',
  );

/** Returns false on an error of SQLite: another process has a lock, or the disk fails. Other errors are thrown. */
const tryWork = (work: () => boolean): boolean => {
  try {
    return work();
  } catch (error) {
    if (resultCodeOf(error) === undefined) throw error;
    return false;
  }
};

/**
 * Creates the secure deletion of a file. `PRAGMA secure_delete` overwrites deleted cells with zeroes, with two
 * exceptions. Replaced versions of a page stay in the WAL, so the WAL is truncated soon after each write. Moved cells
 * may leave a copy in the unallocated space of a page, so that space is zeroed in every page that was written.
 *
 * @param onDelayed called once when another process has delayed the cleaning for about five seconds
 */
export const createSecureDelete = (
  connection: DatabaseSync,
  {
    path,
    busyTimeoutMs,
    onDelayed,
  }: { path: string; busyTimeoutMs: number; onDelayed: () => void },
): SecureDelete => {
  const walPath = `${path}-wal`;
  const wal = createWalReader(walPath);
  const dirtyPages = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let failedTries = 0;

  const walSize = (): number => statSync(walPath, { throwIfNoEntry: false })?.size ?? 0;

  const truncate = (): boolean =>
    connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;

  const zeroDirtyPages = (): boolean => {
    if (dirtyPages.size === 0) return true;
    connection.exec('BEGIN IMMEDIATE');
    try {
      // Another process wrote meanwhile: the WAL must be truncated again first.
      if (walSize() > 0) return false;
      // SQLite's page cache still holds the old content of the gaps.
      if (zeroGaps(path, dirtyPages)) connection.exec('PRAGMA shrink_memory');
      dirtyPages.clear();
      return true;
    } finally {
      connection.exec('ROLLBACK');
    }
  };

  /** Tries without waiting for locks of other processes, since SQLite's wait blocks the event loop. */
  const clean = (): boolean => {
    connection.exec('PRAGMA busy_timeout = 0');
    try {
      wal.read(dirtyPages);
      return truncate() && zeroDirtyPages();
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  };

  const isDone = (): boolean => {
    if (!connection.isOpen) return true;
    if (connection.isTransaction || !tryWork(clean)) return false;
    clearTimeout(timer);
    timer = undefined;
    failedTries = 0;
    return true;
  };

  const tryAfter = (ms: number): void => {
    // Unreferenced: a process may exit before; `close` or the next start does the work.
    timer = setTimeout(() => {
      if (isDone()) return;
      if (++failedTries === maxTries) onDelayed();
      tryAfter(retryMs);
    }, ms).unref();
  };

  return {
    schedule() {
      // Read now: the next write may restart the WAL.
      wal.read(dirtyPages);
      if (timer === undefined) tryAfter(delayMs);
    },
    async run() {
      for (let i = 0; i < maxTries; i++) {
        if (isDone()) return;
        await sleep(retryMs);
      }
      throw erasureDelayed();
    },
    close() {
      clearTimeout(timer);
      if (timer !== undefined) isDone();
      wal.close();
    },
  };
};
