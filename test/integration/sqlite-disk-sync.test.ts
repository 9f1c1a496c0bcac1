import { renameSync, symlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import type { Step, Store } from '../../shared/ports/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const write = (name: string, value = 'v'): Step => ({
  op: 'put',
  key: settingKey(name),
  item: { value },
});

/** A disk whose fsyncs end when the test says so. */
const createManualDisk = () => {
  const running: PromiseWithResolvers<void>[] = [];
  let atOnce = 0;
  return {
    running,
    atOnce: () => atOnce,
    walSync: {
      start: () => {
        const sync = Promise.withResolvers<void>();
        running.push(sync);
        return sync.promise;
      },
      now: () => void atOnce++,
      close() {},
    },
  };
};

/** Whether the promise has an outcome after so much time that all other work is done. */
const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), after(60).then(() => false)]);

describe('commits of SQLite and the disk', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = folder.file('a.db');
  });
  afterEach(() => folder.remove());

  it('a transaction whose fsync fails is rejected with store_unavailable while a reader prevents a checkpoint, and reads of it too', async () => {
    const database = openDatabase({ path });
    const store = createSqliteStore({ database, clock: Date });
    const reader = new DatabaseSync(path);
    reader.exec('SELECT * FROM items');
    // Both connections have the WAL open. A device has no data to sync, which is an error.
    renameSync(`${path}-wal`, `${path}-wal-in-use`);
    symlinkSync('/dev/null', `${path}-wal`);

    await store.transact([write('a', 'old')]);
    reader.exec('BEGIN; SELECT * FROM items');
    const unavailable = { name: 'RetryableError', code: 'store_unavailable' };
    const writing = store.transact([write('a')]);
    await expect(writing).rejects.toMatchObject(unavailable);
    await expect(store.get(settingKey('a'))).rejects.toMatchObject(unavailable);
    await expect(store.transact([write('b')])).rejects.toMatchObject(unavailable);
    reader.close();

    await expect
      .poll(() => store.get(settingKey('a')).catch(() => undefined), { timeout: 20_000 })
      .toEqual({ value: 'v' });
    database.close();
  });

  describe('while an fsync runs', () => {
    let disk: ReturnType<typeof createManualDisk>;
    let database: Database;
    let store: Store;
    let first: Promise<unknown>;
    beforeEach(async () => {
      disk = createManualDisk();
      database = openDatabase({ path, walSync: disk.walSync });
      store = createSqliteStore({ database, clock: Date });
      const before = store.transact([write('before')]);
      await expect.poll(() => disk.running.length).toBe(1);
      disk.running[0]?.resolve();
      await before;
      first = store.transact([write('first')]);
      first.catch(() => {});
      await expect.poll(() => disk.running.length).toBe(2);
    });
    afterEach(() => database.close());
    const end = (sync: number) => disk.running[sync]?.resolve();

    it('its transactions do not resolve', async () => {
      expect(await isSettled(first)).toBe(false);
      end(1);
      expect(await first).toEqual({ committed: true });
    });

    it.each<[string, () => Promise<unknown>]>([
      ['get of an item that it wrote', () => store.get(settingKey('first'))],
      ['getMany with such an item', () => store.getMany(['before', 'first'].map(settingKey))],
      [
        'query',
        () => store.query({ kind: 'SETTING', pk: settingKey('first').pk, prefix: '', limit: 10 }),
      ],
      ['due items', () => store.due({ class: 'work', until: Date.now(), limit: 10 })],
    ])('a read by %s waits for its end', async (_, read) => {
      const reading = read();
      expect(await isSettled(reading)).toBe(false);
      end(1);
      await reading;
    });

    it('a read of an item that it did not write does not wait', async () => {
      expect(await store.get(settingKey('before'))).toEqual({ value: 'v' });
    });

    it('further transactions wait and share the next commit', async () => {
      const more = Promise.all([write('b'), write('c')].map((step) => store.transact([step])));
      expect(await isSettled(more)).toBe(false);
      expect(disk.running).toHaveLength(2);

      end(1);
      await expect.poll(() => disk.running.length).toBe(3);
      end(2);
      expect(await more).toEqual([{ committed: true }, { committed: true }]);
    });

    it('after its failure a checkpoint brings the transactions to the disk', async () => {
      const reading = store.get(settingKey('first'));
      const next = store.transact([write('next')]);
      disk.running[1]?.reject(new Error('EIO'));

      expect(await first).toEqual({ committed: true });
      expect(await reading).toEqual({ value: 'v' });
      await expect.poll(() => disk.running.length).toBe(3);
      end(2);
      expect(await next).toEqual({ committed: true });
    });

    it('a read that waits for it fails when the disk does not get the data', async () => {
      end(1);
      await first;
      const reader = new DatabaseSync(path);
      reader.exec('BEGIN; SELECT * FROM items');
      const second = store.transact([write('second')]);
      await expect.poll(() => disk.running.length).toBe(3);
      const outcomes = Promise.allSettled([second, store.get(settingKey('second'))]);
      disk.running[2]?.reject(new Error('EIO'));

      const unavailable = { status: 'rejected', reason: { code: 'store_unavailable' } };
      expect(await outcomes).toMatchObject([unavailable, unavailable]);
      reader.close();
    });

    it('a read of an item that was written beside a writer that failed waits as well', async () => {
      const group = Promise.allSettled([
        store.transact([write('beside')]),
        database.write(() => {
          throw new Error('broken');
        }),
      ]);
      end(1);
      await expect.poll(() => disk.running.length).toBe(3);
      const reading = store.get(settingKey('beside'));

      expect(await isSettled(reading)).toBe(false);
      end(2);
      expect(await reading).toEqual({ value: 'v' });
      expect((await group).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    });

    it('closing the database syncs what is committed and what waits', async () => {
      const waiting = store.transact([write('waiting')]);
      database.close();

      expect(await first).toEqual({ committed: true });
      expect(await waiting).toEqual({ committed: true });
      expect(disk.atOnce()).toBe(2);
      end(1);
    });
  });
});
