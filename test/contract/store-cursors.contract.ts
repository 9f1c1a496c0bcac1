import { describe, expect, it } from 'vitest';
import { pendingKey } from '../../shared/domain/table/keys.ts';
import { newProject, type Opened } from './store-harness.ts';

/** A client may send a cursor that no page had. A store that clients reach refuses one that is no position of the range. */
export const describeCursors = (opened: Opened): void => {
  describe('a cursor that a client made up', () => {
    it.each(['', 'PEND', 'OTHER#a', `PEND#${'a'.repeat(1_100)}`])(
      'is refused by query: %#',
      async (after) => {
        const { pk } = pendingKey(newProject(), 'user#u', '');

        const page = opened().store.query({ kind: 'PEND', pk, prefix: 'PEND#', after });

        await expect(page).rejects.toMatchObject({ code: 'invalid_cursor' });
      },
    );

    it.each([
      ...['', 'x', 'null', '{}', '[]', '"k"', '["k","p"]', '["k","p",1]', '["","p","s"]'],
      ...['['.repeat(3_000), JSON.stringify(['k', 'p', 's'.repeat(1_100)])],
    ])('is refused by list: %#', async (after) => {
      const pk = `P#${newProject()}#LIST`;

      const page = opened().store.list({ kind: 'PEND', pk, prefix: '', after });

      await expect(page).rejects.toMatchObject({ code: 'invalid_cursor' });
    });

    it.each(['PEND#', 'PEND#no such item'])('is a position of query: %s', async (after) => {
      const { pk } = pendingKey(newProject(), 'user#u', '');

      const page = await opened().store.query({ kind: 'PEND', pk, prefix: 'PEND#', after });

      expect(page).toEqual({ items: [] });
    });

    it('is a position of list', async () => {
      const pk = `P#${newProject()}#LIST`;
      const after = JSON.stringify(['k', 'no such partition', 'no such item']);

      const page = await opened().store.list({ kind: 'PEND', pk, prefix: '', after });

      expect(page).toEqual({ items: [] });
    });
  });
};
