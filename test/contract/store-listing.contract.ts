import { describe, expect, it } from 'vitest';
import type { Range } from '../../shared/ports/store.ts';
import {
  given,
  newProject,
  type Opened,
  pagesOf,
  pending,
  put,
  sortKeysOf,
} from './store-harness.ts';

const rangeOf = (project: string, more: Partial<Range<'PEND'>> = {}): Range<'PEND'> => ({
  kind: 'PEND',
  pk: `P#${project}#LIST`,
  prefix: '',
  ...more,
});

/** A put of a turn in the listing of its project. */
const listed = (project: string, turn: string, listSk: string) =>
  pending(project, turn, { listPk: rangeOf(project).pk, listSk });

export const describeListing = (opened: Opened): void => {
  describe('list', () => {
    it('list returns the items in the order of the listing, not of their keys', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const [c, a, b] = [
        listed(project, '1', 'x#c'),
        listed(project, '2', 'x#a'),
        listed(project, '3', 'x#b'),
      ];
      const others = [
        pending(project, '4'),
        listed(project, '5', 'y'),
        listed(newProject(), '6', 'x'),
      ];
      await given(store, ...[c, a, b, ...others].map(({ key, item }) => put(key, item)));

      await settle();
      const page = await store.list(rangeOf(project, { prefix: 'x#' }));
      const newest = await store.list(rangeOf(project, { prefix: 'x#', newestFirst: true }));

      expect(page).toEqual({ items: [a, b, c] });
      expect(newest).toEqual({ items: [c, b, a] });
    });

    it('list returns every item once in pages, also items with the same position', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const turns = Array.from({ length: 7 }, (_, i) =>
        listed(project, String(i), `k${Math.floor(i / 3)}`),
      );
      await given(store, ...turns.map(({ key, item }) => put(key, item)));

      await settle();
      const forwards = await pagesOf(store.list, rangeOf(project, { limit: 2 }));
      const backwards = await pagesOf(
        store.list,
        rangeOf(project, { limit: 2, newestFirst: true }),
      );

      const all = turns.map(({ key }) => key.sk);
      expect(sortKeysOf(forwards).toSorted()).toEqual(all);
      expect(sortKeysOf(backwards).toSorted()).toEqual(all);
      const places = (pages: typeof forwards) =>
        pages.flatMap(({ items }) => items.map(({ item }) => item.listSk));
      expect(places(forwards)).toEqual(turns.map(({ item }) => item.listSk));
      expect(places(backwards)).toEqual(turns.map(({ item }) => item.listSk).toReversed());
    });

    it('list neither skips nor repeats items when items are added between pages', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const turns = ['b', 'd', 'f'].map((place) => listed(project, place, place));
      await given(store, ...turns.map(({ key, item }) => put(key, item)));
      await settle();

      const first = await store.list(rangeOf(project, { limit: 2 }));
      const late = ['a', 'e'].map((place) => listed(project, place, place));
      await given(store, ...late.map(({ key, item }) => put(key, item)));
      await settle();
      const rest = await pagesOf(store.list, rangeOf(project, { after: first.next ?? '' }));

      expect(sortKeysOf([first])).toEqual(['PEND#b', 'PEND#d']);
      expect(sortKeysOf(rest)).toEqual(['PEND#e', 'PEND#f']);
    });

    it('list follows updates and leaves out unlisted and deleted items', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const [moved, unlisted, deleted, replaced] = [
        listed(project, '1', 'a'),
        listed(project, '2', 'b'),
        listed(project, '3', 'c'),
        listed(project, '4', 'd'),
      ];
      await given(
        store,
        ...[moved, unlisted, deleted, replaced].map(({ key, item }) => put(key, item)),
      );

      await given(
        store,
        { op: 'update', key: moved.key, set: { listSk: 'z', failures: 1 }, remove: [] },
        { op: 'update', key: unlisted.key, set: {}, remove: ['listPk', 'listSk'] },
        { op: 'delete', key: deleted.key },
        put(replaced.key, pending(project, '4').item),
      );
      await settle();

      const page = await store.list(rangeOf(project));
      expect(page.items).toEqual([
        { key: moved.key, item: { ...moved.item, listSk: 'z', failures: 1 } },
      ]);
    });
  });
};
