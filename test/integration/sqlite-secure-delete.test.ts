import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupTo } from '../../shared/adapters/sqlite/backup.ts';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import type { Store } from '../../shared/ports/store.ts';
import { textsInFiles } from '../support/data-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const absent = { name: 'absent', test: { is: 'absent' as const } };
const present = { name: 'present', test: { is: 'present' as const } };

describe('secure deletion in SQLite', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let database: Database;
  let store: Store;
  const onDelayed = vi.fn();
  const open = (): void => {
    database = openDatabase({ path: folder.file('data/a.db'), onDelayed });
    store = createSqliteStore({ database, clock: Date });
  };
  const put = (name: string, value: string): Promise<unknown> =>
    store.transact([{ op: 'put', key: settingKey(name), item: { value } }]);
  const remove = (name: string): Promise<unknown> =>
    store.transact([{ op: 'delete', key: settingKey(name) }]);
  const found = (...texts: string[]): string[] => textsInFiles(folder.path, texts);

  beforeEach(() => {
    onDelayed.mockReset();
    folder = temporaryFolder();
    open();
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  it('deleted text is in no file after secureDelete, whether in separate pages or among other items', async () => {
    for (let i = 0; i < 40; i++) await put(`other${i}`, `kept${i}`.repeat(60));
    await put('long', 'heronlong '.repeat(3_000));
    await put('short', 'heronshort');
    await put('rewritten', 'heronrewritten');
    const before = found('heronlong', 'heronshort', 'heronrewritten');

    await remove('long');
    await remove('short');
    await put('rewritten', 'egret');
    await store.secureDelete?.();

    expect(before.join()).toContain('a.db-wal');
    expect(found('heronlong', 'heronshort', 'heronrewritten')).toEqual([]);
    expect(found('egret')).toEqual(['egret in a.db']);
  });

  it.each([1, 2, 3])(
    'deleted text is in no gap of a page after rows moved between pages (seed %i)',
    async (seed) => {
      let state = seed;
      const random = (below: number): number => {
        state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
        return Math.floor((state / 0x80000000) * below);
      };
      const live = new Map<string, string>();
      const deleted: string[] = [];
      let count = 0;
      const write = (name: string): Promise<unknown> => {
        const marker = `heron${String(count++).padStart(6, '0')}.`;
        live.set(name, marker);
        return put(name, marker.padEnd(random(900), '.'));
      };
      database.connection.exec('PRAGMA synchronous = OFF');
      for (let step = 0; step < 700; step++) {
        const writes = Array.from({ length: 6 }, () => {
          const names = [...live.keys()];
          const name = names[random(names.length)] ?? '';
          if (names.length < 20 || random(2) === 0) return write(`k${random(1e9).toString(36)}`);
          deleted.push(live.get(name) ?? '');
          if (random(2) === 0) return write(name);
          live.delete(name);
          return remove(name);
        });
        await Promise.all(writes);
      }

      await store.secureDelete?.();
      await backupTo(database, folder.file('copy.db'));

      for (const file of ['data/a.db', 'copy.db']) {
        const content = readFileSync(folder.file(file), 'latin1');
        expect(deleted.filter((marker) => content.includes(marker))).toEqual([]);
        expect([...live.values()].filter((marker) => !content.includes(marker))).toEqual([]);
      }
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    },
    60_000,
  );

  it('deleted text leaves the files within seconds without a call of secureDelete', async () => {
    await put('a', 'heron');
    await remove('a');

    await vi.waitFor(() => expect(found('heron')).toEqual([]), { timeout: 4_000, interval: 200 });
  });

  it('text of purged items is in no file after secureDelete', async () => {
    const item = { value: 'heron', expiresAt: Date.now() - 1_000 };
    await store.transact([{ op: 'put', key: settingKey('a'), item }]);

    await store.purge(Date.now());
    await store.secureDelete?.();

    expect(found('heron')).toEqual([]);
  });

  it('a refused transaction never writes its text to a file, whichever step was refused', async () => {
    await put('there', 'x');
    await put('page', 'y'.repeat(9_000));
    // Free pages keep rolled-back content.
    await remove('page');
    const long = (name: string) => ({ value: `${name} `.repeat(2_000) });

    const refused = await Promise.all([
      store.transact([
        { op: 'put', key: settingKey('a'), item: long('heron') },
        { op: 'check', key: settingKey('none'), when: present },
      ]),
      store.transact([
        { op: 'update', key: settingKey('b'), set: long('egret'), remove: [] },
        { op: 'put', key: settingKey('there'), item: { value: 'z' }, when: absent },
      ]),
      store.transact([
        { op: 'put', key: settingKey('c'), item: long('stork'), when: absent },
        { op: 'put', key: settingKey('there'), item: { value: 'z' }, when: absent },
        { op: 'delete', key: settingKey('d') },
      ]),
    ]);
    await store.secureDelete?.();

    expect(refused.map(({ committed }) => committed)).toEqual([false, false, false]);
    expect(found('heron', 'egret', 'stork')).toEqual([]);
  });

  it('deleted text is in no backup, even while another process keeps it in the WAL', async () => {
    await put('a', 'heron');
    const reader = new DatabaseSync(folder.file('data/a.db'), { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM items').all();

    await remove('a');
    await backupTo(database, folder.file('copy.db'));
    const files = found('heron');
    reader.close();
    await store.secureDelete?.();

    expect(files.join()).not.toContain('copy.db');
    expect(files).not.toEqual([]);
    expect(found('heron')).toEqual([]);
  });

  it('secureDelete rejects with erasure_delayed while another process keeps reading an older snapshot', async () => {
    await put('a', 'heron');
    const reader = new DatabaseSync(folder.file('data/a.db'), { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM items').all();

    await remove('a');
    const scrubbed = store.secureDelete?.();

    await expect(scrubbed).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'erasure_delayed',
    });
    await vi.waitFor(() => expect(onDelayed).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    await put('b', 'c');
    reader.close();
  }, 20_000);

  it('deleted text that a killed process left in a file is removed by the next process', async () => {
    await put('a', 'heron');
    await remove('a');
    const wal = readFileSync(folder.file('data/a.db-wal'));
    expect(wal.includes('heron')).toBe(true);

    const next = openDatabase({ path: folder.file('data/a.db') });
    await next.secureDelete();
    next.close();

    expect(found('heron')).toEqual([]);
  });
});
