import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupTo } from '../../shared/adapters/sqlite/backup.ts';
import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { lockFolder } from '../../shared/adapters/sqlite/lock.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { pendingKey, scopeLeaseKey, settingKey } from '../../shared/domain/table/keys.ts';
import { transact } from '../contract/store-harness.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sqliteChild = new URL('../support/sqlite-child.ts', import.meta.url);

/** Returns the pairs of the writing child that a file holds completely (`whole`) or by half (`torn`). */
const pairsIn = async (path: string, numbers: readonly string[]) => {
  const store = createSqliteStore({ database: openDatabase({ path }), clock: Date });
  const heads = await store.getMany(numbers.map((n) => scopeLeaseKey('p', n)));
  const turns = await store.getMany(numbers.map((n) => pendingKey('p', n, n)));
  await store.close();
  const isWhole = (i: number): boolean => heads[i] !== undefined && turns[i] !== undefined;
  const isTorn = (i: number): boolean => (heads[i] === undefined) !== (turns[i] === undefined);
  return {
    whole: numbers.filter((_, i) => isWhole(i)),
    torn: numbers.filter((_, i) => isTorn(i)),
  };
};

const numbersTo = (last: number): string[] => Array.from({ length: last }, (_, i) => String(i + 1));

describe('a data folder and several processes', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  const children: { kill(): Promise<void> }[] = [];
  const start = (...args: string[]) => {
    const child = startChild(sqliteChild, ...args);
    children.push(child);
    return child;
  };
  beforeEach(() => {
    folder = temporaryFolder();
    path = folder.file('turnstone.db');
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()));
    folder.remove();
  });

  /** Starts a child that writes, and waits until `count` pairs are acknowledged; the child continues to write. */
  const writing = async (count: number) => {
    const child = start('write', path);
    const acknowledged: string[] = [];
    await new Promise<void>((resolve) => {
      child.lines.on('line', (line) => {
        acknowledged.push(line);
        if (acknowledged.length === count) resolve();
      });
    });
    return { child, acknowledged };
  };

  it('a second service on a data folder is refused in one sentence', async () => {
    const unlock = lockFolder(folder.path, path);

    const refused = await start('lock', folder.path).nextLine();
    const again = () => lockFolder(folder.path, path);

    expect(refused).toMatch(/^Another Turnstone service is running on [^.]*\.$/);
    expect(again).toThrow(expect.objectContaining({ name: 'TerminalError', code: 'data_in_use' }));
    unlock();
    unlock();
    expect(await start('lock', folder.path).nextLine()).toBe('locked');
  });

  it('a killed service leaves no lock on its data folder', async () => {
    const service = start('lock', folder.path);
    const output = await service.nextLine();
    expect(() => lockFolder(folder.path, path)).toThrow(
      expect.objectContaining({ code: 'data_in_use' }),
    );

    await service.kill();

    expect(output).toBe('locked');
    lockFolder(folder.path, path)();
  });

  it('a data folder that cannot be created is refused in one sentence', () => {
    writeFileSync(folder.file('file'), '');

    const lock = () => lockFolder(folder.file('file'), path);

    expect(lock).toThrow(expect.objectContaining({ code: 'data_unwritable' }));
  });

  it('another process can write beside a running service', async () => {
    const unlock = lockFolder(folder.path, path);
    await writing(20);
    const store = createSqliteStore({ database: openDatabase({ path }), clock: Date });

    for (const name of ['a', 'b', 'c'])
      await transact(store, [{ op: 'put', key: settingKey(name), item: { value: name } }]);

    expect(await store.getMany(['a', 'b', 'c'].map(settingKey))).toEqual([
      { value: 'a' },
      { value: 'b' },
      { value: 'c' },
    ]);
    await store.close();
    unlock();
  });

  it('a killed writer loses no acknowledged transaction and leaves none half written', async () => {
    const { child, acknowledged } = await writing(200);

    await child.kill();

    const { whole, torn } = await pairsIn(path, numbersTo(acknowledged.length + 500));
    expect(whole).toEqual(expect.arrayContaining(acknowledged));
    expect(torn).toEqual([]);
  });

  it('a backup is a consistent snapshot of a file that another process is writing', async () => {
    const { child, acknowledged } = await writing(300);
    const copy = folder.file('copies/copy.db');
    const before = [...acknowledged];
    const database = openDatabase({ path });

    await backupTo(database, copy);
    database.close();
    await child.kill();

    const { whole, torn } = await pairsIn(copy, numbersTo(acknowledged.length + 500));
    expect(whole).toEqual(expect.arrayContaining(before));
    expect(torn).toEqual([]);
    expect(readdirSync(folder.file('copies'))).not.toContain('copy.db.partial');
  });

  it('the service can write during its own backup', async () => {
    const database = openDatabase({ path });
    const store = createSqliteStore({ database, clock: Date });
    const value = 'x'.repeat(50_000);
    for (let i = 0; i < 100; i++)
      await store.transact([{ op: 'put', key: settingKey(`a${i}`), item: { value } }]);

    const copying = backupTo(database, folder.file('copy.db'));
    await store.transact([{ op: 'put', key: settingKey('late'), item: { value: 'late' } }]);
    await copying;

    const copy = createSqliteStore({
      database: openDatabase({ path: folder.file('copy.db') }),
      clock: Date,
    });
    expect(await copy.get(settingKey('a99'))).toEqual({ value });
    await copy.close();
    await store.close();
  });

  it('a backup overwrites no file, and a failed backup leaves none', async () => {
    const database = openDatabase({ path: ':memory:' });
    writeFileSync(folder.file('precious'), 'mine');

    const over = backupTo(database, folder.file('precious'));
    await expect(over).rejects.toMatchObject({ name: 'TerminalError', code: 'backup_exists' });
    const below = backupTo(database, folder.file('precious/copy.db'));
    await expect(below).rejects.toMatchObject({ code: 'data_unwritable' });
    database.close();
    await expect(backupTo(database, folder.file('copy.db'))).rejects.toThrow();

    expect(existsSync(folder.file('copy.db'))).toBe(false);
    expect(existsSync(folder.file('copy.db.partial'))).toBe(false);
  });

  it('a database in memory can be backed up', async () => {
    const database = openDatabase({ path: ':memory:' });
    const store = createSqliteStore({ database, clock: Date });
    await store.transact([{ op: 'put', key: settingKey('a'), item: { value: 'b' } }]);

    await backupTo(database, folder.file('copy.db'));

    await store.close();
    const copy = createSqliteStore({
      database: openDatabase({ path: folder.file('copy.db') }),
      clock: Date,
    });
    expect(await copy.get(settingKey('a'))).toEqual({ value: 'b' });
    await copy.close();
  });
});
