import type { DatabaseSync } from 'node:sqlite';
import { storeError, unwrittenError } from './errors.ts';

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

/** Receives the events of each group, to keep a cache consistent with the file. */
export interface GroupObserver {
  /** The write lock is taken: no other process writes until the group ends. */
  onBegin?(): void;
  /** The writes of one writer, or of the whole group, were rolled back. */
  onRollback?(): void;
  onCommit?(): void;
}

export interface GroupCommit {
  subscribe(observer: GroupObserver): void;
  /**
   * Runs `work` in a transaction and resolves once the transaction is on disk. Group commit: concurrent writers share
   * one commit, and so one fsync. Each runs in its own savepoint, so that an exception rolls back one writer only.
   * `work` runs once; after a crash a group is either committed as a whole or not at all.
   *
   * @throws RetryableError transaction_conflict (another process is writing), store_unavailable (outcome unknown)
   */
  write<T>(work: () => T): Promise<T>;
  /** Commits all pending writes at once, before the database is closed. */
  flush(): void;
}

/** Creates the one queue of writes of a connection. */
export const createGroupCommit = (connection: DatabaseSync): GroupCommit => {
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

  const commitGroup = (group: Writer[]): void => {
    let toStoreError = unwrittenError;
    try {
      begin.run();
      notify('onBegin');
      const settlers = runGroup(group);
      toStoreError = storeError;
      commit.run();
      notify('onCommit');
      for (const settle of settlers) settle();
    } catch (error) {
      if (connection.isOpen && connection.isTransaction) connection.exec('ROLLBACK');
      notify('onRollback');
      for (const { reject } of group) reject(toStoreError(error));
    }
  };

  const commitNext = (): void => {
    if (pending.length === 0) return;
    commitGroup(pending.splice(0, maxGroup));
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

  return {
    subscribe: (observer) => void observers.push(observer),
    write: (work) =>
      new Promise((resolve, reject) => {
        if (pending.length === 0) setImmediate(collect, 1, performance.now());
        pending.push({
          run() {
            const value = work();
            return () => resolve(value);
          },
          reject,
        });
      }),
    flush() {
      while (pending.length > 0) commitGroup(pending.splice(0, maxGroup));
    },
  };
};
