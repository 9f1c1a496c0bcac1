import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Least that a delivery's record costs: its row is updated and its attempt inserted, as durably as the service does. */
export const openRecordingFloor = (deliveries: number) => {
  const folder = temporaryFolder();
  const database = new DatabaseSync(join(folder.path, 'floor.db'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -65536;
    CREATE TABLE deliveries (id TEXT PRIMARY KEY, due INTEGER, status TEXT, body TEXT) WITHOUT ROWID;
    CREATE INDEX due ON deliveries (due) WHERE due IS NOT NULL;
    CREATE TABLE attempts (id TEXT PRIMARY KEY, at INTEGER, status INTEGER, answer TEXT) WITHOUT ROWID`);
  const insert = database.prepare("INSERT INTO deliveries VALUES (?, ?, 'PENDING', ?)");
  const update = database.prepare(
    "UPDATE deliveries SET due = NULL, status = 'SUCCEEDED' WHERE id = ?",
  );
  const attempt = database.prepare('INSERT INTO attempts VALUES (?, ?, ?, ?)');
  let waiting: { id: string; status: number; recorded: () => void }[] = [];

  const inTransaction = (work: () => void): void => {
    database.exec('BEGIN');
    work();
    database.exec('COMMIT');
  };

  /** Records all that waits in one transaction, so that deliveries share its sync. */
  const commit = async (): Promise<void> => {
    await setImmediate();
    const group = waiting;
    waiting = [];
    inTransaction(() => {
      for (const { id, status } of group) {
        update.run(id);
        attempt.run(id, Date.now(), status, '');
      }
    });
    for (const { recorded } of group) recorded();
  };

  return {
    /** Stores deliveries that are due; returns their ids. */
    prepare(body: string): string[] {
      const ids = Array.from({ length: deliveries }, () => randomUUID());
      inTransaction(() => {
        for (const id of ids) insert.run(id, Date.now(), body);
      });
      return ids;
    },

    /** Resolves once the attempt is on disk. */
    record: (id: string, status: number): Promise<void> =>
      new Promise((recorded) => {
        if (waiting.push({ id, status, recorded }) === 1) void commit();
      }),

    close(): void {
      database.close();
      folder.remove();
    },
  };
};
