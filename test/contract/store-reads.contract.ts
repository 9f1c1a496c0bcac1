import { describe, expect, it } from 'vitest';
import { memoryKey, settingKey } from '../../shared/domain/table/keys.ts';
import {
  absent,
  given,
  memory,
  newProject,
  type Opened,
  pending,
  put,
  transact,
} from './store-harness.ts';

export const describeReads = (opened: Opened): void => {
  describe('get and getMany', () => {
    it('get returns undefined for a key without an item', async () => {
      const { store } = opened();

      const found = await store.get(memoryKey(newProject(), 'none'));

      expect(found).toBeUndefined();
    });

    it('a read returns the item as soon as its write has resolved', async () => {
      const { store } = opened();
      const project = newProject();
      const item = memory(project, {
        text: 'Zoë said “你好” 👩‍👩‍👧 مرحبا \u0000 \\ " \n end',
        metadata: { nested: { list: [1, -0.5, 1e21, null, true, 'x', [], {}] }, empty: '' },
        createdAt: 1_790_000_000_123,
        immutable: false,
      });

      await given(store, put(memoryKey(project, 'm'), item));

      expect(await store.get(memoryKey(project, 'm'))).toEqual(item);
    });

    it('items with keys in any script can be read', async () => {
      const { store } = opened();
      const project = newProject();
      const names = ['日本', '👩‍👩‍👧', 'مرحبا', 'é', 'e\u0301', '%#/', 'É'].map((n) => project + n);

      await given(store, ...names.map((value) => put(settingKey(value), { value })));

      const found = await store.getMany(names.map(settingKey));
      expect(found.map((item) => item?.value)).toEqual(names);
    });

    it('getMany returns items in the order of any number of keys, with gaps and duplicates', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = Array.from({ length: 150 }, (_, i) => pending(project, `t${i}`));
      await given(store, ...turns.slice(0, 75).map(({ key, item }) => put(key, item)));
      await given(store, ...turns.slice(75).map(({ key, item }) => put(key, item)));
      const asked = [...turns, pending(project, 'none'), ...turns.toReversed()];

      const found = await store.getMany(asked.map(({ key }) => key));

      expect(found.map((item) => item?.turn)).toEqual(
        asked.map(({ item }) => (item.turn === 'none' ? undefined : item.turn)),
      );
      expect(await store.getMany([])).toEqual([]);
    });

    it('changing a returned item does not change the stored one', async () => {
      const { store } = opened();
      const project = newProject();
      const key = memoryKey(project, 'm');
      await given(store, put(key, memory(project, { metadata: { a: [1] } })));

      const first = await store.get(key);
      first?.lineage.push('changed');
      const [again, twice] = await store.getMany([key, key]);
      again?.lineage.push('changed');

      expect(twice?.lineage).toEqual([]);
      expect((await store.get(key))?.lineage).toEqual([]);
    });

    it('a store that reports changes reports each write before its writer is answered, and no refused one', async () => {
      const { store } = opened();
      const project = newProject();
      const seen: [sk: string, item: unknown][] = [];
      store.watch?.((change) => {
        if (change?.pk.includes(project)) seen.push([change.sk, change.read()]);
      });
      const { key, item } = pending(project, 't');

      await given(store, put(key, item));
      const reported = seen.length;
      await transact(store, [put(key, item, absent)]);
      await given(store, { op: 'update', key, set: { failures: 1 }, remove: [] });
      await given(store, { op: 'delete', key });

      expect(reported).toBe(store.watch ? 1 : 0);
      expect(seen).toEqual(
        store.watch
          ? [
              [key.sk, item],
              [key.sk, { ...item, failures: 1 }],
              [key.sk, undefined],
            ]
          : [],
      );
    });

    it('the store answers its health check', async () => {
      const { store } = opened();

      await expect(store.check()).resolves.toBeUndefined();
    });
  });
};
