import { describe, expect, it } from 'vitest';
import type { Filter, Partition } from '../../shared/domain/memory/filter.ts';
import {
  angled,
  entry,
  idsOf,
  model,
  newProject,
  type OpenedIndex,
  ofUser,
  query,
  semanticOf,
} from './vector-index-harness.ts';

export const describeQueries = (opened: OpenedIndex): void => {
  describe('query', () => {
    it('a query returns the nearest entries by cosine', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const at = (degrees: number) => ({ model, vector: angled(dimension, degrees) });
      await index.upsert(
        project,
        [80, 10, 170, 40].map((degrees) => entry(`m${degrees}`, { dense: at(degrees) })),
      );
      await settle();

      const nearest = await index.query(query(project, { dense: at(0), limit: 2 }));
      const all = await index.query(query(project, { dense: at(0) }));

      expect(idsOf(nearest)).toEqual(['m10#1', 'm40#1']);
      expect(semanticOf(nearest, 'm10#1')).toBeCloseTo(0.9848, 3);
      expect(semanticOf(all, 'm170#1')).toBeCloseTo(-0.9848, 3);
      expect(all.hits).toHaveLength(4);
    });

    it('a query compares only vectors of its own model', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const vector = angled(dimension, 0);
      await index.upsert(project, [
        entry('same', { dense: { model, vector }, terms: { tea: 1 } }),
        entry('other', { dense: { model: 'model-b', vector }, terms: { tea: 1 } }),
        entry('none', { terms: { tea: 1 } }),
      ]);
      await settle();

      const byMeaning = await index.query(query(project, { dense: { model, vector } }));
      const both = await index.query(query(project, { dense: { model, vector }, terms: ['tea'] }));

      expect(idsOf(byMeaning)).toEqual(['same#1']);
      expect(idsOf(both)).toEqual(['none#1', 'other#1', 'same#1']);
      expect(semanticOf(both, 'same#1')).toBeCloseTo(1, 4);
      expect(semanticOf(both, 'other#1')).toBeUndefined();
    });

    it('a query prefers entries with rarer terms, more occurrences and fewer other terms', async () => {
      const { index, settle } = opened();
      const project = newProject();
      await index.upsert(project, [
        entry('rare', { terms: { oolong: 1, milk: 1, cup: 1 } }),
        entry('often', { terms: { tea: 3, cup: 1 } }),
        entry('once', { terms: { tea: 1, milk: 2, sugar: 1 } }),
        entry('wordy', { terms: { tea: 1, milk: 4, sugar: 4, cup: 4, pot: 4 } }),
        entry('none', { terms: { coffee: 2 } }),
      ]);
      await settle();

      const asked = (limit: number) => query(project, { terms: ['tea', 'oolong'], limit });
      const answers = await Promise.all([1, 2, 3, 10].map((limit) => index.query(asked(limit))));

      expect(answers.map(idsOf)).toEqual([
        ['rare#1'],
        ['often#1', 'rare#1'],
        ['often#1', 'once#1', 'rare#1'],
        ['often#1', 'once#1', 'rare#1', 'wordy#1'],
      ]);
    });

    it('a query merges the best dense and lexical hits, each up to the limit, with the cosine of every hit', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const at = (degrees: number) => ({ model, vector: angled(dimension, degrees) });
      await index.upsert(project, [
        entry('near', { dense: at(10), terms: { milk: 1 } }),
        entry('middle', { dense: at(30), terms: { milk: 1 } }),
        entry('lexical', { dense: at(60), terms: { tea: 1 } }),
        entry('far', { dense: at(90), terms: { milk: 1 } }),
      ]);
      await settle();

      const answer = await index.query(query(project, { dense: at(0), terms: ['tea'], limit: 1 }));

      expect(idsOf(answer)).toEqual(['lexical#1', 'near#1']);
      expect(semanticOf(answer, 'lexical#1')).toBeCloseTo(0.5, 3);
    });

    it('a query without vector and terms has no hits', async () => {
      const { index, settle } = opened();
      const project = newProject();
      await index.upsert(project, [entry('m', { terms: { tea: 1 } })]);
      await settle();

      expect(idsOf(await index.query(query(project)))).toEqual([]);
    });

    it('the filter of a query is applied before the limit', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const at = (degrees: number) => ({ model, vector: angled(dimension, degrees) });
      const near = Array.from({ length: 30 }, (_, i) =>
        entry(`near${i}`, { dense: at(i / 10), terms: { tea: 5 } }),
      );
      const far = entry('far', {
        dense: at(80),
        terms: { tea: 1, milk: 9 },
        target: { metadata: { color: 'red' }, categories: ['Food'], createdAt: 50 },
      });
      await index.upsert(project, [...near, far]);
      await settle();
      const filters: Filter[] = [
        { metadata: 'color', op: 'eq', value: 'red' },
        { category: 'food', match: 'is' },
        { time: 'createdAt', op: 'gt', value: 10 },
        { ids: ['far'] },
        { none: [{ time: 'createdAt', op: 'lte', value: 10 }] },
        {
          all: [
            { entity: 'user', is: 'u' },
            { any: [{ metadata: 'color', op: 'eq', value: 'red' }] },
          ],
        },
      ];

      for (const filter of filters) {
        const byMeaning = await index.query(query(project, { dense: at(0), filter, limit: 2 }));
        const lexical = await index.query(query(project, { terms: ['tea'], filter, limit: 2 }));

        expect(idsOf(byMeaning)).toEqual(['far#1']);
        expect(idsOf(lexical)).toEqual(['far#1']);
      }
    });

    it('a query of several partitions returns each entry once', async () => {
      const { index, dimension, settle } = opened();
      const project = newProject();
      const dense = { model, vector: angled(dimension, 0) };
      const terms = { tea: 1 };
      const listed = (memory: string, entities: { user?: string; run?: string; agent?: string }) =>
        entry(memory, { dense, terms, target: { entities } });
      await index.upsert(project, [
        listed('both', { user: 'u', run: 'r' }),
        listed('user', { user: 'u' }),
        listed('run', { run: 'r' }),
        listed('neither', { agent: 'a' }),
      ]);
      await settle();

      const partitions = [ofUser, { kind: 'run' as const, id: 'r' }, ofUser];
      const answer = await index.query(query(project, { partitions, dense, terms: ['tea'] }));

      expect(idsOf(answer)).toEqual(['both#1', 'run#1', 'user#1']);
      expect(answer.hits.map(({ semantic }) => semantic?.toFixed(3))).toEqual(
        answer.hits.map(() => '1.000'),
      );
    });

    it('an entry is found under every entity it names, several of one kind too', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const runs = [1, 2, 3].map((n) => ({ kind: 'run' as const, id: `r${n}` }));
      const fact = (run: string, extraEntities: typeof runs) =>
        entry('fact', {
          terms: { tea: 1 },
          target: { entities: { user: 'u', run }, extraEntities },
        });
      await index.upsert(project, [fact('r1', runs.slice(1))]);
      await settle();

      const ask = (partition: Partition) =>
        index.query(query(project, { partitions: [partition], terms: ['tea'] }));
      const answers = await Promise.all([...runs, ofUser].map(ask));
      await index.remove(project, answers.at(-1)?.hits ?? []);
      await settle();
      const after = await Promise.all([...runs, ofUser].map(ask));

      expect(answers.map(idsOf)).toEqual([['fact#1'], ['fact#1'], ['fact#1'], ['fact#1']]);
      expect(answers.at(-1)?.hits).toMatchObject([{ extraEntities: runs.slice(1) }]);
      expect(after.map(idsOf)).toEqual([[], [], [], []]);
    });

    it('a query returns the document frequencies of its terms if the index knows them', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const inRun = { user: 'u', run: 'r' };
      await index.upsert(project, [
        entry('a', { terms: { tea: 3, milk: 1 } }),
        entry('b', { terms: { tea: 1 }, target: { entities: inRun } }),
        entry('c', { terms: { milk: 1 }, target: { entities: { run: 'r' } } }),
        entry('d', { terms: { tea: 7 }, target: { entities: { user: 'other' } } }),
      ]);
      await settle();
      const terms = ['tea', 'milk', 'tea', 'rum'];
      const partitions = [ofUser, { kind: 'run' as const, id: 'r' }];

      const ofOne = await index.query(query(project, { terms }));
      const ofTwo = await index.query(query(project, { terms, partitions }));
      const ofNone = await index.query(query(newProject(), { terms: ['tea'] }));

      const expected = [
        { documents: 2, averageLength: 2.5, frequencies: { tea: 2, milk: 1, rum: 0 } },
        { documents: 3, averageLength: 2, frequencies: { tea: 2, milk: 2, rum: 0 } },
        { documents: 0, averageLength: 0, frequencies: { tea: 0 } },
      ];
      expect([undefined, expected[0]]).toContainEqual(ofOne.statistics);
      expect([undefined, expected[1]]).toContainEqual(ofTwo.statistics);
      expect([undefined, expected[2]]).toContainEqual(ofNone.statistics);
    });

    it('the statistics follow writes and removals', async () => {
      const { index, settle } = opened();
      const project = newProject();
      const [a, b] = [
        entry('a', { terms: { tea: 1 } }),
        entry('b', { terms: { tea: 2, milk: 1 } }),
      ];
      await index.upsert(project, [a]);
      await settle();
      await index.query(query(project, { terms: ['tea'] }));

      await index.upsert(project, [b]);
      await index.remove(project, [{ id: a.id, entities: a.target.entities }]);
      await settle();
      const { hits, statistics } = await index.query(query(project, { terms: ['tea'] }));

      const expected = { documents: 1, averageLength: 3, frequencies: { tea: 1 } };
      expect(hits.map(({ id }) => id)).toEqual(['b#1']);
      expect([undefined, expected]).toContainEqual(statistics);
    });
  });
};
