import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import { hostileTexts, ideographs, times } from './hostile-values.ts';
import { everyKind } from './seed.ts';

const user = 'full';
const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

const long = (characters: number): string => times('x', characters);

const nestedJson = (depth: number): Json => (depth === 0 ? 'x' : { a: nestedJson(depth - 1) });

const nestedAnd = (depth: number): Json =>
  depth === 0 ? { user_id: user } : { AND: [nestedAnd(depth - 1)] };

/** Text to find that is expensive to find in a text of one repeated letter. */
const needle = (letter: string, length: number, n: number): string =>
  `${letter.repeat(n % length)}b${letter.repeat(length - 1 - (n % length))}`;

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

const searches = (route: string): Example[] => [
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

const lists = (route: string): Example[] => [
  ...filters.map((filter) => ({ route, body: { page_size: 200, filters: filter } })),
  ...list(5, (page) => ({
    route,
    body: { page: page + 1, page_size: 200, filters: { user_id: user } },
  })),
];

const turnOf = (...contents: string[]): { [name: string]: Json } => ({
  messages: contents.map((content) => ({ role: 'user', content })),
  user_id: user,
  dedupe: false,
});

/** New user per request, so that the seeded user keeps a thousand memories. */
const newUser = { user_id: 'new-{{unique}}', dedupe: false };
const newUserTurn = (...contents: string[]): { [name: string]: Json } => ({
  ...turnOf(...contents),
  ...newUser,
});

const turns = (route: string): Example[] => [
  ...hostileTexts
    .filter((_, index) => index % 6 === 0)
    .map((text) => ({ route, body: turnOf(`I like tea. ${text}`) })),
  ...hostileTexts
    .filter((_, index) => index % 18 === 1)
    .map((text) => ({ route, body: turnOf(...list(4, () => text)) })),
  { route, body: turnOf(...list(4, () => `привет${times(',', 19_000)}я`)) },
  { route, body: newUserTurn(...list(500, (n) => `I like tea ${n}. ${times('x, ', 450)}`)) },
  {
    route,
    body: newUserTurn(...list(499, (n) => `My friend Anna${n} likes the city number ${n}.`)),
  },
  { route, body: newUserTurn(...list(4_600, (n) => `I like tea ${n}.`)) },
  { route, body: newUserTurn(...list(3_000, (n) => `My friend ${n} likes it.`)) },
  { route, body: newUserTurn(list(2_000, (n) => `I like the city number ${n}`).join('. ')) },
  { route, body: newUserTurn(list(2_000, (n) => `my sister A${n} is a doctor`).join(', ')) },
  { route, body: { ...shortTurn, ...longOption('includes') } },
];

const shortTurn = {
  messages: [{ role: 'user', content: 'I like tea.' }],
  user_id: user,
  dedupe: false,
};
const longOption = (name: string): { [name: string]: Json } => ({
  [name]: `${times('!', 99_000)}x`,
});

const adds = (route: string): Example[] => [
  ...['includes', 'excludes', 'custom_instructions'].map((name) => ({
    route,
    body: { ...shortTurn, ...longOption(name) },
  })),
  {
    route,
    body: {
      ...shortTurn,
      custom_categories: list(9_000, (n) => ({ [`category ${n}`]: 'x' })),
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      user_id: 'subscribed',
      infer: false,
      messages: list(500, (n) => ({ role: 'user', content: `${n} ${long(400)}` })),
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      ...newUser,
      infer: false,
      messages: [{ role: 'user', content: list(20_000, (n) => `word${n}`).join(' ') }],
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      ...newUser,
      infer: false,
      deduced_memories: list(4, (n) => hostileTexts[n * 7] ?? 'x'),
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      ...newUser,
      infer: false,
      metadata: { text: times('x ', 31_000) },
      deduced_memories: list(100, (n) => `${n} ${long(400)}`),
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      ...newUser,
      infer: false,
      metadata: { text: times('x ', 31_000) },
      deduced_memories: list(500, (n) => `fact ${n}`),
    },
  },
  {
    route,
    body: {
      ...shortTurn,
      includes: times('!', 1_999),
      excludes: times('tea, ', 1_999),
      custom_instructions: times('a, ', 19_999),
      custom_categories: list(100, (n) => ({ [`category ${n}`]: times('tea ', 900) })),
    },
  },
  {
    route,
    body: {
      ...newUser,
      messages: list(100, (n) => ({
        role: 'user',
        content: list(99, (part) => ({ type: 'text', text: `I like number ${part} of ${n}.` })),
      })),
    },
  },
  {
    route,
    body: {
      ...newUser,
      messages: list(4, () => ({
        role: 'user',
        content: list(99, () => ({ type: 'image_url', image_url: `data:,${long(10_000)}` })),
      })),
    },
  },
  {
    route,
    body: {
      ...newUser,
      messages: [
        { role: 'user', content: list(20_000, (n) => ({ type: 'text', text: `part ${n}` })) },
      ],
    },
  },
  {
    route,
    body: {
      ...newUser,
      messages: [
        {
          role: 'user',
          content: list(9_000, (n) => ({ type: 'image_url', image_url: `https://a.test/${n}` })),
        },
      ],
    },
  },
];

const updates: readonly Example[] = hostileTexts
  .filter((_, index) => index % 5 === 1)
  .map((text) => ({
    route: 'PUT /v1/memories/:id',
    path: '/v1/memories/{{memory}}',
    body: { text },
  }));

const batches: readonly Example[] = [
  {
    route: 'PUT /v1/batch',
    body: {
      memories: list(1_000, (n) => ({ memory_id: '{{memory}}', text: `${n} ${long(700)}` })),
    },
  },
  {
    route: 'PUT /v1/batch',
    body: {
      memories: hostileTexts.slice(0, 14).map((text) => ({ memory_id: '{{memory}}', text })),
    },
  },
  {
    route: 'DELETE /v1/batch',
    body: { memories: list(100, () => ({ memory_id: '{{spare}}' })) },
  },
];

const endpointBody = { url: '{{url}}', event_types: ['endpoint.disabled'] };

const endpoints: readonly Example[] = [
  {
    route: 'POST /v1/endpoints',
    body: { ...endpointBody, headers: Object.fromEntries(list(40_000, (n) => [`x-${n}`, 'a'])) },
  },
  {
    route: 'POST /v1/endpoints',
    body: { ...endpointBody, url: `http://127.0.0.1:1/${times('%2F', 1_900)}` },
  },
  { route: 'POST /v1/endpoints', body: { ...endpointBody, url: `http://${times('a.', 900_000)}` } },
  { route: 'POST /v1/endpoints', body: { ...endpointBody, event_types: list(50, () => '*') } },
  { route: 'POST /v1/endpoints', body: { ...endpointBody, secret: `whsec_${long(900_000)}` } },
];

/** Requests that target the algorithms of a route with inputs of the largest size. */
export const targetedExamples: readonly Example[] = [
  ...searches('POST /v3/memories/search'),
  ...lists('POST /v3/memories'),
  ...turns('POST /v1/turns'),
  ...adds('POST /v3/memories/add'),
  ...updates,
  ...batches,
  ...endpoints,
];
