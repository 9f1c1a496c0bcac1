import { describe, expect, it } from 'vitest';
import { batchesByCount, batchesBySize } from '../../../shared/adapters/pinecone/batches.ts';
import {
  namespaceOf,
  namespacesForQuery,
  namespacesOf,
  namespacesToCheck,
} from '../../../shared/adapters/pinecone/namespace.ts';
import { recordOf } from '../../../shared/adapters/pinecone/record.ts';
import {
  packWeights,
  unpackWeights,
  weightsOf,
} from '../../../shared/domain/memory/term-weights.ts';
import { entry } from '../../contract/vector-index-harness.ts';
import { parseBody, UpsertBody } from '../../support/pinecone-server/bodies.ts';

const dimension = 3;
const vector = Float32Array.of(3, 4, 0);

const accepted = (record: unknown) => parseBody(UpsertBody, { vectors: [record] }).vectors[0];

describe('a namespace', () => {
  const user = (id: string) => ({ kind: 'user' as const, id });

  it('an entity is always in the same bucket of its project, whose name states the layout', () => {
    const names = Array.from({ length: 200 }, (_, i) => namespaceOf('p', user(`u${i}`), 4));

    expect(new Set(names)).toEqual(new Set(['p-r2-b4-0', 'p-r2-b4-1', 'p-r2-b4-2', 'p-r2-b4-3']));
    expect(namespaceOf('p', user('u1'), 4)).toBe(names[1]);
    expect(namespaceOf('p', user('u1'), 8)).not.toBe(names[1]);
  });

  it('an entry belongs to the namespace of each entity it names, including further ones of a kind', () => {
    const also = Array.from({ length: 100 }, (_, i) => ({ kind: 'run' as const, id: `r${i}` }));

    expect(namespacesOf('p', { entities: { user: 'u' } }, 4).size).toBe(1);
    expect(
      namespacesOf('p', { entities: { user: 'u', run: 'r' }, extraEntities: also }, 4).size,
    ).toBe(4);
  });

  it('an entry of a user is looked for in the namespace of the user alone, one of an agent in that of the agent', () => {
    const ofUser = namespaceOf('p', user('u'), 1_000);
    const ofAgent = namespaceOf('p', { kind: 'agent', id: 'shared' }, 1_000);
    const both = { entities: { user: 'u', agent: 'shared' } };

    expect([...namespacesToCheck('p', both, 1_000)]).toEqual([ofUser]);
    expect([...namespacesToCheck('p', { entities: { agent: 'shared' } }, 1_000)]).toEqual([
      ofAgent,
    ]);
    expect(namespacesOf('p', both, 1_000)).toEqual(new Set([ofUser, ofAgent]));
  });

  it('a query visits a namespace once for all of its entities, and all namespaces for a whole project', () => {
    const both = namespacesForQuery('p', [user('a'), user('b')], 1);
    const all = namespacesForQuery('p', [user('a'), 'project'], 3);

    expect(both).toEqual([{ namespace: 'p-r2-b1-0', entities: [user('a'), user('b')] }]);
    expect(all.map(({ entities }) => entities)).toEqual([[], [], []]);
  });
});

describe('a record', () => {
  it('a record has a vector of length one, or a placeholder without a model', () => {
    const dense = recordOf(entry('m', { dense: { model: 'a', vector } }), dimension);
    const without = [
      entry('m'),
      entry('m', { dense: { model: 'a', vector: Float32Array.of(0, 0, 0) } }),
    ];

    expect(dense).toMatchObject({ values: [0.6, 0.8, 0], metadata: { model: 'a' } });
    for (const record of without.map((one) => recordOf(one, dimension))) {
      expect(record.values).toEqual([1e-6, 0, 0]);
      expect(record.metadata).not.toHaveProperty('model');
      expect(accepted(record)).toBeDefined();
    }
  });

  it('a record keeps its thousand heaviest terms', () => {
    const terms = Object.fromEntries(
      Array.from({ length: 4_096 }, (_, i) => [`stem${i}`, (i % 9) + 1]),
    );

    const record = recordOf(entry('m', { terms }), dimension);

    const weights = accepted(record)?.sparseValues?.values ?? [];
    expect(weights).toHaveLength(1_000);
    expect(Math.min(...weights)).toBeGreaterThan(weightsOf({ ...terms, rare: 1 }).get(0) ?? 0);
    expect(Math.max(...weights)).toBeLessThan(1.9);
  });

  it('oversized metadata is truncated and marked as such', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 800 }, (_, i) => [`key${i}`, 'x'.repeat(40)]),
    );
    const terms = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`stem${i}`, 1]));

    const large = recordOf(entry('m', { terms, target: { metadata } }), dimension);
    const small = recordOf(entry('m', { target: { metadata: { color: 'red' } } }), dimension);

    expect(Buffer.byteLength(JSON.stringify(large.metadata))).toBeLessThan(8_100);
    expect(large.metadata).toMatchObject({ truncated: true, meta_key0: 'x'.repeat(40) });
    expect(small.metadata).toMatchObject({ meta_color: 'red' });
    expect(small.metadata).not.toHaveProperty('truncated');
  });

  it('any entity id and metadata make a valid record', () => {
    const id = '京'.repeat(256);
    const also = Array.from({ length: 16 }, (_, i) => ({
      kind: 'run' as const,
      id: `${i}${id}`.slice(0, 256),
    }));
    const metadata = { a: null, b: [1, 2], c: { d: 'e' }, f: '', $g: false, ключ: 0, h: ['x'] };
    const entities = { user: id, agent: id, app: id, run: id };

    const long = recordOf(entry('m', { target: { entities, extraEntities: also } }), dimension);
    const odd = recordOf(entry('m', { target: { metadata } }), dimension);

    expect(accepted(long)?.metadata?.['entities']).toHaveLength(20);
    expect(accepted(odd)).toMatchObject({ metadata: { meta_f: '' } });
    expect(Object.values(odd.metadata ?? {})).toEqual(expect.arrayContaining([false, 0]));
  });
});

describe('term weights', () => {
  it('term weights rise with the count and fall with the length of a text, between zero and a bound', () => {
    const [one = 0] = weightsOf({ tea: 1 }).values();
    const [three = 0] = weightsOf({ tea: 3 }).values();
    const long = weightsOf({ tea: 1, milk: 1, sugar: 1, cup: 1 });

    expect(three).toBeGreaterThan(one);
    expect([...long.values()][0]).toBeLessThan(one);
    expect(three).toBeLessThan(1.9);
  });

  it('packed term weights unpack to the same weights', () => {
    const weights = weightsOf({ tea: 3, milk: 1, お茶: 2 });

    const unpacked = unpackWeights(packWeights(weights, 10));

    expect([...unpacked.keys()]).toEqual([...weights.keys()]);
    for (const [index, weight] of weights) expect(unpacked.get(index)).toBeCloseTo(weight, 3);
  });
});

describe('batches', () => {
  it('batches respect the limits in bytes and in number, and lose nothing', () => {
    const large = Array.from({ length: 50 }, (_, i) => ({ i, text: 'é'.repeat(50_000) }));
    const many = Array.from({ length: 2_500 }, (_, i) => i);

    const bySize = batchesBySize(large);

    expect(bySize.flat()).toEqual(large);
    expect(bySize.map((batch) => batch.length)).toEqual([17, 17, 16]);
    expect(batchesBySize(many).map((batch) => batch.length)).toEqual([1_000, 1_000, 500]);
    expect(batchesByCount(many).map((batch) => batch.length)).toEqual([1_000, 1_000, 500]);
    expect([batchesBySize([]), batchesByCount([])]).toEqual([[], []]);
  });
});
