import { describe, expect, it } from 'vitest';
import type { EntryClass } from '../../shared/ports/vector-index.ts';
import {
  angled,
  entry,
  idsOf,
  model,
  newProject,
  type OpenedIndex,
  query,
  referenceTo,
} from './vector-index-harness.ts';

const all: readonly EntryClass[] = ['memory', 'closed', 'message'];

/** Contract of the classes of entries: a query names those that it wants. */
export const describeClasses = (opened: OpenedIndex): void => {
  describe('classes', () => {
    it('a query finds entries of its classes alone, by meaning and by words', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const dense = { model, vector: angled(dimension, 0) };
      await index.upsert(
        project,
        all.map((of) => entry(of, { class: of, dense, terms: { tea: 1 } })),
      );
      await settle();

      for (const classes of [...all.map((of) => [of]), ['memory', 'message'] as const, all]) {
        const byMeaning = await index.query(query(project, { dense, classes }));
        const lexical = await index.query(query(project, { terms: ['tea'], classes }));

        const expected = classes.map((of) => `${of}#1`).toSorted();
        expect(idsOf(byMeaning)).toEqual(expected);
        expect(idsOf(lexical)).toEqual(expected);
      }
    });

    it('entries of other classes take no place below the limit', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const at = (degrees: number) => ({ model, vector: angled(dimension, degrees) });
      const messages = Array.from({ length: 30 }, (_, i) =>
        entry(`message${i}`, { class: 'message', dense: at(i / 10), terms: { tea: 5 } }),
      );
      const memory = entry('memory', { dense: at(80), terms: { tea: 1, milk: 9 } });
      await index.upsert(project, [...messages, memory]);
      await settle();

      const byMeaning = await index.query(query(project, { dense: at(0), limit: 2 }));
      const lexical = await index.query(query(project, { terms: ['tea'], limit: 2 }));

      expect(idsOf(byMeaning)).toEqual(['memory#1']);
      expect(idsOf(lexical)).toEqual(['memory#1']);
    });

    it('a filter and a class hold together', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const about = (topic: string, of: EntryClass) =>
        entry(`${topic}-${of}`, {
          class: of,
          terms: { tea: 1 },
          target: { metadata: { topic } },
        });
      await index.upsert(
        project,
        ['food', 'work'].flatMap((topic) => all.map((of) => about(topic, of))),
      );
      await settle();

      const answer = await index.query(
        query(project, {
          terms: ['tea'],
          classes: ['closed'],
          filter: { any: [{ metadata: 'topic', op: 'eq', value: 'food' }] },
        }),
      );

      expect(idsOf(answer)).toEqual(['food-closed#1']);
    });

    it('a query of no class has no hits', async () => {
      const { index, settle } = opened();
      const project = newProject();
      await index.upsert(project, [entry('m', { terms: { tea: 1 } })]);
      await settle();

      expect(idsOf(await index.query(query(project, { terms: ['tea'], classes: [] })))).toEqual([]);
    });

    it('an entry that is written again in another class is found in that one alone', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const written = (of: EntryClass) => entry('m', { class: of, terms: { tea: 1 } });
      const ask = async (of: EntryClass) =>
        idsOf(await index.query(query(project, { terms: ['tea'], classes: [of] })));
      await index.upsert(project, [written('memory')]);
      await settle();
      const before = await ask('memory');

      await index.upsert(project, [written('closed')]);
      await settle();

      expect(before).toEqual(['m#1']);
      expect(await ask('memory')).toEqual([]);
      expect(await ask('closed')).toEqual(['m#1']);
    });

    it('an entry of any class is visible and removable without naming the class', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const entries = all.map((of) => entry(of, { class: of, terms: { tea: 1 } }));
      await index.upsert(project, entries);
      await settle();

      const visible = await index.areVisible(project, entries.map(referenceTo));
      await index.remove(project, entries.map(referenceTo));
      await settle();

      expect(visible).toEqual([true, true, true]);
      expect(idsOf(await index.query(query(project, { terms: ['tea'], classes: all })))).toEqual(
        [],
      );
    });
  });
};
