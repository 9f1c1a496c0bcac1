import { describe, expect, it } from 'vitest';
import { memoryKey, scopeLeaseKey } from '../../shared/domain/table/keys.ts';
import type { Step } from '../../shared/ports/store.ts';
import {
  absent,
  given,
  memory,
  named,
  newProject,
  type Opened,
  pending,
  put,
  transact,
} from './store-harness.ts';

export const describeTransactions = (opened: Opened): void => {
  describe('transact', () => {
    it('a put replaces the whole item', async () => {
      const { store } = opened();
      const key = scopeLeaseKey(newProject(), 'user#u');
      await given(store, put(key, { token: 'a', leaseUntil: 1, notBefore: 2 }));

      await store.transact([put(key, { token: 'b', leaseUntil: 3 })]);

      expect(await store.get(key)).toEqual({ token: 'b', leaseUntil: 3 });
    });

    it('an update changes the named attributes only', async () => {
      const { store } = opened();
      const project = newProject();
      const key = memoryKey(project, 'm');
      const item = memory(project, { metadata: { a: 1, b: 2 }, pointer: 'p', expiresOn: 'x' });
      await given(store, put(key, item));

      const outcome = await store.transact([
        {
          op: 'update',
          key,
          set: { text: 'new', metadata: { c: 3 } },
          remove: ['pointer', 'expiresOn', 'erasing'],
        },
      ]);

      const { pointer, expiresOn, ...kept } = item;
      expect(outcome).toEqual({ committed: true });
      expect(await store.get(key)).toEqual({ ...kept, text: 'new', metadata: { c: 3 } });
    });

    it('an update creates a missing item', async () => {
      const { store } = opened();
      const key = scopeLeaseKey(newProject(), 'user#u');

      await store.transact([
        { op: 'update', key, set: { token: 'a', leaseUntil: 1 }, remove: ['notBefore'] },
      ]);

      expect(await store.get(key)).toEqual({ token: 'a', leaseUntil: 1 });
    });

    it('an update on condition of presence creates nothing', async () => {
      const { store } = opened();
      const key = scopeLeaseKey(newProject(), 'user#u');
      const when = { name: 'there is a head', test: { is: 'present' } } as const;

      const outcome = await store.transact([
        { op: 'update', key, set: { token: 'a', leaseUntil: 1 }, remove: [], when },
      ]);

      expect(outcome).toEqual({
        committed: false,
        refusals: [{ step: 0, condition: 'there is a head', current: undefined }],
      });
      expect(await store.get(key)).toBeUndefined();
    });

    it('a delete removes the item and accepts a missing one', async () => {
      const { store } = opened();
      const project = newProject();
      const { key, item } = pending(project, 't');
      await given(store, put(key, item));

      const outcome = await store.transact([
        { op: 'delete', key },
        { op: 'delete', key: pending(project, 'none').key },
      ]);

      expect(outcome).toEqual({ committed: true });
      expect(await store.get(key)).toBeUndefined();
    });

    it('a check writes nothing, and rejects the transaction when it fails', async () => {
      const { store } = opened();
      const project = newProject();
      const { key, item } = pending(project, 't');
      const other = pending(project, 'other');
      await given(store, put(key, item));

      await store.transact([
        { op: 'check', key, when: named({ attribute: 'failures', equals: 0 }) },
        { op: 'check', key: other.key, when: named(absent) },
      ]);

      expect(await store.get(key)).toEqual(item);
      expect(await store.get(other.key)).toBeUndefined();
    });

    it('one failed condition rejects the whole transaction, and each failure is returned with the stored item', async () => {
      const { store } = opened();
      const project = newProject();
      const stored = pending(project, 'held');
      const kept = pending(project, 'kept');
      const fresh = pending(project, 'fresh');
      const none = pending(project, 'none');
      await given(store, put(stored.key, stored.item), put(kept.key, kept.item));
      const isNew = { name: 'is new', test: absent } as const;
      const isTried = { name: 'was tried', test: { attribute: 'failures', equals: 1 } } as const;
      const steps: Step[] = [
        { op: 'put', key: fresh.key, item: fresh.item, when: isNew },
        { op: 'put', key: stored.key, item: { ...stored.item, failures: 9 }, when: isNew },
        { op: 'delete', key: kept.key },
        { op: 'update', key: none.key, set: { failures: 2 }, remove: [], when: isTried },
      ];

      const outcome = await store.transact(steps);

      expect(outcome).toEqual({
        committed: false,
        refusals: [
          { step: 1, condition: 'is new', current: stored.item },
          { step: 3, condition: 'was tried', current: undefined },
        ],
      });
      const after = await store.getMany([fresh, stored, kept, none].map(({ key }) => key));
      expect(after).toEqual([undefined, stored.item, kept.item, undefined]);
    });

    it('a transaction may have 100 steps', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = Array.from({ length: 100 }, (_, i) => pending(project, `t${i}`));

      const outcome = await transact(
        store,
        turns.map(({ key, item }) => put(key, item, absent)),
      );

      expect(outcome).toEqual({ committed: true });
      const found = await store.getMany(turns.map(({ key }) => key));
      expect(found).toEqual(turns.map(({ item }) => item));
    });

    it('a transaction of 101 steps is rejected as a bug of the caller', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = Array.from({ length: 101 }, (_, i) => pending(project, `t${i}`));

      const outcome = store.transact(turns.map(({ key, item }) => put(key, item)));

      await expect(outcome).rejects.toThrow(TypeError);
      expect(await store.get(pending(project, 't0').key)).toBeUndefined();
    });

    it('two steps on one item are rejected as a bug of the caller', async () => {
      const { store } = opened();
      const { key, item } = pending(newProject(), 't');

      const outcome = store.transact([put(key, item), { op: 'check', key, when: named(absent) }]);

      await expect(outcome).rejects.toThrow(TypeError);
      expect(await store.get(key)).toBeUndefined();
    });

    it('changes to the arguments after the call do not affect the transaction', async () => {
      const { store } = opened();
      const project = newProject();
      const keys = [memoryKey(project, 'a'), memoryKey(project, 'b')] as const;
      const item = memory(project);
      const set = { lineage: ['t'] };

      const outcome = store.transact([
        put(keys[0], item),
        { op: 'update', key: keys[1], set, remove: [] },
      ]);
      item.lineage.push('changed');
      set.lineage.push('changed');
      await outcome;
      item.text = 'changed';

      const [a, b] = await store.getMany([...keys]);
      expect([a?.lineage, a?.text, b?.lineage]).toEqual([[], 'likes tea', ['t']]);
    });
  });
};
