import { describe, expect, it } from 'vitest';
import {
  angled,
  entry,
  idsOf,
  model,
  newProject,
  type OpenedIndex,
  ofUser,
  query,
  referenceTo,
  semanticOf,
} from './vector-index-harness.ts';

export const describeWrites = (opened: OpenedIndex): void => {
  describe('upsert and remove', () => {
    it('an entry is found under every entity it names, under the project, and nowhere else', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const entities = { user: 'u', agent: 'a', app: 'p', run: 'r' };
      await index.upsert(project, [entry('m', { terms: { tea: 1 }, target: { entities } })]);

      await settle();
      const found = await Promise.all(
        [
          { kind: 'user', id: 'u' } as const,
          { kind: 'agent', id: 'a' } as const,
          { kind: 'app', id: 'p' } as const,
          { kind: 'run', id: 'r' } as const,
          'project' as const,
          { kind: 'user', id: 'a' } as const,
          { kind: 'run', id: 'other' } as const,
        ].map((partition) =>
          index.query(query(project, { partitions: [partition], terms: ['tea'] })),
        ),
      );
      const elsewhere = await index.query(query(newProject(), { terms: ['tea'] }));

      expect(found.map(({ hits }) => hits.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
      expect(found[0]?.hits).toEqual([{ id: 'm#1', entities }]);
      expect(idsOf(elsewhere)).toEqual([]);
    });

    it('writing an entry again with the same content changes nothing', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const same = entry('m', {
        dense: { model, vector: angled(dimension, 0) },
        terms: { tea: 2 },
      });
      const asked = query(project, {
        dense: { model, vector: angled(dimension, 60) },
        terms: ['tea'],
      });
      await index.upsert(project, [same, entry('n', { terms: { tea: 1, milk: 1 } })]);
      await settle();
      const before = await index.query(asked);

      await index.upsert(project, [same]);
      await index.upsert(project, [same, same]);
      await settle();

      expect(await index.query(asked)).toEqual(before);
    });

    it('an entry without a vector can be written again with one', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const terms = { tea: 1 };
      const dense = { model, vector: angled(dimension, 0) };
      const asked = query(project, { dense, terms: ['tea'] });
      await index.upsert(project, [entry('m', { terms })]);
      await settle();
      const before = await index.query(asked);

      await index.upsert(project, [entry('m', { terms, dense })]);
      await settle();
      const after = await index.query(asked);

      expect(before.hits).toEqual([{ id: 'm#1', entities: { user: 'u' } }]);
      expect(semanticOf(after, 'm#1')).toBeCloseTo(1, 4);
    });

    it('a removal deletes entries from every partition and ignores unknown ids', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const dense = { model, vector: angled(dimension, 0) };
      const entities = { user: 'u', run: 'r' };
      const gone = entry('gone', { dense, terms: { tea: 1 }, target: { entities } });
      const kept = entry('kept', { dense, terms: { tea: 1 }, target: { entities } });
      await index.upsert(project, [gone, kept]);
      await settle();
      await index.query(query(project, { terms: ['tea'] }));

      await index.remove(project, [referenceTo(gone), { id: 'unknown#1', entities }]);
      await index.remove(project, [referenceTo(gone)]);
      await settle();

      for (const partition of [ofUser, { kind: 'run', id: 'r' } as const, 'project' as const]) {
        const asked = query(project, { partitions: [partition], dense, terms: ['tea'] });
        expect(idsOf(await index.query(asked))).toEqual(['kept#1']);
      }
    });

    it('a removal affects one project only', async () => {
      const { index, settle } = opened();
      const [mine, yours] = [newProject(), newProject()];
      const shared = entry('m', { terms: { tea: 1 } });
      await index.upsert(mine, [shared]);
      await index.upsert(yours, [shared]);

      await index.remove(mine, [referenceTo(shared)]);
      await settle();

      expect(idsOf(await index.query(query(mine, { terms: ['tea'] })))).toEqual([]);
      expect(idsOf(await index.query(query(yours, { terms: ['tea'] })))).toEqual(['m#1']);
    });

    it('areVisible returns which entries a query would find', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const [stored, removed, never] = [entry('held'), entry('removed'), entry('never')];
      await index.upsert(project, [stored, removed]);
      await index.remove(project, [referenceTo(removed)]);
      await settle();

      const answer = await index.areVisible(
        project,
        [never, stored, removed, stored].map(referenceTo),
      );

      expect(answer).toEqual([false, true, false, true]);
      expect(await index.areVisible(newProject(), [referenceTo(stored)])).toEqual([false]);
    });

    it('each version of a memory is an entry of its own', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const old = entry('m', { terms: { tea: 1 } });
      await index.upsert(project, [old, { ...entry('m', { terms: { tea: 1 } }), id: 'm#2' }]);

      await index.remove(project, [referenceTo(old)]);
      await settle();

      expect(idsOf(await index.query(query(project, { terms: ['tea'] })))).toEqual(['m#2']);
    });

    it('entities, stems and metadata in any script and with names of Object methods are stored', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const entities = { user: '京 é #/%"👩‍👩‍👧' };
      const metadata = { ключ: ['значение', '👍'] };
      const stems = ['お茶', '👍', 'constructor', '__proto__', '"\\'];
      const terms = Object.fromEntries(stems.map((stem) => [stem, 1]));
      await index.upsert(project, [entry('m', { terms, target: { entities, metadata } })]);
      await settle();
      const partitions = [{ kind: 'user' as const, id: entities.user }];
      const filter = { metadata: 'ключ', op: 'contains' as const, value: '👍' };

      for (const stem of stems) {
        const answer = await index.query(query(project, { partitions, terms: [stem], filter }));

        expect(answer.hits).toEqual([{ id: 'm#1', entities }]);
      }
    });

    it('changes to an entry after the call do not affect the index', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const vector = angled(dimension, 0);
      const metadata = { color: 'red' };
      await index.upsert(project, [entry('m', { dense: { model, vector }, target: { metadata } })]);

      vector.fill(0);
      metadata.color = 'blue';
      await settle();
      const filter = { metadata: 'color', op: 'eq' as const, value: 'red' };
      const dense = { model, vector: angled(dimension, 0) };
      const answer = await index.query(query(project, { dense, filter }));

      expect(semanticOf(answer, 'm#1')).toBeCloseTo(1, 4);
    });

    it('an upsert accepts many entries, and none', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const entries = Array.from({ length: 250 }, (_, i) => entry(`m${i}`, { terms: { tea: 1 } }));

      await index.upsert(project, entries);
      await index.upsert(project, []);
      await index.remove(project, []);
      await settle();

      const found = await index.query(query(project, { terms: ['tea'], limit: 300 }));
      expect(idsOf(found)).toEqual(entries.map(({ id }) => id).toSorted());
      expect(await index.areVisible(project, entries.map(referenceTo))).toEqual(
        entries.map(() => true),
      );
    });
  });
};
