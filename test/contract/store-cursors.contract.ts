import { describe, expect, it } from 'vitest';
import { isPosition } from '../../shared/domain/table/cursor-position.ts';
import { pendingKey } from '../../shared/domain/table/keys.ts';
import { given, newProject, type Opened, pending, put } from './store-harness.ts';

/** Clients may send cursors: whether one is a position in the range can be seen without the store. */
export const describeCursors = (opened: Opened): void => {
  describe('cursors', () => {
    it('the next of a query and of a list have the form of a position, and every such text can be read from', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const listPk = `P#${project}#LIST`;
      const turns = ['1', '2', '3'].map((turn) => pending(project, turn, { listPk, listSk: turn }));
      await given(store, ...turns.map(({ key, item }) => put(key, item)));
      await settle();
      const { pk } = pendingKey(project, 'user#u', '');
      const range = { kind: 'PEND', pk, prefix: 'PEND#', limit: 1 } as const;
      const listing = { kind: 'PEND', pk: listPk, prefix: '', limit: 1 } as const;

      const { next = '' } = await store.query(range);
      const { next: listed = '' } = await store.list(listing);

      expect(isPosition(next, { isListing: false, prefix: 'PEND#' })).toBe(true);
      expect(isPosition(listed, { isListing: true, prefix: '' })).toBe(true);
      for (const after of [next, 'PEND#', 'PEND#no such item', `PEND#${'z'.repeat(1_000)}`])
        await expect(store.query({ ...range, after })).resolves.toHaveProperty('items');
      for (const after of [listed, JSON.stringify(['1', 'no such partition', 'no such item'])])
        await expect(store.list({ ...listing, after })).resolves.toHaveProperty('items');
    });
  });
};
