import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { cosine } from '../../shared/domain/memory/vector.ts';
import {
  entry,
  idsOf,
  model,
  ofUser,
  query,
  referenceTo,
} from '../contract/vector-index-harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Builds a vector that is the same in every run. */
const vectorOf = (seed: number, dimension: number): Float32Array =>
  Float32Array.from({ length: dimension }, (_, i) => Math.sin(seed * 31 + i * (seed + 1)));

describe('the vector index on SQLite', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let database: Database;
  beforeEach(() => {
    folder = temporaryFolder();
    database = openDatabase({ path: folder.file('a.db') });
  });
  afterEach(() => {
    database.close();
    folder.remove();
  });

  it('a query returns exactly the result of a full scan while entries are added and removed', async () => {
    const index = createSqliteVectorIndex({ database });
    const dense = (i: number) => ({ model, vector: vectorOf(i, 7) });
    const entries = Array.from({ length: 60 }, (_, i) => entry(`m${i}`, { dense: dense(i) }));
    await index.upsert('p', entries.slice(0, 40));
    await index.query(query('p', { dense: dense(1) }));
    await index.remove('p', entries.filter((_, i) => i % 3 === 0).map(referenceTo));
    await index.upsert('p', entries.slice(40));
    const remaining = entries.filter((_, i) => i >= 40 || i % 3 !== 0);
    const queryVector = vectorOf(100, 7);

    const { hits } = await index.query(
      query('p', { dense: { model, vector: queryVector }, limit: 10 }),
    );

    const expected = remaining
      .map(({ id, dense }) => ({ id, semantic: dense ? cosine(dense.vector, queryVector) : 0 }))
      .sort((a, b) => b.semantic - a.semantic)
      .slice(0, 10);
    expect(hits.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
    for (const { id, semantic } of expected)
      expect(hits.find((hit) => hit.id === id)?.semantic).toBeCloseTo(semantic, 5);
  });

  it('a query sees what another process wrote before', async () => {
    const other = openDatabase({ path: folder.file('a.db') });
    const [mine, theirs] = [database, other].map((db) => createSqliteVectorIndex({ database: db }));
    const [a, b] = [entry('a', { terms: { tea: 1 } }), entry('b', { terms: { tea: 1 } })];
    await mine?.upsert('p', [a]);
    const before = await mine?.query(query('p', { terms: ['tea'] }));

    await theirs?.upsert('p', [b]);
    await theirs?.remove('p', [referenceTo(a)]);
    const after = await mine?.query(query('p', { terms: ['tea'] }));
    other.close();

    expect(before && idsOf(before)).toEqual(['a#1']);
    expect(after && idsOf(after)).toEqual(['b#1']);
  });

  it('the vector of an entry in several partitions is stored once', async () => {
    const index = createSqliteVectorIndex({ database });
    const entities = { user: 'u', agent: 'a', app: 'p', run: 'r' };

    await index.upsert('p', [entry('m', { target: { entities } })]);
    const count = (table: string) =>
      Number(database.connection.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    const written = [count('vectors'), count('vector_partitions')];
    await index.remove('p', [{ id: 'm#1', entities: { user: 'u' } }]);

    expect(written).toEqual([1, 5]);
    expect([count('vectors'), count('vector_partitions')]).toEqual([0, 0]);
  });

  it('an entry that names other entities than before moves to their partitions', async () => {
    const index = createSqliteVectorIndex({ database });
    const run = { kind: 'run', id: 'r' } as const;
    const find = async () => [
      idsOf(await index.query(query('p', { terms: ['tea'] }))),
      idsOf(await index.query(query('p', { terms: ['tea'], partitions: [run] }))),
    ];
    await index.upsert('p', [entry('m', { terms: { tea: 1 } })]);
    const before = await find();

    await index.upsert('p', [
      entry('m', { terms: { tea: 1 }, target: { entities: { run: 'r' } } }),
    ]);

    expect(before).toEqual([['m#1'], []]);
    expect(await find()).toEqual([[], ['m#1']]);
  });

  it('a query returns the same result when partitions are evicted from the cache', async () => {
    const index = createSqliteVectorIndex({ database, cacheBytes: 4_000 });
    const users = Array.from({ length: 20 }, (_, i) => `u${i}`);
    const ofEach = (user: string) =>
      Array.from({ length: 5 }, (_, i) =>
        entry(`${user}-${i}`, {
          dense: { model, vector: vectorOf(i, 16) },
          terms: { tea: 1 },
          target: { entities: { user } },
        }),
      );
    const partitionOf = (user: string) => [{ kind: 'user' as const, id: user }];

    for (const user of users) await index.upsert('p', ofEach(user));

    for (const user of [...users, ...users.toReversed(), ...users]) {
      const answer = await index.query(
        query('p', { terms: ['tea'], partitions: partitionOf(user) }),
      );
      expect(idsOf(answer)).toEqual(ofEach(user).map(({ id }) => id));
    }
  });

  it('vectors of different dimensions are never compared, even under the same model name', async () => {
    const index = createSqliteVectorIndex({ database });
    await index.upsert('p', [
      entry('short', { dense: { model, vector: vectorOf(1, 4) } }),
      entry('long', { dense: { model, vector: vectorOf(1, 8) } }),
    ]);

    const answer = await index.query(query('p', { dense: { model, vector: vectorOf(1, 8) } }));

    expect(idsOf(answer)).toEqual(['long#1']);
  });

  it('a vector that the caller changes after the call is stored as passed', async () => {
    const index = createSqliteVectorIndex({ database });
    const dense = { model, vector: vectorOf(1, 4) };

    const written = index.upsert('p', [entry('m', { dense })]);
    dense.vector.fill(0);
    await written;

    const request = query('p', { dense: { model, vector: vectorOf(1, 4) } });
    expect((await index.query(request)).hits[0]?.semantic).toBeCloseTo(1, 5);
  });

  it('a zero vector has a similarity of zero', async () => {
    const index = createSqliteVectorIndex({ database });
    const zeros = { model, vector: new Float32Array(4) };
    await index.upsert('p', [entry('m', { dense: zeros })]);

    const request = query('p', { partitions: [ofUser], dense: { model, vector: vectorOf(1, 4) } });

    expect((await index.query(request)).hits[0]?.semantic).toBe(0);
    expect((await index.query({ ...request, dense: zeros })).hits[0]?.semantic).toBe(0);
  });
});
