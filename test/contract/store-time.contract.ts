import { describe, expect, it } from 'vitest';
import { memoryKey } from '../../shared/domain/table/keys.ts';
import {
  absent,
  given,
  memory,
  newProject,
  type Opened,
  pagesOf,
  pending,
  put,
} from './store-harness.ts';

/** Keeps the keys of the test's own project: a table may have due items of other tests. */
const dueIn = async ({ store }: ReturnType<Opened>, project: string, until: number) =>
  (await store.due({ class: 'work', until, limit: 1_000 })).filter(({ key }) =>
    key.pk.includes(project),
  );

export const describeDueWork = (opened: Opened): void => {
  describe('due', () => {
    it('due returns the keys of due items, the longest due first', async () => {
      const harness = opened();
      const { store, clock, settle } = harness;
      const project = newProject();
      const now = clock.now();
      const [second, first, exact] = [
        pending(project, 'a', { dueAt: now - 10 }),
        pending(project, 'b', { dueAt: now - 20 }),
        pending(project, 'c', { dueAt: now }),
      ];
      await given(
        store,
        ...[second, first, exact].map(({ key, item }) => put(key, item)),
        put(pending(project, 'd').key, pending(project, 'd', { dueAt: now + 1 }).item),
        put(pending(project, 'e').key, pending(project, 'e').item),
      );

      await settle();
      const found = await dueIn(harness, project, now);

      expect(found).toEqual([
        { key: first.key, dueAt: now - 20 },
        { key: second.key, dueAt: now - 10 },
        { key: exact.key, dueAt: now },
      ]);
    });

    it('due returns at most as many keys as requested', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const turns = [1, 2, 3].map((dueAt) => pending(project, String(dueAt), { dueAt }));
      await given(store, ...turns.toReversed().map(({ key, item }) => put(key, item)));

      await settle();
      const found = await store.due({ class: 'work', until: 10, limit: 2 });
      await given(store, ...turns.map(({ key }) => ({ op: 'delete' as const, key })));

      expect(found).toEqual(turns.slice(0, 2).map(({ key, item }) => ({ key, dueAt: item.dueAt })));
    });

    it('due returns items of one class only', async () => {
      const harness = opened();
      const { store, clock, settle } = harness;
      const project = newProject();
      const dueAt = clock.now() - 10;
      const turn = pending(project, 'a', { dueAt });
      const key = memoryKey(project, 'm');
      await given(store, put(turn.key, turn.item), put(key, memory(project, { dueAt })));

      await settle();
      const query = { until: clock.now(), limit: 1_000 };
      const upkeep = await store.due({ ...query, class: 'upkeep' });

      expect(await dueIn(harness, project, clock.now())).toEqual([{ key: turn.key, dueAt }]);
      expect(upkeep.filter((due) => due.key.pk.includes(project))).toEqual([{ key, dueAt }]);
    });

    it('reads of due items that each begin at the time of the last one find all items', async () => {
      const { store, settle } = opened();
      const project = newProject();
      const turns = Array.from({ length: 90 }, (_, i) =>
        pending(project, String(i), { dueAt: 1_000 + i }),
      );
      await given(store, ...turns.map(({ key, item }) => put(key, item)));

      await settle();
      const found = new Set<string>();
      const times: number[] = [];
      for (let from = 1_000; from < 1_090; from = (times.at(-1) ?? from) + 1) {
        const page = await store.due({ class: 'work', from, until: 1_089, limit: 20 });
        for (const { key } of page) found.add(key.sk);
        times.push(...page.map(({ dueAt }) => dueAt));
      }
      await given(store, ...turns.map(({ key }) => ({ op: 'delete' as const, key })));

      expect(found.size).toBe(90);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });

    it('due follows updates and leaves out items that are no longer due', async () => {
      const harness = opened();
      const { store, clock, settle } = harness;
      const project = newProject();
      const dueAt = clock.now() - 5;
      const [later, done, deleted, replaced] = [
        pending(project, 'later', { dueAt }),
        pending(project, 'done', { dueAt }),
        pending(project, 'deleted', { dueAt }),
        pending(project, 'replaced', { dueAt }),
      ];
      await given(
        store,
        ...[later, done, deleted, replaced].map(({ key, item }) => put(key, item)),
      );

      await given(
        store,
        { op: 'update', key: later.key, set: { dueAt: dueAt + 1_000 }, remove: [] },
        { op: 'update', key: done.key, set: {}, remove: ['dueAt'] },
        { op: 'delete', key: deleted.key },
        put(replaced.key, pending(project, 'replaced').item),
      );
      await settle();

      expect(await dueIn(harness, project, dueAt)).toEqual([]);
      expect(await dueIn(harness, project, dueAt + 1_000)).toEqual([
        { key: later.key, dueAt: dueAt + 1_000 },
      ]);
    });
  });
};

export const describeExpiry = (opened: Opened): void => {
  describe('expired items', () => {
    it('expired items are absent for every read from their time on', async () => {
      const { store, clock, settle } = opened();
      const project = newProject();
      const list = { listPk: `P#${project}#LIST`, listSk: 'a' };
      const { key, item } = pending(project, 't', { ...list, expiresAt: clock.now() + 1_000 });
      await given(store, put(key, item));
      const range = { kind: 'PEND', pk: key.pk, prefix: 'PEND#' } as const;
      const read = async () => [
        await store.get(key),
        ...(await store.getMany([key])),
        ...(await pagesOf(store.query<'PEND'>, range)).flatMap(({ items }) => items),
        ...(await pagesOf(store.list<'PEND'>, { ...range, pk: list.listPk, prefix: '' })).flatMap(
          ({ items }) => items,
        ),
      ];

      await clock.advance(999);
      await settle();
      const before = await read();
      await clock.advance(1);
      const after = await read();

      expect(before).toEqual([item, item, { key, item }, { key, item }]);
      expect(after).toEqual([undefined, undefined]);
    });

    it('a put on condition of absence replaces an expired item', async () => {
      const { store, clock } = opened();
      const project = newProject();
      const { key, item } = pending(project, 't', { expiresAt: clock.now() + 5 });
      await given(store, put(key, item, absent));

      const refused = await store.transact([put(key, item, absent)]);
      await clock.advance(5);
      const next = { ...item, failures: 1, expiresAt: clock.now() + 5 };
      const written = await store.transact([put(key, next, absent)]);

      expect(refused).toMatchObject({ committed: false, refusals: [{ current: item }] });
      expect(written).toEqual({ committed: true });
      expect(await store.get(key)).toEqual(next);
    });

    it('an update of an expired item keeps none of its attributes', async () => {
      const { store, clock } = opened();
      const project = newProject();
      const key = memoryKey(project, 'm');
      await given(store, put(key, memory(project, { expiresAt: clock.now(), dueAt: 5 })));

      await store.transact([{ op: 'update', key, set: { text: 'new' }, remove: [] }]);

      expect(await store.get(key)).toEqual({ text: 'new' });
    });

    it('a rejection does not show an expired item', async () => {
      const { store, clock } = opened();
      const project = newProject();
      const { key, item } = pending(project, 't', { expiresAt: clock.now() });
      await given(store, put(key, item));
      const when = { name: 'is there', test: { is: 'present' } } as const;

      const outcome = await store.transact([{ op: 'delete', key, when }]);

      expect(outcome).toEqual({
        committed: false,
        refusals: [{ step: 0, condition: 'is there', current: undefined }],
      });
    });

    it('a purge deletes a bounded number of expired items and nothing else', async () => {
      const { store, clock } = opened();
      const project = newProject();
      const lasting = pending(project, 'lasting');
      const unexpired = pending(project, 'unexpired', { expiresAt: clock.now() + 60_000 });
      const expired = Array.from({ length: 50 }, (_, i) =>
        pending(project, `t${i}`, { expiresAt: clock.now() - 1 }),
      );
      await given(
        store,
        ...[lasting, unexpired, ...expired].map(({ key, item }) => put(key, item)),
      );

      let removed = 0;
      for (let batch = -1; batch !== 0; removed += batch) batch = await store.purge(clock.now());

      const [first] = expired;
      expect(removed === 0 || removed >= 50).toBe(true);
      expect(await store.get(lasting.key)).toEqual(lasting.item);
      expect(await store.get(unexpired.key)).toEqual(unexpired.item);
      expect(first && (await store.get(first.key))).toBeUndefined();
    });
  });
};
