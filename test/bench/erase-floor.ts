import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const rowsPerTransaction = 100;
const body = JSON.stringify({ text: 'x'.repeat(500) });

/** Seconds that bare statements take to write so many rows to a new file, as durably as the store, 100 in a transaction. */
export const writeRows = (path: string, count: number): number => {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (pk, sk));`);
  const put = database.prepare('INSERT OR REPLACE INTO items VALUES (?, ?, ?)');
  const from = performance.now();
  for (let row = 0; row < count; ) {
    database.exec('BEGIN IMMEDIATE');
    const end = Math.min(count, row + rowsPerTransaction);
    for (; row < end; row++) put.run(`M#${row % Math.ceil(count / 2)}`, 'ITEM', body);
    database.exec('COMMIT');
  }
  const seconds = (performance.now() - from) / 1_000;
  database.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  return seconds;
};
