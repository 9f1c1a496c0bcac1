import { describe, expect, it } from 'vitest';
import { createVectorPartition } from '../../shared/adapters/sqlite/vector-partition.ts';
import { toStored } from '../../shared/adapters/sqlite/vector-rows.ts';
import { search } from '../../shared/adapters/sqlite/vector-search.ts';
import { cosine } from '../../shared/domain/memory/vector.ts';
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

/** A vector whose values are as good as random. */
const scattered = (seed: number): Float32Array =>
  new Float32Array(70).map((_, at) => Math.sin((seed + 1) * 12.9898 + at * 78.233) ** 3);

const runToEnd = (steps: Generator<undefined, IndexResult>): IndexResult => {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};

describe('a query of one partition of many vectors', () => {
  /** A partition of 2,000 entries; every third is a message. */
  const openMany = () => {
    const partition = createVectorPartition();
    const vectors = new Map<string, Float32Array>();
    const put = (n: number): void => {
      const dense = { model, vector: scattered(n) };
      const made = entry(`m${n}`, { dense, class: n % 3 === 0 ? 'message' : 'memory' });
      partition.put(toStored(made)());
      if (n % 3 > 0) vectors.set(made.id, dense.vector);
    };
    for (let n = 0; n < 2_000; n++) put(n);
    const bestOf = (query: Float32Array): string[] =>
      [...vectors]
        .map(([id, vector]) => ({ id, score: cosine(query, vector) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 20)
        .map(({ id }) => id);
    const found = (query: Float32Array) =>
      runToEnd(
        search([partition], {
          project: 'p',
          partitions: [],
          dense: { model, vector: query },
          terms: [],
          classes: ['memory'],
          limit: 20,
        }),
      ).hits;
    const remove = (id: string): void => {
      partition.remove(id);
      vectors.delete(id);
    };
    return { put, remove, bestOf, found, vectors };
  };

  it('the best entries of a class are found, in their order and with their cosines', () => {
    const { bestOf, found, vectors } = openMany();

    for (let seed = 5_000; seed < 5_050; seed++) {
      const query = scattered(seed);
      const hits = found(query);

      expect(hits.map(({ id }) => id)).toEqual(bestOf(query));
      for (const { id, semantic } of hits)
        expect(semantic).toBeCloseTo(cosine(query, vectors.get(id) ?? []), 5);
    }
  });

  it('the best entries are found after some were removed and others added', () => {
    const { put, remove, bestOf, found } = openMany();
    const query = scattered(5_000);

    for (let n = 2_000; n < 2_030; n++) {
      for (const id of bestOf(query).slice(0, 3)) remove(id);
      put(n);

      expect(found(query).map(({ id }) => id)).toEqual(bestOf(query));
    }
  });
});
