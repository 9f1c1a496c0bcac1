import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import { hostileTexts, ideographs, list, long, times } from './hostile-values.ts';
import { everyKind } from './seed.ts';

const user = 'full';

const nestedJson = (depth: number): Json => (depth === 0 ? 'x' : { a: nestedJson(depth - 1) });

const nestedAnd = (depth: number): Json =>
  depth === 0 ? { user_id: user } : { AND: [nestedAnd(depth - 1)] };

/** Text to find that is expensive to find in a text of one repeated character. */
const needle = (character: string, length: number, n: number): string =>
  `${character.repeat(n % length)}b${character.repeat(length - 1 - (n % length))}`;

/** The same memories in the listings of four entities. */
const ofEveryKind = everyKind('everywhere');

/** As many conditions as a filter may have, in two lists. */
const many = (condition: (n: number) => Json): { [name: string]: Json } => ({
  user_id: user,
  OR: list(95, condition),
  NOT: list(95, (n) => condition(n + 95)),
});

/** Filters near or beyond the limits. */
const filters: readonly Json[] = [
  { user_id: user, keywords: long(900_000) },
  { user_id: user, keywords: { icontains: long(49_000) } },
  { user_id: user, OR: list(400, (n) => ({ keywords: { icontains: `${n}${long(2_000)}` } })) },
  { user_id: user, OR: list(400, (n) => ({ keywords: { icontains: `${times(' ', 60)}${n}` } })) },
  { user_id: user, OR: list(900, (n) => ({ keywords: { contains: `e${n}` } })) },
  { user_id: user, memory_ids: list(22_000, (n) => `01a224a7-c0a4-7005-8de6-${1e11 + n}`) },
  { user_id: user, memory_ids: list(1_000, () => '{{memory}}') },
  { user_id: { in: list(900, (n) => `user-${n}`) } },
  { OR: list(30, (n) => ({ user_id: n === 0 ? user : `user-${n}` })), run_id: '*' },
  everyKind('*'),
  { user_id: user, metadata: { deep: { contains: long(30_000) } } },
  {
    user_id: user,
    OR: list(400, (n) => ({ metadata: { text: { contains: `${times('x ', 900)}${n}` } } })),
  },
  { user_id: user, OR: list(400, (n) => ({ metadata: { deep: { eq: { a: n } } } })) },
  { user_id: user, categories: { in: list(900, (n) => `category ${n}`) } },
  { user_id: user, created_at: { in: list(300, (n) => n) } },
  { user_id: user, NOT: list(300, (n) => ({ run_id: `run-${n}` })) },
  nestedAnd(18),
  nestedAnd(8),
  { user_id: user, OR: list(99, (n) => ({ keywords: { icontains: `${n}${long(990)}` } })) },
  many((n) => ({ text: { contains: needle('x', 999, n) } })),
  many((n) => ({ metadata: { text: { contains: needle('x', 999, n) } } })),
  // Within the limits, at their maximum.
  many((n) => ({ text: { contains: needle('x', 250, n) } })),
  many((n) => ({ text: { icontains: `xxxxx${n}` } })),
  many((n) => ({ metadata: { text: { contains: needle('x ', 120, n) } } })),
  many((n) => ({ metadata: { text: { contains: `x x${n}` } } })),
  many((n) => ({ metadata: { wide: { contains: `xxx${n}` } } })),
  many((n) => ({ categories: { contains: needle('x', 250, n) } })),
  ofEveryKind,
  { user_id: 'everywhere' },
  { user_id: user, OR: list(99, (n) => ({ keywords: { icontains: `${n}${long(240)}` } })) },
  { user_id: user, OR: list(99, (n) => ({ keywords: { icontains: `${times(' ', 240)}${n}` } })) },
  { user_id: user, OR: list(99, (n) => ({ text: { contains: `${times('x ', 240)}${n}` } })) },
  { user_id: user, OR: list(99, (n) => ({ metadata: { text: { contains: `${n}xx` } } })) },
  { user_id: user, metadata: { text: { in: list(99, (n) => `${times('x ', 900)}${n}`) } } },
  { user_id: user, metadata: { deep: { in: list(99, () => nestedJson(20)) } } },
  { user_id: user, OR: list(99, (n) => ({ metadata: { deep: { eq: nestedJson(n % 30) } } })) },
  { user_id: user, categories: { in: list(99, (n) => times(`c${n}`, 990)) } },
  { OR: list(50, (n) => ({ user_id: n === 0 ? user : `victim-${n}` })) },
  { OR: [{ user_id: user }, { user_id: 'spare' }, { agent_id: '*' }] },
  { user_id: user, NOT: list(99, (n) => ({ keywords: times(`no${n}`, 240) })) },
  { user_id: user, memory_ids: list(1_000, (n) => times(`${n}`, 900)) },
];

const queries: readonly string[] = [
  ideographs,
  'what does the user like?',
  ...hostileTexts.filter((_, index) => index % 9 === 0),
  list(9_000, (n) => `w${n}`).join(' '),
  times('tea Fact likes kind ', 49_000),
];

/** Searches near or beyond the limits. */
export const hostileSearches = (route: string): Example[] => [
  ...[{ user_id: 'everywhere' }, ofEveryKind].map((filter) => ({
    route,
    body: { query: ideographs, top_k: 1_000, filters: filter },
  })),
  ...filters.map((filter) => ({ route, body: { query: 'tea', top_k: 1_000, filters: filter } })),
  ...queries.map((query) => ({
    route,
    body: { query, top_k: 1_000, threshold: 0, filters: { user_id: user } },
  })),
  {
    route,
    body: { query: 'tea', filters: { user_id: user }, fields: list(100_000, (n) => `f${n}`) },
  },
  {
    route,
    body: { query: 'tea', filters: { user_id: user }, categories: list(90_000, (n) => `c${n}`) },
  },
];

/** Lists near or beyond the limits. */
export const hostileLists = (route: string): Example[] => [
  ...filters.map((filter) => ({ route, body: { page_size: 200, filters: filter } })),
  ...list(5, (page) => ({
    route,
    body: { page: page + 1, page_size: 200, filters: { user_id: user } },
  })),
];
