import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupTo } from '../../shared/adapters/sqlite/backup.ts';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { vacuumOnce } from '../../shared/adapters/sqlite/vacuum.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import type { Store } from '../../shared/ports/store.ts';
import { textsInFiles } from '../support/data-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const absent = { name: 'absent', test: { is: 'absent' as const } };
const present = { name: 'present', test: { is: 'present' as const } };

describe('what is removed from a SQLite file', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let database: Database;
  let store: Store;
  const onHeldUp = vi.fn();
  const open = (): void => {
    database = openDatabase({ path: folder.file('data/a.db'), onHeldUp });
    store = createSqliteStore({ database, clock: Date });
  };
  const put = (name: string, value: string): Promise<unknown> =>
    store.transact([{ op: 'put', key: settingKey(name), item: { value } }]);
  const remove = (name: string): Promise<unknown> =>
    store.transact([{ op: 'delete', key: settingKey(name) }]);
  const found = (...texts: string[]): string[] => textsInFiles(folder.path, texts);

  beforeEach(() => {
    onHeldUp.mockReset();
    folder = temporaryFolder();
    open();
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  it('is in no file once the store is scrubbed, in pages of its own or among others', async () => {
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
    'is in no gap of a page either, where rows moved from page to page (seed %i)',
    async (seed) => {
      let state = seed;
      const random = (below: number): number => {
        state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
        return Math.floor((state / 0x80000000) * below);
      };
      const live = new Map<string, string>();
      const gone: string[] = [];
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
          gone.push(live.get(name) ?? '');
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
        expect(gone.filter((marker) => content.includes(marker))).toEqual([]);
        expect([...live.values()].filter((marker) => !content.includes(marker))).toEqual([]);
      }
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    },
    60_000,
  );

  it('goes by itself soon after', async () => {
    await put('a', 'heron');
    await remove('a');

    await vi.waitFor(() => expect(found('heron')).toEqual([]), { timeout: 4_000, interval: 200 });
  });

  it('goes with what expired', async () => {
    const item = { value: 'heron', expiresAt: Date.now() - 1_000 };
    await store.transact([{ op: 'put', key: settingKey('a'), item }]);

    await store.purge(Date.now());
    await store.secureDelete?.();

    expect(found('heron')).toEqual([]);
  });

  it('was never there when the transaction was refused, whichever step refused it', async () => {
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

  it('is in no backup, while another process keeps it in the WAL', async () => {
    await put('a', 'heron');
    const reader = new DatabaseSync(folder.file('data/a.db'), { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM items').all();

    await remove('a');
    await backupTo(database, folder.file('copy.db'));
    const held = found('heron');
    reader.close();
    await store.secureDelete?.();

    expect(held.join()).not.toContain('copy.db');
    expect(held).not.toEqual([]);
    expect(found('heron')).toEqual([]);
  });

  it('is said to be held up by a process that reads on and on', async () => {
    await put('a', 'heron');
    const reader = new DatabaseSync(folder.file('data/a.db'), { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM items').all();

    await remove('a');
    const scrubbed = store.secureDelete?.();

    await expect(scrubbed).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'erasure_held_up',
    });
    await vi.waitFor(() => expect(onHeldUp).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    await put('b', 'c');
    reader.close();
  }, 20_000);

  it('was left behind by a process that was killed, and goes with the next one', async () => {
    await put('a', 'heron');
    await remove('a');
    const left = readFileSync(folder.file('data/a.db-wal'));
    expect(left.includes('heron')).toBe(true);

    const next = openDatabase({ path: folder.file('data/a.db') });
    await next.secureDelete();
    next.close();

    expect(found('heron')).toEqual([]);
  });

  it('by a version that left it in free pages goes with the one vacuum, or is said to stay', async () => {
    database.connection.exec(
      "PRAGMA secure_delete = OFF; DELETE FROM upkeep WHERE done = 'vacuum'",
    );
    await put('a', 'heron '.repeat(2_000));
    await remove('a');
    await store.secureDelete?.();
    const before = found('heron');

    const slow = await vacuumOnce(database, 0);
    const done = await vacuumOnce(database);
    const again = await vacuumOnce(database);
    await store.secureDelete?.();

    expect(before).toEqual(['heron in a.db']);
    expect(slow).toMatchObject({ outcome: 'left_out', reason: 'too_large' });
    expect(done.outcome).toBe('done');
    expect(again.outcome).toBe('needless');
    expect(found('heron')).toEqual([]);
  });

  it('costs no vacuum in a file that was made new', async () => {
    expect(await vacuumOnce(database)).toEqual({ outcome: 'needless' });
  });
});
