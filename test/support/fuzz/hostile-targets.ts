import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import { hostileLists, hostileSearches } from './hostile-reads.ts';
import { hostileTexts, list, long, times } from './hostile-values.ts';

const user = 'full';

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
      custom_categories: list(100, (n) => ({ [`category ${n}`]: times('tea ', 140) })),
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
  ...hostileSearches('POST /v3/memories/search'),
  ...hostileLists('POST /v3/memories'),
  ...turns('POST /v1/turns'),
  ...adds('POST /v3/memories/add'),
  ...updates,
  ...batches,
  ...endpoints,
];
