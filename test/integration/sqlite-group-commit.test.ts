import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import type { Step, Store } from '../../shared/ports/store.ts';
import { entry } from '../contract/vector-index-harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Counts the commits in a WAL. The last frame of each commit holds the size of the database:
 * https://sqlite.org/fileformat2.html#walformat
 */
const commitsIn = (file: string): number => {
  const wal = readFileSync(`${file}-wal`);
  const frameSize = 24 + wal.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at < wal.length; at += frameSize) if (wal.readUInt32BE(at + 4) > 0) commits++;
  return commits;
};

const write = (name: string, value = 'v'): Step => ({
  op: 'put',
  key: settingKey(name),
  item: { value },
});

describe('the group commit of SQLite', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let database: Database;
  let store: Store;
  beforeEach(() => {
    folder = temporaryFolder();
    path = folder.file('a.db');
    database = openDatabase({ path });
    store = createSqliteStore({ database, clock: Date });
  });
  afterEach(() => {
    database.close();
    folder.remove();
  });

  it('concurrent transactions of store and index share one commit', async () => {
    const index = createSqliteVectorIndex({ database });
    const before = commitsIn(path);

    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => store.transact([write(`a${i}`), write(`b${i}`)])),
      index.upsert('p', [entry('m')]),
    ]);

    expect(commitsIn(path) - before).toBe(1);
  });

  it('a transaction that arrives while a group is collected joins the group', async () => {
    const commits: number[] = [];
    // A group is closed after milliseconds, which one pause of a busy machine may take.
    for (let attempt = 0; attempt < 5 && commits.at(-1) !== 1; attempt++) {
      const before = commitsIn(path);
      const both = [store.transact([write('a')]), store.transact([write('b')])];
      await setImmediate();
      await Promise.all([...both, store.transact([write('c')])]);
      commits.push(commitsIn(path) - before);
    }

    expect(commits).toContain(1);
  });

  it('sequential transactions are committed one by one', async () => {
    const before = commitsIn(path);

    for (let i = 0; i < 3; i++) await store.transact([write(`a${i}`)]);

    expect(commitsIn(path) - before).toBe(3);
  });

  it('a writer that throws does not affect other writers of its group', async () => {
    const broken = () => {
      database.prepare("UPDATE items SET body = 'broken'").run();
      throw new Error('broken');
    };

    const [first, failed, last] = await Promise.allSettled([
      store.transact([write('a')]),
      database.write(broken),
      store.transact([write('b')]),
    ]);

    expect([first, last]).toEqual([
      { status: 'fulfilled', value: { committed: true } },
      { status: 'fulfilled', value: { committed: true } },
    ]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'broken' } });
    expect(await store.getMany([settingKey('a'), settingKey('b')])).toEqual([
      { value: 'v' },
      { value: 'v' },
    ]);
  });

  it('a refused transaction keeps the write of an earlier writer in its group', async () => {
    const isThere = { name: 'isThere', test: { is: 'present' } } as const;
    await store.transact([write('a', 'old')]);

    const [, refused] = await Promise.all([
      store.transact([write('a', 'first')]),
      store.transact([write('a', 'second'), { op: 'check', key: settingKey('b'), when: isThere }]),
    ]);

    expect(refused).toMatchObject({ committed: false });
    expect(await store.get(settingKey('a'))).toEqual({ value: 'first' });
  });

  it('a condition is tested against what another process wrote since the last read', async () => {
    const isOld = { name: 'isOld', test: { attribute: 'value', equals: 'old' } } as const;
    await store.transact([write('a', 'old')]);
    await store.get(settingKey('a'));
    const other = new DatabaseSync(path);
    other.exec(`UPDATE items SET body = '{"value":"theirs"}'`);
    other.close();

    const refused = await store.transact([
      { op: 'update', key: settingKey('a'), set: { value: 'ours' }, remove: [], when: isOld },
    ]);

    expect(refused).toMatchObject({ refusals: [{ current: { value: 'theirs' } }] });
    expect(await store.get(settingKey('a'))).toEqual({ value: 'theirs' });
  });

  it('a failed commit rejects every writer of the group, and the next commit succeeds', async () => {
    database.connection.exec(`
      CREATE TABLE parents (n INTEGER PRIMARY KEY);
      CREATE TABLE children (n REFERENCES parents DEFERRABLE INITIALLY DEFERRED);`);
    const orphan = () => database.prepare('INSERT INTO children VALUES (1)').run();

    const group = await Promise.allSettled([store.transact([write('a')]), database.write(orphan)]);
    const next = await store.transact([write('b')]);

    expect(group.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(next).toEqual({ committed: true });
    expect(await store.get(settingKey('a'))).toBeUndefined();
    expect(await store.get(settingKey('b'))).toEqual({ value: 'v' });
  });

  it('a transaction while another process writes is rejected as a conflict and writes nothing', async () => {
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');

    const refused = store.transact([write('a')]);
    await expect(refused).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'transaction_conflict',
    });
    const read = await store.get(settingKey('a'));
    other.exec('ROLLBACK');
    other.close();
    const after = await store.transact([write('a')]);

    expect(read).toBeUndefined();
    expect(after).toEqual({ committed: true });
  });

  it('a full disk makes the store unavailable until there is space again', async () => {
    const { connection } = database;
    const large = 'x'.repeat(100_000);
    const pages = Number(connection.prepare('PRAGMA page_count').get()?.['page_count']);
    connection.exec(`PRAGMA max_page_count = ${pages + 2}`);

    const group = await Promise.allSettled([
      store.transact([write('a', large)]),
      store.transact([write('b', large)]),
    ]);
    connection.exec('PRAGMA max_page_count = 1000000');
    const after = await store.transact([write('c', large)]);

    for (const outcome of group)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'RetryableError', code: 'store_unavailable' },
      });
    expect(after).toEqual({ committed: true });
    expect(await store.getMany(['a', 'b'].map(settingKey))).toEqual([undefined, undefined]);
  });

  it('closing the database commits pending transactions', async () => {
    const outcome = store.transact([write('a')]);
    database.close();
    await outcome;

    const again = createSqliteStore({ database: openDatabase({ path }), clock: Date });
    expect(await again.get(settingKey('a'))).toEqual({ value: 'v' });
    await again.close();
  });

  it('a burst of transactions is committed in several groups, so that reads run in between', async () => {
    const before = commitsIn(path);
    const burst = Promise.all(
      Array.from({ length: 200 }, (_, i) => store.transact([write(`a${i}`)])),
    );

    await burst;

    expect(commitsIn(path) - before).toBeGreaterThan(1);
    expect(commitsIn(path) - before).toBeLessThan(10);
  });
});
