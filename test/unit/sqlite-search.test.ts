import { describe, expect, it } from 'vitest';
import { createVectorPartition } from '../../shared/adapters/sqlite/vector-partition.ts';
import { toStored } from '../../shared/adapters/sqlite/vector-rows.ts';
import { search } from '../../shared/adapters/sqlite/vector-search.ts';
import type { IndexResult } from '../../shared/ports/vector-index.ts';
import { angled, entry, model } from '../contract/vector-index-harness.ts';

const dimension = 4;
const stems = ['tea', 'likes', 'green'];
const stored = (memory: string, degrees: number) =>
  toStored(
    entry(memory, {
      dense: { model, vector: angled(dimension, degrees) },
      terms: { tea: 1, likes: 2 },
    }),
  )();

/** Two partitions that list the same 150 entries. */
const open = () => {
  const partitions = [createVectorPartition(), createVectorPartition()];
  const [first] = partitions;
  const put = (memory: string, degrees: number) => {
    for (const partition of partitions) partition.put(stored(memory, degrees));
  };
  const remove = (memory: string) => {
    for (const partition of partitions) partition.remove(`${memory}#1`);
  };
  for (let n = 0; n < 150; n++) put(`m${n}`, n / 2);
  return { partitions, first, put, remove };
};
type Partitions = ReturnType<typeof open>;

/** Runs a query and makes a change after some of its steps. Undefined when the query has fewer. */
const queryWith = (
  change: (partitions: Partitions) => void,
  after: number,
): IndexResult | undefined => {
  const opened = open();
  const query = search(opened.partitions, {
    project: 'p',
    partitions: [],
    dense: { model, vector: angled(dimension, 0) },
    terms: stems,
    classes: ['memory'],
    limit: 1_000,
  });
  let steps = 0;
  for (let step = query.next(); ; step = query.next()) {
    if (step.done) return steps > after ? step.value : undefined;
    if (steps === after) change(opened);
    steps += 1;
  }
};

const resultsWith = (change: (partitions: Partitions) => void): IndexResult[] => {
  const results: IndexResult[] = [];
  for (let after = 0; ; after++) {
    const result = queryWith(change, after);
    if (!result) return results;
    results.push(result);
  }
};

describe('a query that other work interrupts', () => {
  it('a query of many entries has many steps', () => {
    expect(resultsWith(() => {}).length).toBeGreaterThan(10);
  });

  it.each([
    [
      'another entry is removed, which moves the last vector',
      ({ remove }: Partitions) => remove('m3'),
    ],
    ['other entries are added', ({ put }: Partitions) => put('new', 10)],
    ['the entry is written again', ({ put }: Partitions) => put('m149', 74.5)],
    ['the entry leaves one of its partitions', ({ first }: Partitions) => first?.remove('m149#1')],
  ])('an entry is found with its cosine wherever a query is interrupted, when %s', (_, change) => {
    for (const { hits, statistics } of resultsWith(change)) {
      const hit = hits.find(({ id }) => id === 'm149#1');

      expect(hit?.semantic).toBeCloseTo(Math.cos((74.5 * Math.PI) / 180), 5);
      expect(hits.filter(({ id }) => id === 'm149#1')).toHaveLength(1);
      expect(Math.max(...Object.values(statistics?.frequencies ?? {}))).toBeLessThanOrEqual(
        statistics?.documents ?? 0,
      );
    }
  });

  it('an entry that is removed meanwhile is no hit', () => {
    for (const { hits } of resultsWith(({ remove }) => remove('m0')))
      expect(hits.map(({ id }) => id)).not.toContain('m0#1');
  });
});
