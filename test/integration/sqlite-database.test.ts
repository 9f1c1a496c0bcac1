import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import { entry, idsOf, query } from '../contract/vector-index-harness.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sqliteChild = new URL('../support/sqlite-child.ts', import.meta.url);

describe('the SQLite database file', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('items and vectors are still there after the database is closed and opened again, in folders it created', async () => {
    const path = folder.file('deep/er/turnstone.db');
    const first = openDatabase({ path });
    const store = createSqliteStore({ database: first, clock: Date });
    await store.transact([{ op: 'put', key: settingKey('a'), item: { value: 'b' } }]);
    await createSqliteVectorIndex({ database: first }).upsert('p', [
      entry('m', { terms: { tea: 1 } }),
    ]);
    await store.close();

    const again = openDatabase({ path });

    const found = await createSqliteStore({ database: again, clock: Date }).get(settingKey('a'));
    const hits = await createSqliteVectorIndex({ database: again }).query(
      query('p', { terms: ['tea'] }),
    );
    again.close();
    expect(found).toEqual({ value: 'b' });
    expect(idsOf(hits)).toEqual(['m#1']);
  });

  it('the database uses WAL, which SQLite syncs at checkpoints', () => {
    const { connection, close } = openDatabase({ path: folder.file('a.db') });

    const pragma = (name: string) => connection.prepare(`PRAGMA ${name}`).get();

    expect(pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(pragma('synchronous')).toEqual({ synchronous: 1 });
    close();
  });

  it('a database of a newer version is refused in one sentence and stays unchanged', () => {
    const path = folder.file('a.db');
    openDatabase({ path }).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 999');
    newer.close();
    const before = readFileSync(path);

    const open = () => openDatabase({ path });

    expect(open).toThrow(expect.objectContaining({ name: 'TerminalError', code: 'data_newer' }));
    expect(open).toThrow(/^.*a\.db was written by a newer Turnstone[^.]*\.$/);
    expect(readFileSync(path)).toEqual(before);
  });

  it('a path whose folder cannot be created, or that is a folder, is refused in one sentence', () => {
    writeFileSync(folder.file('file'), '');
    mkdirSync(folder.file('folder.db'));

    for (const path of [folder.file('file/turnstone.db'), folder.file('folder.db')]) {
      const open = () => openDatabase({ path });

      expect(open).toThrow(expect.objectContaining({ code: 'data_unwritable' }));
      expect(open).toThrow(`${path} cannot be created or written`);
    }
  });

  it('a file that is not a database is refused in one sentence and stays unchanged', () => {
    const path = folder.file('notes.txt');
    const text = 'not a database, but long enough to look for a header in. '.repeat(40);
    writeFileSync(path, text);

    const open = () => openDatabase({ path });

    expect(open).toThrow(expect.objectContaining({ code: 'data_unreadable' }));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('several processes can open a new database at the same time', async () => {
    const path = folder.file('a.db');
    const children = Array.from({ length: 3 }, () => startChild(sqliteChild, 'open', path));

    const output = await Promise.all(children.map(({ nextLine }) => nextLine()));

    expect(output).toEqual(['opened', 'opened', 'opened']);
  });

  it('calls to a closed store are rejected as store_unavailable', async () => {
    const database = openDatabase({ path: ':memory:' });
    const store = createSqliteStore({ database, clock: Date });
    await store.close();
    await store.close();

    const calls = [
      store.get(settingKey('a')),
      store.check(),
      store.transact([{ op: 'delete', key: settingKey('a') }]),
    ];

    for (const call of calls)
      await expect(call).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
