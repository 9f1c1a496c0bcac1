import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import type { IndexEntry, IndexQuery, VectorIndex } from '../../shared/ports/vector-index.ts';
import { entry, model, query, referenceTo } from '../contract/vector-index-harness.ts';
import { textsInFiles } from '../support/data-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Partitions of a file that are searched in a thread, beside the scan of this thread.
const dimension = 48;
let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let inThread: VectorIndex;

const open = (): void => {
  database = openDatabase({ path: folder.file('a.db') });
  inThread = createSqliteVectorIndex({ database, threadFrom: 1 });
};
beforeEach(() => {
  folder = temporaryFolder();
  open();
});
afterEach(() => {
  database.close();
  folder.remove();
});

/** Builds a vector of pseudorandom values that is the same in every run. */
const vectorOf = (seed: number): Float32Array => {
  let state = seed * 7_919 + 1;
  return Float32Array.from({ length: dimension }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x3fffffff - 1;
  });
};

const memory = (i: number): IndexEntry =>
  entry(`m${i}`, {
    ...(i % 11 === 0 ? {} : { dense: { model, vector: vectorOf(i) } }),
    class: i % 7 === 0 ? 'message' : 'memory',
    terms: { all: 1, [`third${i % 3}`]: 1 + (i % 4), [`own${i}`]: 1 },
    target: {
      createdAt: i,
      entities: i % 2 === 0 ? { user: 'u', agent: 'a' } : { user: 'u' },
    },
  });
const memories = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => memory(from + i));

const dense = { model, vector: vectorOf(100_000) };
const queries: IndexQuery[] = [
  query('p', { dense, terms: ['third1', 'own5', 'missing'] }),
  query('p', { dense, classes: ['memory', 'message'], limit: 25 }),
  query('p', { terms: ['third2', 'own700'], limit: 5 }),
  query('p', { dense, filter: { time: 'createdAt', op: 'gte', value: 500 } }),
  query('p', { dense, terms: ['third0'], filter: { entity: 'user', is: 'u' } }),
  query('p', {
    dense,
    terms: ['third0'],
    partitions: [
      { kind: 'agent', id: 'a' },
      { kind: 'user', id: 'u' },
    ],
  }),
  query('p', { dense: { model: 'another', vector: vectorOf(1) }, terms: ['own3'] }),
];

/** Semantic hits by id, rounded, and statistics. Hits by words alone may tie, so that only their number is certain. */
const comparable = async (index: VectorIndex, asked: IndexQuery) => {
  const { hits, statistics } = await index.query(asked);
  const best = hits
    .filter(({ semantic }) => semantic !== undefined)
    .sort((a, b) => (b.semantic ?? 0) - (a.semantic ?? 0))
    .slice(0, asked.limit)
    .map(({ id, semantic, entities }) => ({ id, entities, semantic: semantic?.toFixed(4) }));
  return { best, statistics };
};

const expectSame = async (): Promise<void> => {
  const inline = createSqliteVectorIndex({ database, threadFrom: 1_000_000 });
  for (const asked of queries)
    expect(await comparable(inThread, asked)).toEqual(await comparable(inline, asked));
};

const segments = (): number =>
  Number(database.connection.prepare('SELECT count(*) AS n FROM vector_segments').get()?.['n']);

test('a large partition has the results of a full scan, while entries are written, replaced and removed', async () => {
  await inThread.upsert('p', memories(0, 900));
  await expectSame();
  await inThread.upsert('p', memories(800, 1_100));
  await expectSame();
  await inThread.remove('p', memories(100, 150).map(referenceTo));
  await expectSame();
  await inThread.remove('p', memories(150, 900).map(referenceTo));
  await inThread.upsert('p', memories(120, 130));
  await expectSame();
});

test('an entry that is written after the newest one was removed, and one that replaces it, are found', async () => {
  await inThread.upsert('p', memories(0, 300));
  await expectSame();
  await inThread.remove('p', [memory(299)].map(referenceTo));
  await inThread.upsert('p', [memory(300)]);
  const found = async (i: number) =>
    (await inThread.query(query('p', { terms: [`own${i}`] }))).hits.map(({ id }) => id);

  expect(await found(300)).toEqual(['m300#1']);
  const own = { ...memory(300).terms, own301: 1 };
  await inThread.upsert('p', [{ ...memory(300), terms: own }]);
  expect(await found(301)).toEqual(['m300#1']);
  await expectSame();
});

test('a start loads stored segments, and entries that were written and removed since', async () => {
  await inThread.upsert('p', memories(0, 700));
  await inThread.query(queries[0] as IndexQuery);
  await vi.waitFor(() => expect(segments()).toBeGreaterThan(1), { timeout: 20_000 });
  await inThread.remove('p', memories(10, 12).map(referenceTo));
  await inThread.upsert('p', memories(700, 760));
  database.close();

  open();

  expect(segments()).toBeGreaterThan(0);
  await expectSame();
});

test('the thread starts beside the models of a service, once there are segments', async () => {
  let started = 0;
  const count = ({ threadName }: Worker): void => {
    if (threadName === 'search') started++;
  };
  process.on('worker', count);
  await inThread.upsert('p', memories(0, 300));
  await inThread.warm?.();
  const without = started;
  await inThread.query(queries[0] as IndexQuery);
  await vi.waitFor(() => expect(segments()).toBeGreaterThan(0), { timeout: 20_000 });
  const byQuery = started;

  const platform = createLocalPlatform({ path: folder.file('a.db') });
  await platform.warm();
  await platform.close();

  process.off('worker', count);
  expect([without, byQuery, started]).toEqual([0, 1, 2]);
});

test('stems of a removed entry are in no file, although a segment had them', async () => {
  await inThread.upsert('p', [
    ...memories(0, 300),
    entry('secret', { terms: { heronstem: 1 }, dense: { model, vector: vectorOf(7) } }),
    ...memories(300, 600),
  ]);
  await inThread.query(query('p', { terms: ['heronstem'] }));
  await vi.waitFor(() => expect(segments()).toBeGreaterThan(1), { timeout: 20_000 });
  const copies = () =>
    database.connection
      .prepare(`SELECT count(*) AS n FROM vector_segments WHERE instr(body, 'heronstem') > 0`)
      .get()?.['n'];
  const before = copies();

  await inThread.remove('p', [{ id: 'secret#1', entities: { user: 'u' } }]);
  await database.secureDelete();

  expect(before).toBeGreaterThan(0);
  expect(textsInFiles(folder.path, ['heronstem'])).toEqual([]);
  expect(
    (await inThread.query(query('p', { terms: ['heronstem'] }))).statistics?.frequencies,
  ).toEqual({
    heronstem: 0,
  });
});

test('a large partition sees what another process wrote and removed before', async () => {
  await inThread.upsert('p', memories(0, 300));
  await inThread.query(queries[0] as IndexQuery);
  const other = openDatabase({ path: folder.file('a.db') });
  const theirs = createSqliteVectorIndex({ database: other });

  await theirs.remove('p', memories(0, 40).map(referenceTo));
  await theirs.upsert('p', memories(300, 320));

  await expectSame();
  other.close();
});

test('a query after the database was closed is refused as unavailable', async () => {
  await inThread.upsert('p', memories(0, 10));
  await inThread.query(queries[0] as IndexQuery);
  const pending = inThread.query(queries[0] as IndexQuery);
  database.close();

  await expect(pending.catch((error) => error.code)).resolves.toSatisfy(
    (answer) => answer === 'store_unavailable' || typeof answer === 'object',
  );
  await expect(inThread.query(queries[0] as IndexQuery)).rejects.toMatchObject({
    code: 'store_unavailable',
  });
});
