import { describe, expect, it } from 'vitest';
import { pendingKey, scopeLeaseKey, settingKey } from '../../shared/domain/table/keys.ts';
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

const turnsOf = (project: string, turns: readonly string[]) =>
  turns.map((turn) => pending(project, turn));

const rangeOf = (project: string, more: Partial<Range<'PEND'>> = {}): Range<'PEND'> => ({
  kind: 'PEND',
  pk: pendingKey(project, 'user#u', '').pk,
  prefix: 'PEND#',
  ...more,
});

export const describeRanges = (opened: Opened): void => {
  describe('query', () => {
    it('query returns the keys and items with the prefix in the order of sort keys', async () => {
      const { store } = opened();
      const project = newProject();
      const [c, a, b, x] = turnsOf(project, ['1c', '1a', '1b', '2x']);
      if (!c || !a || !b || !x) throw new Error('four turns');
      const others = [pending(newProject(), '1a')];
      await given(store, ...[c, a, b, x, ...others].map(({ key, item }) => put(key, item)));

      const page = await store.query(rangeOf(project, { prefix: 'PEND#1' }));

      expect(page).toEqual({ items: [a, b, c] });
    });

    it('query returns the newest first on request', async () => {
      const { store } = opened();
      const project = newProject();
      await given(
        store,
        ...turnsOf(project, ['1', '2', '3']).map(({ key, item }) => put(key, item)),
      );

      const pages = await pagesOf(store.query, rangeOf(project, { newestFirst: true, limit: 2 }));

      expect(sortKeysOf(pages)).toEqual(['PEND#3', 'PEND#2', 'PEND#1']);
    });

    it('query of an empty range returns an empty page without a next one', async () => {
      const { store } = opened();

      const page = await store.query(rangeOf(newProject()));

      expect(page).toEqual({ items: [] });
    });

    it('query returns only items of its kind', async () => {
      const { store } = opened();
      const project = newProject();
      const turn = pending(project, '1');
      const head = scopeLeaseKey(project, 'user#u');
      await given(store, put(turn.key, turn.item), put(head, { token: 't', leaseUntil: 1 }));

      const page = await store.query(rangeOf(project, { prefix: '' }));

      expect(page.items).toEqual([turn]);
    });

    it('query returns every item once in pages of any size', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = turnsOf(
        project,
        Array.from({ length: 10 }, (_, i) => String(i)),
      );
      await given(store, ...turns.map(({ key, item }) => put(key, item)));

      for (const limit of [1, 3, 5, 10, 11])
        for (const newestFirst of [false, true]) {
          const pages = await pagesOf(store.query, rangeOf(project, { limit, newestFirst }));

          const expected = turns.map(({ key }) => key.sk);
          expect(sortKeysOf(pages)).toEqual(newestFirst ? expected.toReversed() : expected);
          expect(Math.max(...pages.map(({ items }) => items.length))).toBeLessThanOrEqual(limit);
        }
    });

    it('query neither skips nor repeats items when items are added and deleted between pages', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = turnsOf(project, ['2', '4', '6', '8']);
      await given(store, ...turns.map(({ key, item }) => put(key, item)));

      const first = await store.query(rangeOf(project, { limit: 2 }));
      const [before, between, after] = turnsOf(project, ['1', '5', '9']);
      const last = first.items.at(-1);
      if (!before || !between || !after || !last || first.next === undefined)
        throw new Error('a first page with a next one');
      await given(store, ...[before, between, after].map(({ key, item }) => put(key, item)), {
        op: 'delete',
        key: last.key,
      });
      const rest = await pagesOf(store.query, rangeOf(project, { limit: 2, after: first.next }));

      expect(sortKeysOf([first])).toEqual(['PEND#2', 'PEND#4']);
      expect(sortKeysOf(rest)).toEqual(['PEND#5', 'PEND#6', 'PEND#8', 'PEND#9']);
    });

    it('query begins at the given sort key, inclusive, in either direction', async () => {
      const { store } = opened();
      const project = newProject();
      const turns = turnsOf(project, ['1', '2', '3', '4']);
      await given(store, ...turns.map(({ key, item }) => put(key, item)));
      const read = (more: Partial<Range<'PEND'>>) =>
        pagesOf(store.query, rangeOf(project, { limit: 1, ...more }));

      const forwards = await store.query(rangeOf(project, { from: 'PEND#3' }));
      const backwards = await store.query(rangeOf(project, { from: 'PEND#2#', newestFirst: true }));
      const whole = await read({ newestFirst: true });

      expect(sortKeysOf([forwards])).toEqual(['PEND#3', 'PEND#4']);
      expect(sortKeysOf([backwards])).toEqual(['PEND#2', 'PEND#1']);
      expect(sortKeysOf(whole)).toHaveLength(4);
    });

    it('a prefix in any script bounds the range of a query', async () => {
      const { store } = opened();
      const project = newProject();
      const inside = ['', 'a', '\u{10ffff}', '\uffff', '😀', '\u0000'].map((end) => `京é${end}`);
      const outside = ['京', '京è', '京ê', '京f', '京', '亭é', 'é'];
      const names = [...inside, ...outside].map((name) => project + name);
      await given(store, ...[...new Set(names)].map((value) => put(settingKey(value), { value })));
      const range = { kind: 'SETTING', pk: settingKey('').pk, prefix: `${project}京é` } as const;

      const forwards = await pagesOf(store.query<'SETTING'>, { ...range, limit: 2 });
      const backwards = await pagesOf(store.query<'SETTING'>, {
        ...range,
        limit: 2,
        newestFirst: true,
      });

      expect(sortKeysOf(forwards).toSorted()).toEqual(
        inside.map((name) => project + name).toSorted(),
      );
      expect(sortKeysOf(backwards)).toEqual(sortKeysOf(forwards).toReversed());
    });
  });
};
