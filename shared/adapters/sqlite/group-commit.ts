import type { DatabaseSync } from 'node:sqlite';
import { storeError, unwrittenError } from './sqlite-error.ts';

/** So that a burst does not keep reads waiting. */
const maxGroup = 64;
/** And so long a group gathers at most. */
const maxDelayMs = 8;
/** A group that has written for so long is committed; the others go into the next, after a turn of the event loop. */
const writeMs = 15;

/** One writer of a group. `run` answers how to report success once the group is committed. */
interface Writer {
  run(): () => void;
  reject(error: unknown): void;
}

/** Whoever keeps in memory what the file holds. */
export interface GroupObserver {
  /** A group of writers begins; nobody else writes until its end. */
  began(): void;
  /** What one of them wrote was taken back, or what all of them did. */
  undone(): void;
  committed(): void;
}

export interface GroupCommit {
  subscribe(observer: GroupObserver): void;
  /**
   * Runs `work` in a transaction and answers once it is on disk. Writers that arrive together, or follow one upon the
   * other, share one commit, so one fsync serves them all; each stands in a savepoint of its own, so one that throws takes nothing from the others.
   *
   * @throws RetryableError transaction_conflict (another process is writing), store_unavailable (outcome unknown)
   */
  write<T>(work: () => T): Promise<T>;
  /** Commits what still waits. */
  flush(): void;
}

export const createGroupCommit = (connection: DatabaseSync): GroupCommit => {
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const savepoint = connection.prepare('SAVEPOINT writer');
  const release = connection.prepare('RELEASE writer');
  const rollbackTo = connection.prepare('ROLLBACK TO writer');
  const waiting: Writer[] = [];
  const observers: GroupObserver[] = [];
  const tell = (what: keyof GroupObserver): void => {
    for (const observer of observers) observer[what]();
  };

  const undo = (): void => {
    rollbackTo.run();
    tell('undone');
  };

  const runWriter = ({ run, reject }: Writer): (() => void) => {
    savepoint.run();
    try {
      const report = run();
      release.run();
      return report;
    } catch (error) {
      // A full disk makes SQLite roll back the whole group by itself.
      if (!connection.isTransaction) throw error;
      undo();
      release.run();
      return () => reject(storeError(error));
    }
  };

  /** Runs at least the first, and as many more as there is time for; the rest waits for the next group. */
  const runGroup = (group: Writer[]): (() => void)[] => {
    const began = performance.now();
    const reports: (() => void)[] = [];
    for (const writer of group) {
      if (reports.length > 0 && performance.now() - began > writeMs) break;
      reports.push(runWriter(writer));
    }
    waiting.unshift(...group.splice(reports.length));
    return reports;
  };

  const commitGroup = (group: Writer[]): void => {
    let failure = unwrittenError;
    try {
      begin.run();
      tell('began');
      const reports = runGroup(group);
      failure = storeError;
      commit.run();
      tell('committed');
      for (const report of reports) report();
    } catch (error) {
      if (connection.isOpen && connection.isTransaction) connection.exec('ROLLBACK');
      tell('undone');
      for (const { reject } of group) reject(failure(error));
    }
  };

  const commitNext = (): void => {
    if (waiting.length === 0) return;
    commitGroup(waiting.splice(0, maxGroup));
    if (waiting.length > 0) setImmediate(commitNext);
  };

  /** One who comes alone does not wait. As long as each turn of the event loop brings more, it pays to wait for the next. */
  const gather = (seen: number, since: number): void => {
    const isGrowing = waiting.length > seen && waiting.length < maxGroup;
    if (isGrowing && performance.now() - since < maxDelayMs)
      setImmediate(gather, waiting.length, since);
    else commitNext();
  };

  return {
    subscribe: (observer) => void observers.push(observer),
    write: (work) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(gather, 1, performance.now());
        waiting.push({
          run() {
            const value = work();
            return () => resolve(value);
          },
          reject,
        });
      }),
    flush() {
      while (waiting.length > 0) commitGroup(waiting.splice(0, maxGroup));
    },
  };
};
