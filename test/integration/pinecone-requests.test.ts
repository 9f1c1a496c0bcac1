import { afterEach, describe, expect, it } from 'vitest';
import { namespaceOf } from '../../shared/adapters/pinecone/namespace.ts';
import { countTerms } from '../../shared/domain/memory/analyzer.ts';
import type { Filter } from '../../shared/domain/memory/filter.ts';
import {
  angled,
  entry,
  idsOf,
  model,
  query,
  referenceTo,
  semanticOf,
} from '../contract/vector-index-harness.ts';
import { openPineconeIndex } from '../support/pinecone-index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const open: typeof openPineconeIndex = async (options) => {
  const opened = await openPineconeIndex(options);
  closers.push(opened.server.close);
  return opened;
};

const dense = (degrees: number) => ({ model, vector: angled(5, degrees) });
const namespacesIn = (bodies: { namespace: string }[]) =>
  [...new Set(bodies.map(({ namespace }) => namespace))].sort();

describe('writing', () => {
  it('a write is split into batches below the size limit of the service', async () => {
    const dimension = 1_536;
    const { server, index } = await open({ dimension });
    const entries = Array.from({ length: 150 }, (_, i) =>
      entry(`m${i}`, {
        dense: {
          model,
          vector: Float32Array.from({ length: dimension }, (_, d) => Math.sin(i + d)),
        },
      }),
    );

    await index.upsert('p', entries);

    const sizes = server.requests.map(({ bytes }) => bytes);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(2_000_000);
    expect(Math.max(...sizes)).toBeGreaterThan(1_500_000);
    expect(await index.areVisible('p', entries.map(referenceTo))).toEqual(entries.map(() => true));
  });

  it('a write contains neither texts nor stems: terms are sent as numbers', async () => {
    const { server, index } = await open();
    const text = 'My grandmother keeps marmalade under the staircase';

    await index.upsert('p', [
      entry('m', {
        dense: dense(10),
        terms: countTerms(text),
        target: { text, categories: ['Home'], metadata: { color: 'red', note: text.repeat(2) } },
      }),
    ]);
    await index.query(query('p', { dense: dense(0), terms: Object.keys(countTerms(text)) }));

    const sent = JSON.stringify(server.requests);
    for (const word of ['grandmother', 'marmalad', 'staircas', 'keep'])
      expect(sent).not.toContain(word);
    expect(sent).toContain('"meta_color":"red"');
  });

  it('an entry is written once to each namespace of the entities it names', async () => {
    const { server, index } = await open({ buckets: 2 });
    const also = Array.from({ length: 10 }, (_, i) => ({ kind: 'run' as const, id: `r${i}` }));
    const both = entry('both', {
      terms: { tea: 1 },
      target: { entities: { user: 'u', run: 'r' }, extraEntities: also },
    });

    await index.upsert('p', [both, both]);

    const written = server.bodiesOf('upsert');
    expect(namespacesIn(written)).toEqual(['p-r2-b2-0', 'p-r2-b2-1']);
    expect(written.map(({ vectors }) => vectors.length)).toEqual([1, 1]);
    await index.remove('p', [{ ...both.target, id: both.id }]);
    expect(server.namespaces().map(server.sizeOf)).toEqual([0, 0]);
  });
});

describe('searching', () => {
  it('a query visits only the namespaces of its partitions, twice each', async () => {
    const { server, index } = await open();
    const user = { kind: 'user' as const, id: 'u' };

    await index.query(query('p', { dense: dense(0), terms: ['tea'] }));

    expect(namespacesIn(server.bodiesOf('query'))).toEqual([namespaceOf('p', user, 8)]);
    expect(server.requests).toHaveLength(2);
  });

  it('a query of a whole project visits every bucket and returns an entry once', async () => {
    const { server, index } = await open();
    const entries = Array.from({ length: 40 }, (_, i) =>
      entry(`m${i}`, {
        dense: dense(i),
        terms: { tea: 1 },
        target: { entities: { user: `u${i}`, agent: 'a', run: `r${i}` } },
      }),
    );
    await index.upsert('p', entries);

    const asked = { partitions: ['project' as const], dense: dense(0), terms: ['tea'], limit: 50 };
    const answer = await index.query(query('p', asked));

    expect(namespacesIn(server.bodiesOf('query'))).toHaveLength(8);
    expect(answer.hits).toHaveLength(40);
    expect(idsOf(answer)).toEqual(entries.map(({ id }) => id).sort());
  });

  it('a filter that passes nothing sends no query', async () => {
    const { server, index } = await open();

    const answer = await index.query(query('p', { terms: ['tea'], filter: { ids: [] } }));

    expect(answer).toEqual({ hits: [] });
    expect(server.requests).toEqual([]);
  });

  it('an empty filter is never sent, and empty values can be filtered by', async () => {
    const { server, index } = await open();
    const stored = (memory: string, metadata: { [key: string]: string | number | boolean }) =>
      entry(memory, { terms: { tea: 1 }, target: { metadata } });
    await index.upsert('p', [
      stored('nothing', { archived: false, count: 0, note: '' }),
      stored('something', { archived: true, count: 1, note: 'x' }),
    ]);
    const filters: Filter[] = [
      { metadata: 'archived', op: 'eq', value: false },
      { metadata: 'count', op: 'eq', value: 0 },
      { metadata: 'note', op: 'eq', value: '' },
    ];

    for (const filter of filters) {
      const answer = await index.query(query('p', { terms: ['tea'], filter }));
      expect(idsOf(answer)).toEqual(['nothing#1']);
    }
    const all = query('p', { partitions: ['project'], terms: ['tea'], filter: { all: [] } });
    expect(idsOf(await index.query(all))).toEqual(['nothing#1', 'something#1']);
    expect(server.bodiesOf('query').at(-1)).toMatchObject({
      filter: { class: { $in: ['memory'] } },
    });
  });

  it('a filter on truncated metadata passes the entry, and the core decides', async () => {
    const { index } = await open();
    const bulk = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`key${i}`, `value ${i} ${'x'.repeat(30)}`]),
    );
    await index.upsert('p', [
      entry('cut', { terms: { tea: 1 }, target: { metadata: { ...bulk, color: 'red' } } }),
      entry('whole', { terms: { tea: 1 }, target: { metadata: { color: 'blue' } } }),
    ]);

    const filter: Filter = { metadata: 'color', op: 'eq', value: 'red' };
    const answer = await index.query(query('p', { terms: ['tea'], filter }));

    expect(idsOf(answer)).toEqual(['cut#1']);
  });
});

describe('more matches than one response holds', () => {
  const commonEntries = (count: number, terms: { [stem: string]: number }) =>
    Array.from({ length: count }, (_, i) => entry(`m${i}`, { dense: dense(i / 100), terms }));

  it('common terms do not crowd out an entry with a rare term', async () => {
    const { index } = await open();
    await index.upsert('p', [
      ...commonEntries(400, { tea: 3, green: 3 }),
      entry('rare', { terms: { oolong: 1, milk: 1, pot: 1, sugar: 1, spoon: 1 } }),
    ]);

    const answer = await index.query(query('p', { terms: ['green', 'tea', 'oolong'], limit: 3 }));

    expect(idsOf(answer)).toContain('rare#1');
    expect(answer.hits).toHaveLength(3);
  });

  it('an entry that only the lexical query found gets its cosine, too', async () => {
    const { server, index } = await open();
    await index.upsert('p', [
      ...commonEntries(400, { tea: 1 }),
      entry('far', { dense: dense(60), terms: { oolong: 1 } }),
      entry('none', { terms: { oolong: 1 } }),
    ]);

    const answer = await index.query(query('p', { dense: dense(0), terms: ['oolong'], limit: 5 }));

    expect(semanticOf(answer, 'far#1')).toBeCloseTo(0.5, 4);
    expect(answer.hits).toContainEqual({ id: 'none#1', entities: { user: 'u' } });
    expect(server.bodiesOf('query')).toHaveLength(3);
    expect(server.bodiesOf('query').at(-1)).toMatchObject({ includeMetadata: false, topK: 1 });
  });
});

describe('another embedding model', () => {
  it('vectors of different models are not compared, and terms still match', async () => {
    const { index } = await open();
    const of = (name: string) => ({ model: name, vector: angled(5, 0) });
    await index.upsert('p', [
      entry('old', { dense: of('before'), terms: { tea: 1 } }),
      entry('new', { dense: of('after'), terms: { milk: 1 } }),
    ]);

    const byMeaning = await index.query(query('p', { dense: of('after') }));
    const both = await index.query(query('p', { dense: of('after'), terms: ['tea'] }));

    expect(idsOf(byMeaning)).toEqual(['new#1']);
    expect(both.hits.map(({ id, semantic }) => [id, semantic])).toEqual([
      ['new#1', 1],
      ['old#1', undefined],
    ]);
  });
});

describe('an index that lags', () => {
  it('an entry is visible once a query finds it, and an updated one once its new content is indexed', async () => {
    const { server, index } = await open({ server: { lagMs: 3_600_000 } });
    const plain = entry('m', { terms: { tea: 1 } });
    const isStored = async () => (await index.areVisible('p', [referenceTo(plain)]))[0];

    await index.upsert('p', [plain]);
    const early = await isStored();
    server.settle();
    const settled = await isStored();
    await index.upsert('p', [{ ...plain, dense: dense(0) }]);
    const rewritten = await isStored();
    server.settle();

    expect([early, settled, rewritten, await isStored()]).toEqual([false, true, false, true]);
  });

  it('a removed entry stays visible until the index has applied the removal', async () => {
    const { server, index } = await open();
    const asked = query('p', { terms: ['tea'] });
    const gone = entry('m', { terms: { tea: 1 } });
    await index.upsert('p', [gone]);
    server.lag(3_600_000);

    await index.remove('p', [referenceTo(gone)]);
    const stale = idsOf(await index.query(asked));
    server.settle();

    expect(stale).toEqual(['m#1']);
    expect(idsOf(await index.query(asked))).toEqual([]);
  });
});
