import type { DatabaseSync } from 'node:sqlite';
import { storeError, unsyncedError, unwrittenError } from './errors.ts';

/** Writers per commit. Bounded, since reads wait while a group is written. */
const maxGroup = 64;
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
}

/** Receives the events of each group, to keep a cache consistent with the file. */
export interface GroupObserver {
  /** The write lock is taken: no other process writes until the group ends. */
  onBegin?(): void;
  /** The writes of one writer, or of the whole group, were rolled back. */
  onRollback?(): void;
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
  /** The fsync of the last commit, until it has ended. A reader that saw the commit waits for it. Never rejects. */
  syncing(): Promise<void> | undefined;
  /** Commits all pending writes at once, before the database is closed. */
  flush(): void;
}

/** Reports to the writers of a group that it is on disk, or the error of its fsync. */
type Report = (error?: unknown) => void;

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
  const notify = (event: keyof GroupObserver): void => {
    for (const observer of observers) observer[event]?.();
  };

  const runWriter = ({ run, reject }: Writer): (() => void) => {
    savepoint.run();
    try {
      const resolve = run();
      release.run();
      return resolve;
    } catch (error) {
      // On a full disk SQLite rolls back the whole group by itself.
      if (!connection.isTransaction) throw error;
      rollbackTo.run();
      notify('onRollback');
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

  /**
   * Commits a group, and returns what reports the end of its fsync to the writers. Rejects them after a
   * failure, and returns undefined.
   */
  const commitGroup = (group: Writer[]): Report | undefined => {
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
        else for (const { reject } of group) reject(unsyncedError(error));
      };
    } catch (error) {
      if (connection.isOpen && connection.isTransaction) connection.exec('ROLLBACK');
      notify('onRollback');
      for (const { reject } of group) reject(toStoreError(error));
      return undefined;
    }
  };

  let current: Syncing | undefined;

  const sync = (report: Report, { start }: DiskSync): void => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const syncing: Syncing = {
      ended,
      end(error) {
        // `flush` may have ended it.
        if (current !== syncing) return;
        current = undefined;
        resolve();
        report(error);
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
    syncing: () => current?.ended,
    flush() {
      current?.end(syncNow());
      while (pending.length > 0) commitGroup(pending.splice(0, maxGroup))?.(syncNow());
    },
  };
};
