import type { DatabaseSync } from 'node:sqlite';
import { storeError, unsyncedError, unwrittenError } from './errors.ts';

/** Writers per commit. Bounded, since reads wait while a group is written. */
const maxGroup = 64;
/** Time between two tries to recover from a failed fsync, which block the event loop. */
const recoverAfterMs = 1_000;
/** Longest time that the first writer of a group waits for others. */
const maxDelayMs = 8;
/**
 * Time after which a group is committed early. The remaining writers join the next group, after a tick for other work.
 */
const maxWriteMs = 15;

/** A queued write. `run` returns the function that reports success after the commit. */
interface Writer {
  run(): () => void;
  reject(error: unknown): void;
}

/** Brings what was committed to the disk. */
export interface DiskSync {
  /** Without blocking the event loop. */
  start(): Promise<void>;
  now(): void;
  /** By other means than an fsync of the WAL, which may succeed after a failure without writing what that one left. */
  recover(): void;
}

/** Receives the events of each group, to keep a cache consistent with the file. */
export interface GroupObserver {
  /** The write lock is taken: no other process writes until the group ends. */
  onBegin?(): void;
  /** The writes of one writer were done, and are part of the group. */
  onWritten?(): void;
  /** The writes since the last `onWritten` were rolled back, or those of the whole group. */
  onRollback?(part: 'writer' | 'group'): void;
  /** Other connections see the writes, which may not be on disk yet. */
  onCommit?(): void;
}

export interface GroupCommit {
  subscribe(observer: GroupObserver): void;
  /**
   * Runs `work` in a transaction and resolves once the transaction is on disk. Group commit: concurrent writers share
   * one commit, and so one fsync, during which the event loop is free and the next group collects. Each runs in its own
   * savepoint, so that an exception rolls back one writer only. `work` runs once; after a crash a group is either
   * committed as a whole or not at all.
   *
   * @throws RetryableError transaction_conflict (another process is writing), store_unavailable (outcome unknown)
   */
  write<T>(work: () => T): Promise<T>;
  /**
   * The fsync of the last commit, until it has ended. A reader that saw the commit waits for it.
   *
   * @throws RetryableError store_unavailable, also as its rejection, as long as the disk has not got what a failed fsync left
   */
  syncing(): Promise<void> | undefined;
  /** Commits all pending writes at once, before the database is closed. */
  flush(): void;
}

/** Reports to the writers of a group that it is on disk, or the error of its fsync. */
type Report = (error?: unknown) => void;

const rejectAll = (group: readonly Writer[], error: unknown): void => {
  for (const { reject } of group) reject(unsyncedError(error));
};

/** A committed group during its fsync. */
interface Syncing {
  ended: Promise<void>;
  end(error?: unknown): void;
}

/**
 * Creates the one queue of writes of a connection.
 *
 * @param disk undefined for a database in memory
 */
export const createGroupCommit = (connection: DatabaseSync, disk?: DiskSync): GroupCommit => {
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const savepoint = connection.prepare('SAVEPOINT writer');
  const release = connection.prepare('RELEASE writer');
  const rollbackTo = connection.prepare('ROLLBACK TO writer');
  const pending: Writer[] = [];
  const observers: GroupObserver[] = [];
  const notify = (event: 'onBegin' | 'onWritten' | 'onCommit'): void => {
    for (const observer of observers) observer[event]?.();
  };
  const notifyRollback = (part: 'writer' | 'group'): void => {
    for (const observer of observers) observer.onRollback?.(part);
  };

  const runWriter = ({ run, reject }: Writer): (() => void) => {
    savepoint.run();
    try {
      const resolve = run();
      release.run();
      notify('onWritten');
      return resolve;
    } catch (error) {
      // On a full disk SQLite rolls back the whole group by itself.
      if (!connection.isTransaction) throw error;
      rollbackTo.run();
      notifyRollback('writer');
      release.run();
      return () => reject(storeError(error));
    }
  };

  /** Runs at least one writer and stops after `maxWriteMs`. The rest goes back to the front of the queue. */
  const runGroup = (group: Writer[]): (() => void)[] => {
    const startedAt = performance.now();
    const settlers: (() => void)[] = [];
    for (const writer of group) {
      if (settlers.length > 0 && performance.now() - startedAt > maxWriteMs) break;
      settlers.push(runWriter(writer));
    }
    pending.unshift(...group.splice(settlers.length));
    return settlers;
  };

  let current: Syncing | undefined;
  let failure: { error: unknown; retryAt: number } | undefined;

  const noteFailure = (error: unknown): void => {
    if (error !== undefined) failure = { error, retryAt: performance.now() };
  };

  /** Returns the error of an fsync whose data the disk has not got yet. */
  const unrecovered = (): unknown => {
    if (!failure || performance.now() < failure.retryAt) return failure?.error;
    try {
      disk?.recover();
      failure = undefined;
    } catch (error) {
      failure = { error, retryAt: performance.now() + recoverAfterMs };
    }
    return failure?.error;
  };

  /**
   * Commits a group, and returns what reports the end of its fsync to the writers. Rejects them after a
   * failure, and returns undefined.
   */
  const commitGroup = (group: Writer[]): Report | undefined => {
    const failed = unrecovered();
    if (failed !== undefined) {
      rejectAll(group, failed);
      return undefined;
    }
    let toStoreError = unwrittenError;
    try {
      begin.run();
      notify('onBegin');
      const settlers = runGroup(group);
      toStoreError = storeError;
      commit.run();
      notify('onCommit');
      return (error) => {
        if (error === undefined) for (const settle of settlers) settle();
        else rejectAll(group, error);
      };
    } catch (error) {
      if (connection.isOpen && connection.isTransaction) connection.exec('ROLLBACK');
      notifyRollback('group');
      for (const { reject } of group) reject(toStoreError(error));
      return undefined;
    }
  };

  const sync = (report: Report, { start }: DiskSync): void => {
    const { promise: ended, resolve, reject: rejectReaders } = Promise.withResolvers<void>();
    // A rejection without a reader is no error.
    ended.catch(() => {});
    const syncing: Syncing = {
      ended,
      end(error) {
        // `flush` may have ended it.
        if (current !== syncing) return;
        current = undefined;
        noteFailure(error);
        const left = unrecovered();
        if (left === undefined) resolve();
        else rejectReaders(unsyncedError(left));
        report(left);
        if (pending.length > 0) setImmediate(commitNext);
      },
    };
    current = syncing;
    start().then(() => syncing.end(), syncing.end);
  };

  const commitNext = (): void => {
    if (pending.length === 0 || current) return;
    const report = commitGroup(pending.splice(0, maxGroup));
    if (report && disk) {
      sync(report, disk);
      return;
    }
    report?.();
    if (pending.length > 0) setImmediate(commitNext);
  };

  /**
   * Commits a lone writer after one tick. While each tick brings more writers, waits for the next, up to `maxDelayMs`.
   */
  const collect = (count: number, since: number): void => {
    const isGrowing = pending.length > count && pending.length < maxGroup;
    if (isGrowing && performance.now() - since < maxDelayMs)
      setImmediate(collect, pending.length, since);
    else commitNext();
  };

  const syncNow = (): unknown => {
    try {
      disk?.now();
      return undefined;
    } catch (error) {
      return error;
    }
  };

  return {
    subscribe: (observer) => void observers.push(observer),
    write: (work) =>
      new Promise((resolve, reject) => {
        // The end of an fsync commits what has come meanwhile.
        if (pending.length === 0 && !current) setImmediate(collect, 1, performance.now());
        pending.push({
          run() {
            const value = work();
            return () => resolve(value);
          },
          reject,
        });
      }),
    syncing() {
      const error = unrecovered();
      if (error !== undefined) throw unsyncedError(error);
      return current?.ended;
    },
    flush() {
      current?.end(syncNow());
      while (pending.length > 0) {
        const report = commitGroup(pending.splice(0, maxGroup));
        if (!report) continue;
        noteFailure(syncNow());
        report(unrecovered());
      }
    },
  };
};
