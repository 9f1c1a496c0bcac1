import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../functions/api/http/http-error.ts';
import { filterOf, scoped } from '../../../functions/api/mem0/filters/filters.ts';
import type { FilterTarget } from '../../../shared/domain/memory/filter.ts';
import { matcherOf } from '../../../shared/domain/memory/filter-matcher.ts';

const at = Date.parse('2026-01-15T10:30:00Z');

const target = (changes: Partial<FilterTarget> = {}): FilterTarget => ({
  id: '01990000-0000-7000-8000-000000000001',
  text: 'Alice likes green Tea',
  entities: { user: 'alice', run: 'r1' },
  metadata: { source: 'chat', tags: ['a', 'b'], level: 3 },
  categories: ['Food', 'Hobbies'],
  createdAt: at,
  updatedAt: at,
  observedAt: at,
  ...changes,
});

const keeps = (filters: unknown, changes?: Partial<FilterTarget>): boolean =>
  matcherOf(filterOf(filters))(target(changes));

const refusalOf = (filters: unknown): string => {
  try {
    filterOf(filters);
  } catch (error) {
    if (error instanceof HttpError) return `${error.status} ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('the logic of filters', () => {
  it('a filter requires all keys of an object', () => {
    expect(keeps({ user_id: 'alice', run_id: 'r1' })).toBe(true);
    expect(keeps({ user_id: 'alice', run_id: 'r2' })).toBe(false);
  });

  it('a filter keeps an OR beside an AND', () => {
    const filters = { AND: [{ user_id: 'alice' }], OR: [{ run_id: 'r2' }, { run_id: 'r3' }] };

    expect(keeps(filters)).toBe(false);
    expect(keeps(filters, { entities: { user: 'alice', run: 'r3' } })).toBe(true);
  });

  it('a filter nests AND, OR and NOT', () => {
    const filters = {
      AND: [
        { user_id: 'alice' },
        { OR: [{ metadata: { source: 'mail' } }, { NOT: { categories: { in: ['work'] } } }] },
      ],
    };

    expect(keeps(filters)).toBe(true);
    expect(keeps(filters, { categories: ['work'] })).toBe(false);
  });

  it('a filter reads a NOT list as none of them and a NOT object as not all of it', () => {
    expect(keeps({ NOT: [{ user_id: 'bob' }, { run_id: 'r1' }] })).toBe(false);
    expect(keeps({ NOT: { user_id: 'alice', run_id: 'r2' } })).toBe(true);
  });
});

describe('entities in filters', () => {
  it('a filter accepts the camel-case names that clients send', () => {
    expect(keeps({ userId: 'alice', runId: { in: ['r1', 'r9'] } })).toBe(true);
    expect(keeps({ createdAt: { gte: '2026-01-01' } })).toBe(true);
  });

  it('a filter reads * as any id', () => {
    expect(keeps({ run_id: '*' })).toBe(true);
    expect(keeps({ agent_id: '*' })).toBe(false);
    expect(keeps({ agent_id: { ne: '*' } })).toBe(true);
  });

  it('a filter with ne matches memories without that entity', () => {
    expect(keeps({ agent_id: { ne: 'helper' } })).toBe(true);
    expect(keeps({ user_id: { ne: 'alice' } })).toBe(false);
  });

  it('a filter does not match another id', () => {
    expect(keeps({ user_id: { eq: 'Alice' } })).toBe(false);
  });
});

describe('times in filters', () => {
  it('a filter reads a date as the whole day', () => {
    expect(keeps({ created_at: '2026-01-15' })).toBe(true);
    expect(keeps({ created_at: { lte: '2026-01-15' } })).toBe(true);
    expect(keeps({ created_at: { gt: '2026-01-15' } })).toBe(false);
    expect(keeps({ created_at: { lt: '2026-01-15' } })).toBe(false);
    expect(keeps({ created_at: { ne: '2026-01-15' } })).toBe(false);
  });

  it('a filter accepts instants, zones and Unix seconds', () => {
    expect(keeps({ timestamp: at / 1000 })).toBe(true);
    expect(
      keeps({ updated_at: { gte: '2026-01-15T12:30:00+02:00', lte: '2026-01-15T10:30' } }),
    ).toBe(true);
    expect(keeps({ created_at: { in: ['2026-01-14', '2026-01-15'] } })).toBe(true);
  });

  it('a filter compares expiration dates by day', () => {
    expect(keeps({ expiration_date: { gte: '2030-01-01' } }, { expiresOn: '2030-01-01' })).toBe(
      true,
    );
    expect(keeps({ expiration_date: '*' })).toBe(false);
    expect(keeps({ expiration_date: '*' }, { expiresOn: '2030-01-01' })).toBe(true);
    expect(keeps({ expiration_date: { ne: '2030-01-01' } })).toBe(true);
  });
});

describe('content in filters', () => {
  it('a filter matches categories whole or in part, in any case', () => {
    expect(keeps({ categories: { in: ['food'] } })).toBe(true);
    expect(keeps({ categories: ['foo'] })).toBe(false);
    expect(keeps({ categories: { contains: 'HOBB' } })).toBe(true);
    expect(keeps({ categories: '*' }, { categories: [] })).toBe(false);
  });

  it('a filter compares metadata by key', () => {
    expect(keeps({ metadata: { source: 'chat', level: 3 } })).toBe(true);
    expect(keeps({ metadata: { level: '3' } })).toBe(false);
    expect(keeps({ metadata: { source: { ne: 'mail' }, missing: { ne: 'x' } } })).toBe(true);
    expect(keeps({ metadata: { tags: { contains: 'b' } } })).toBe(true);
    expect(keeps({ metadata: { level: { in: [1, 3] } } })).toBe(true);
  });

  it.each<[string, object, object]>([
    ['an object', { at: { lat: 1, lon: 2 } }, { at: { lon: 2, lat: 1 } }],
    ['eq', { at: { lat: 1, lon: 2 } }, { at: { eq: { lon: 2, lat: 1 } } }],
    ['in', { at: { lat: 1, lon: 2 } }, { at: { in: [7, { lon: 2, lat: 1 }] } }],
    ['contains', { at: [{ lat: 1, lon: 2 }] }, { at: { contains: { lon: 2, lat: 1 } } }],
    ['a list of objects', { at: [{ a: 1, b: [2] }] }, { at: [{ b: [2], a: 1 }] }],
    ['an object in an object', { at: { p: { x: 1, y: null } } }, { at: { p: { y: null, x: 1 } } }],
  ])('a filter compares objects whatever the order of their keys: %s', (_, metadata, wanted) => {
    expect(keeps({ metadata: wanted }, { metadata: JSON.parse(JSON.stringify(metadata)) })).toBe(
      true,
    );
  });

  it('a filter with ne and nin leaves out an equal object whatever the order of its keys', () => {
    const metadata = { at: { lat: 1, lon: 2 } };

    for (const wanted of [{ ne: { lon: 2, lat: 1 } }, { nin: [{ lon: 2, lat: 1 }] }])
      expect(keeps({ metadata: { at: wanted } }, { metadata })).toBe(false);
    expect(keeps({ metadata: { at: { ne: { lon: 2 } } } }, { metadata })).toBe(true);
    expect(keeps({ metadata: { other: { nin: ['a'] } } }, { metadata })).toBe(true);
  });

  it.each<[unknown, object, boolean]>([
    [3, { gte: 3 }, true],
    [3, { gt: 3 }, false],
    [3, { gt: 2.5, lt: 4 }, true],
    [10, { gt: 9 }, true],
    ['10', { gt: 9 }, false],
    [10, { gt: '9' }, false],
    ['2026-01-15', { gt: '2026-01-14' }, true],
    ['2026-01-15', { gt: '2026-01-15' }, false],
    ['2026-01-15', { lte: '2026-01-15' }, true],
    ['2026-01-15T10:00:00Z', { lte: '2026-01-15' }, true],
    ['2026-01-15T01:00:00+02:00', { lt: '2026-01-15' }, true],
    ['2026-01-15 10:00', { gte: '2026-01-15T10:00:00.000+0000' }, true],
    ['soon', { gt: '2026-01-15' }, true],
    ['beta', { gt: 'alpha', lte: 'beta' }, true],
    ['alpha', { gt: 'beta' }, false],
    [true, { gt: 0 }, false],
    [null, { lte: 0 }, false],
    [[5], { gt: 0 }, false],
    [undefined, { lt: 5 }, false],
  ])('the metadata %j compared with %j: %s', (stored, wanted, expected) => {
    const metadata = JSON.parse(JSON.stringify({ level: stored }));

    expect(keeps({ metadata: { level: wanted } }, { metadata })).toBe(expected);
  });

  it('a filter reads * as any value but null', () => {
    for (const value of [0, '', false, [], {}, '*']) {
      expect(keeps({ metadata: { source: '*' } }, { metadata: { source: value } })).toBe(true);
      expect(keeps({ metadata: { source: { ne: '*' } } }, { metadata: { source: value } })).toBe(
        false,
      );
    }
    for (const metadata of [{}, { source: null }]) {
      expect(keeps({ metadata: { source: '*' } }, { metadata })).toBe(false);
      expect(keeps({ metadata: { source: { ne: '*' } } }, { metadata })).toBe(true);
    }
    expect(keeps({ metadata: { source: { eq: '*' } } })).toBe(false);
  });

  it('a filter distinguishes keywords with and without case', () => {
    expect(keeps({ keywords: { contains: 'tea' } })).toBe(false);
    expect(keeps({ keywords: { icontains: 'tea' } })).toBe(true);
    expect(keeps({ text: 'GREEN' })).toBe(true);
  });

  it('a filter accepts memory ids as a list or with in', () => {
    const id = target().id;

    expect(keeps({ memory_ids: [id.toUpperCase()] })).toBe(true);
    expect(keeps({ memoryIds: { in: ['other'] } })).toBe(false);
  });
});

describe('invalid filters', () => {
  it.each([
    [{ nonsense: 1 }, "400 Top-level key must be a logical operator or an allowed field: ['AND'"],
    [{ toString: 1 }, '400 Top-level key'],
    [{ __proto__x: 1 }, '400 Top-level key'],
    [[], '400 filters must be an object.'],
    [{}, '400 filters must not be empty.'],
    [{ AND: {} }, '400 filters.AND must be a list.'],
    [{ OR: [] }, '400 filters.OR must not be an empty list.'],
    [{ AND: [{ OR: ['x'] }] }, '400 filters.AND[0].OR[0] must be an object.'],
    [{ user_id: '' }, '400 filters.user_id must not be blank.'],
    [
      { user_id: null },
      '400 filters.user_id must not be null: give a value, or an object with one',
    ],
    [{ user_id: true }, '400 filters.user_id must be a string.'],
    [{ user_id: { in: [] } }, '400 filters.user_id must not be an empty list.'],
    [{ user_id: { nin: ['a'] } }, '400 filters.user_id has no operator "nin"; it has eq, ne, in.'],
    [{ created_at: { '>=': '2026-01-01' } }, '400 filters.created_at has no operator ">="'],
    [{ created_at: 'yesterday' }, '400 filters.created_at must be an ISO 8601 date'],
    [{ created_at: '2026-02-31' }, '400 filters.created_at must be an ISO 8601 date'],
    [{ expiration_date: '2030' }, '400 filters.expiration_date must be a date'],
    [{ categories: { eq: 'food' } }, '400 filters.categories has no operator "eq"'],
    [{ metadata: 'x' }, '400 filters.metadata must be an object that is not empty.'],
    [
      { metadata: { level: { '>=': 2, gte: 2 } } },
      '400 filters.metadata.level has no operator ">="',
    ],
    [
      { metadata: { level: { gte: true } } },
      '400 filters.metadata.level must be compared with a number or a string.',
    ],
    [{ metadata: { level: { nin: 3 } } }, '400 filters.metadata.level must be a list.'],
    [{ keywords: { contains: '' } }, '400 filters.keywords must be a non-empty string.'],
    [{ memory_ids: [1] }, '400 filters.memory_ids must be a non-empty string.'],
  ])('the filter %j is rejected', (filters, sentence) => {
    expect(refusalOf(filters)).toContain(sentence);
  });

  it('a filter that is too large is rejected', () => {
    const ids = Array.from({ length: 101 }, (_, index) => `user-${index}`);
    const many = Array.from({ length: 50 }, () => ({
      categories: { in: ['a', 'b', 'c', 'd', 'e'] },
    }));

    expect(refusalOf({ user_id: { in: ids } })).toContain(
      '400 filters.user_id.in must not have more than 100 entries',
    );
    expect(refusalOf({ user_id: 'a', OR: many })).toContain(
      '400 filters must not have more than 200 conditions',
    );
  });

  it('a filter that restricts no entity is rejected', () => {
    const unscoped = [
      { created_at: { gte: '2026-01-01' } },
      { NOT: { user_id: 'alice' } },
      { user_id: { ne: 'alice' } },
      { OR: [{ user_id: 'alice' }, { categories: ['food'] }] },
    ];

    for (const filters of unscoped)
      expect(() => scoped([filterOf(filters)])).toThrow(
        'filters must restrict the memories to an entity',
      );
    expect(scoped([filterOf({ AND: [{ categories: ['food'] }, { app_id: '*' }] })])).toBeDefined();
  });
});
