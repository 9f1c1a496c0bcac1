import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  metadataOf as pineconeMetadata,
  names as pineconeNames,
} from '../../../shared/adapters/pinecone/metadata.ts';
import { nonFilterableKeys } from '../../../shared/adapters/s3vectors/layout.ts';
import {
  namesIn,
  metadataOf as s3VectorsMetadata,
} from '../../../shared/adapters/s3vectors/metadata.ts';
import { type AnyKind, allKinds } from '../../../shared/domain/memory/entities.ts';
import type { Filter, FilterTarget } from '../../../shared/domain/memory/filter.ts';
import { matcherOf } from '../../../shared/domain/memory/filter-matcher.ts';
import { type PushdownFilter, pushedDown } from '../../../shared/domain/memory/pushdown.ts';
import { weightsOf } from '../../../shared/domain/memory/term-weights.ts';
import { parseBody, UpsertBody } from '../../support/pinecone-server/bodies.ts';
import { compileFilter } from '../../support/pinecone-server/metadata-filter.ts';
import {
  checkFilterable,
  PutBody,
  parseBody as parseVectors,
} from '../../support/s3vectors-server/bodies.ts';

const scalar = fc.oneof(
  fc.constantFrom('', 'red', 'Red', 'sha256:red', 'x'.repeat(65), 'x'.repeat(66), '0', 'false'),
  fc.constantFrom(0, 1, -1, 1.5, 1e21),
  fc.boolean(),
);
const json = fc.oneof(
  scalar,
  fc.constant(null),
  fc.array(scalar, { maxLength: 2 }),
  fc.constant({ color: 'red' }),
);
const key = fc.constantFrom('color', '$color', 'ключ', '__proto__', 'a.b', '', 'k'.repeat(65));
const kind = fc.constantFrom<AnyKind>(...allKinds);
const entityId = fc.constantFrom('u', 'v', 'é#/"', '京');
const time = fc.constantFrom(0, 10, 20);
const day = fc.constantFrom('2026-01-31', '2026-02-01', '2025-12-31', 'soon');
const op = fc.constantFrom('gt' as const, 'gte', 'lt', 'lte', 'eq', 'ne');
const category = fc.constantFrom('Food', 'food', 'Travel', 'foo');

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ entity: kind, is: fc.oneof(entityId, fc.constant('*')) }),
  fc.record({ entity: kind, isNot: fc.oneof(entityId, fc.constant('*')) }),
  fc.record({
    time: fc.constantFrom('createdAt' as const, 'updatedAt', 'observedAt'),
    op,
    value: time,
  }),
  fc.record({ expiresOn: day, op }),
  fc.record({ occursOn: day, op }),
  fc.record({ kind: fc.constantFrom('fact' as const, 'preference', 'tool') }),
  fc.record({ category, match: fc.constantFrom('is' as const, 'contains') }),
  fc.record({
    metadata: key,
    op: fc.constantFrom('eq' as const, 'ne', 'contains'),
    value: json,
  }),
  fc.record({ metadata: key, op: fc.constant('exists' as const) }),
  fc.record({
    metadata: key,
    op: fc.constantFrom('gt' as const, 'gte', 'lt', 'lte'),
    value: fc.oneof(fc.constantFrom(0, 1, -1), fc.constantFrom('', 'red', '2026-01-31')),
  }),
  fc.record({ text: fc.constantFrom('', 'tea'), ignoreCase: fc.boolean() }),
  fc.record({ ids: fc.array(fc.constantFrom('m1', 'm2'), { maxLength: 2 }) }),
);

const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => {
  const parts = fc.array(tie('filter'), { maxLength: 3 });
  return {
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ all: parts }),
      fc.record({ any: parts }),
      fc.record({ none: parts }),
    ),
  };
});

const target: fc.Arbitrary<FilterTarget> = fc.record(
  {
    id: fc.constantFrom('m1', 'm2', 'm3'),
    text: fc.constantFrom('green tea', ''),
    entities: fc.record({ user: entityId, run: entityId, agent: entityId }, { requiredKeys: [] }),
    extraEntities: fc.array(fc.record({ kind: fc.constant('user' as const), id: entityId }), {
      maxLength: 2,
    }),
    metadata: fc.dictionary(key, json, { maxKeys: 4 }),
    categories: fc.uniqueArray(category, { maxLength: 3 }),
    createdAt: time,
    updatedAt: time,
    observedAt: time,
    expiresOn: day,
    occursOn: fc.constantFrom('2026', '2026-02', '2026-01-31'),
    kind: fc.constantFrom('fact' as const, 'preference'),
  },
  {
    requiredKeys: [
      'id',
      'text',
      'entities',
      'metadata',
      'categories',
      'createdAt',
      'updatedAt',
      'observedAt',
    ],
  },
);

/** Whether every extra entity belongs to a kind that has a first entity. */
const hasValidExtras = ({ entities, extraEntities = [] }: FilterTarget): boolean =>
  extraEntities.every(({ kind: of }) => entities[of] !== undefined);

const ballast = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`ballast${i}`, i]));

const entryOf = (stored: FilterTarget) => ({
  id: `${stored.id}#1`,
  class: 'memory' as const,
  target: stored,
});

/** A filter for a service, and the metadata of an entry, which the service accepts. */
interface Pushdown {
  name: string;
  pushed(filter: Filter): PushdownFilter;
  metadataOf(stored: FilterTarget): Parameters<ReturnType<typeof compileFilter>>[0];
}

const services: readonly Pushdown[] = [
  {
    name: 'Pinecone',
    pushed: (filter) => pushedDown(filter, pineconeNames),
    metadataOf(stored) {
      const metadata = pineconeMetadata(entryOf(stored), weightsOf({ tea: 1 }));
      parseBody(UpsertBody, { vectors: [{ id: 'one', values: [1], metadata }] });
      return metadata;
    },
  },
  {
    name: 'S3 Vectors',
    pushed: (filter) => pushedDown(filter, namesIn('p')),
    metadataOf(stored) {
      const metadata = s3VectorsMetadata('p', { ...entryOf(stored), terms: { tea: 1 } });
      const vectors = [{ key: 'one', data: { float32: [1] }, metadata }];
      parseVectors(PutBody, { vectorBucketName: 'bucket', indexName: 'index', vectors });
      checkFilterable(metadata, nonFilterableKeys);
      return metadata;
    },
  },
];

const keepsOf =
  ({ pushed, metadataOf }: Pushdown) =>
  (filter: Filter, stored: FilterTarget, missingDiffers: boolean): boolean => {
    const asked = pushed(filter);
    if (typeof asked === 'boolean') return asked;
    return compileFilter(asked, { missingDiffers })(metadataOf(stored));
  };

const partsOf = (filter: Filter): Filter[] | undefined => {
  if ('all' in filter) return filter.all;
  if ('any' in filter) return filter.any;
  return 'none' in filter ? filter.none : undefined;
};

/** Whether a filter is pushed down completely. */
const isPushedDownCompletely = (filter: Filter): boolean => {
  const parts = partsOf(filter);
  if (parts) return parts.every(isPushedDownCompletely);
  if ('occursOn' in filter || 'kind' in filter) return false;
  if ('category' in filter) return filter.match === 'is';
  if ('metadata' in filter)
    return (filter.op === 'eq' || filter.op === 'ne') && typeof filter.value !== 'object';
  return !('text' in filter || 'expiresOn' in filter);
};

describe.each(services)('predicate pushdown to $name', (service) => {
  const keeps = keepsOf(service);

  it('a pushed-down filter passes everything that the filter passes, however the service treats missing fields', () => {
    fc.assert(
      fc.property(
        anyFilter,
        target.filter(hasValidExtras),
        fc.boolean(),
        fc.boolean(),
        (...drawn) => {
          const [filter, plain, missingDiffers, isLarge] = drawn;
          const stored = isLarge
            ? { ...plain, metadata: { ...ballast, ...plain.metadata } }
            : plain;

          if (matcherOf(filter)(stored)) expect(keeps(filter, stored, missingDiffers)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('a filter that is pushed down completely passes exactly the same entries', () => {
    fc.assert(
      fc.property(
        anyFilter.filter(isPushedDownCompletely),
        target.filter((stored) => hasValidExtras(stored) && stored.expiresOn !== 'soon'),
        fc.boolean(),
        (filter, stored, missingDiffers) => {
          expect(keeps(filter, stored, missingDiffers)).toBe(matcherOf(filter)(stored));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('expiry days are compared as numbers, and a missing day passes only `ne`', () => {
    const stored = {
      id: 'm',
      text: '',
      entities: { user: 'u' },
      metadata: {},
      categories: [],
      createdAt: 1,
      updatedAt: 1,
      observedAt: 1,
    };
    const filter: Filter = { expiresOn: '2026-01-31', op: 'lt' };

    const answers = ['2026-01-30', '2026-01-31', undefined].map((expiresOn) =>
      keeps(filter, { ...stored, ...(expiresOn ? { expiresOn } : {}) }, true),
    );

    expect(answers).toEqual([true, false, false]);
    expect(keeps({ none: [filter] }, stored, false)).toBe(true);
  });
});
