import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { cpuOf } from '../support/cpu-of.ts';
import { type Client, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await openService();
  client = await service.clientOf('default', ['read', 'write', 'admin']);
});
afterAll(() => service.close());

const adds = ['/v1/turns', '/v3/memories/add/', '/v1/memories/'];
const bodies = [
  ...adds.map((path) => `POST ${path}`),
  'POST /v3/memories/search/',
  'POST /v2/memories/search/',
  'POST /v1/memories/search/',
  'POST /v3/memories/',
  'POST /v2/memories/',
  'PUT /v1/batch/',
  'DELETE /v1/batch/',
  'PUT /v1/memories/01990000-0000-7000-8000-000000000000/',
  'POST /v1/endpoints',
  'PATCH /v1/endpoints/whe_00000000000000000000000000000000',
  'POST /v1/endpoints/whe_00000000000000000000000000000000/recover',
  'POST /v1/endpoints/whe_00000000000000000000000000000000/secret/rotate',
  'POST /api/v1/webhooks/projects/default/',
  'PUT /api/v1/webhooks/whe_00000000000000000000000000000000/',
];

const megabyte = 1_048_576;
/** Repeats a piece in a body of at most a megabyte. */
const filled = (start: string, piece: string, end: string): string =>
  start + piece.repeat(Math.floor((megabyte - start.length - end.length) / piece.length)) + end;

const hostile: readonly (readonly [string, string])[] = [
  ['zeros', filled('[', '0,', '0]')],
  ['empty objects', filled('{"messages":[', '{},', '{}]}')],
  ['brackets', `{"filters":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
  ['braces', `{"filters":${'{"AND":'.repeat(140_000)}1`],
  ['keys', `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":0`).join()}}`],
  ['quotes', filled('{"query":"', '\\"', '"}')],
  ['backslashes', filled('{"query":"', '\\\\', '"}')],
  ['strings', filled('{"memories":[', '"",', '""]}')],
  ['as many zeros as there may be', `{"messages":[${'0,'.repeat(49_000)}0]}`],
  ['as many objects as there may be', `{"memories":[${'{},'.repeat(24_000)}{}]}`],
  [
    'names',
    JSON.stringify({ fields: Array.from({ length: 49_000 }, (_, i) => `f${i}`), query: 'a' }),
  ],
  ['commas', JSON.stringify({ fields: ','.repeat(1_000_000), query: 'a' })],
  [
    'as many keys as there may be',
    JSON.stringify({
      metadata: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, [[[i]]]])),
      filters: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i])),
    }),
  ],
];

describe.each(bodies)('%s', (request) => {
  it.each(hostile)(
    'a body of a megabyte of %s is rejected within 100 ms of CPU',
    async (_, body) => {
      const { answer, ms } = await cpuOf(() => client(request, { body }));

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.code).toEqual(expect.any(String));
      expect(ms).toBeLessThan(100);
    },
  );

  it('a body above the limit is rejected, with Content-Length or without', async () => {
    const largest = adds.some((path) => request.endsWith(path))
      ? limits.attachedBodyBytes
      : limits.bodyBytes;
    const body = JSON.stringify(say('x'.repeat(largest)));

    const [declared, counted] = [
      await client(request, { body, headers: { 'content-length': `${body.length}` } }),
      await client(request, { body }),
    ];

    const detail = `The body is larger than ${largest / megabyte} MB.`;
    for (const answer of [declared, counted])
      expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large', detail } });
  });
});

describe('a body with attachments', () => {
  const image = (bytes: number) => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${'A'.repeat(bytes)}` },
  });
  const asked = (content: unknown[], rest: object = {}) => ({
    messages: [{ role: 'user', content }],
    user_id: 'alice',
    ...rest,
  });

  it.each(adds)('POST %s accepts a body that is larger by its attachments alone', async (path) => {
    const [attached, textual, linked] = [
      await client(`POST ${path}`, { body: asked([image(2_000_000)]) }),
      await client(`POST ${path}`, {
        body: asked([image(1_000_000)], { note: 'x'.repeat(1_100_000) }),
      }),
      await client(`POST ${path}`, {
        body: asked([{ type: 'pdf_url', pdf_url: `https://a.test/${'x'.repeat(1_100_000)}` }]),
      }),
    ];

    expect(attached.status).toBeLessThan(300);
    for (const answer of [textual, linked])
      expect(answer).toMatchObject({
        status: 413,
        body: {
          code: 'body_too_large',
          detail: 'The body is larger than 1 MB without its attachments.',
        },
      });
  });

  it('a body with attachments takes less than 100 ms of CPU, whatever it contains', async () => {
    const escaped = `{"user_id":"a","messages":[{"role":"user","content":[{"type":"image_url","image_url":"data:${'\\ud83d'.repeat(800_000)}"}]}]}`;

    const { ms: largest } = await cpuOf(() =>
      client('POST /v1/turns', { body: asked([image(5_000_000)]) }),
    );
    const { ms: broken } = await cpuOf(() => client('POST /v1/turns', { body: escaped }));

    expect(Math.max(largest, broken)).toBeLessThan(100);
  });
});

describe('limits of single fields', () => {
  const part = { type: 'text', text: 'tea' };
  const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
  const search = (rest: object) => ({ query: 'tea', filters: { user_id: 'alice' }, ...rest });
  const filtered = (filter: object) => search({ filters: { AND: [{ user_id: 'alice' }, filter] } });
  const nested = (levels: number): object =>
    levels === 0 ? { categories: 'a' } : { NOT: nested(levels - 1) };

  it.each([
    [
      '/v1/turns',
      'messages',
      (n: number) => ({ ...say('x'), messages: many(n, say('x').messages[0]) }),
      limits.messages,
    ],
    [
      '/v3/memories/add',
      'messages[0].content',
      (n: number) => ({ user_id: 'a', messages: [{ role: 'user', content: many(n, part) }] }),
      limits.contentParts,
    ],
    [
      '/v3/memories/add',
      'custom_categories',
      (n: number) => ({ ...say('x'), custom_categories: many(n, { food: 'eaten' }) }),
      limits.customCategories,
    ],
    [
      '/v3/memories/add',
      'custom_instructions',
      (n: number) => ({ ...say('x'), custom_instructions: 'x'.repeat(n) }),
      limits.instructionsLength,
    ],
    [
      '/v3/memories/add',
      'includes',
      (n: number) => ({ ...say('x'), includes: '!'.repeat(n) }),
      limits.includesLength,
    ],
    [
      '/v3/memories/add',
      'deduced_memories',
      (n: number) => ({ ...say('x'), infer: false, deduced_memories: many(n, 'tea') }),
      limits.deducedMemories,
    ],
    [
      '/v3/memories/add',
      'metadata',
      (n: number) => ({
        ...say('x'),
        metadata: Object.fromEntries(many(n, 0).map((_, i) => [`k${i}`, i])),
      }),
      limits.objectKeys,
    ],
    ['/v1/keys', 'permissions', (n: number) => ({ permissions: many(n, 'read') }), 3],
    [
      '/v3/memories/search',
      'fields',
      (n: number) => search({ fields: many(n, 'memory') }),
      limits.fields,
    ],
    [
      '/v3/memories/search',
      'fields',
      (n: number) => search({ fields: many(n, 'memory').join() }),
      limits.fields,
    ],
    [
      '/v3/memories/search',
      'filters.AND.categories.in',
      (n: number) => filtered({ categories: { in: many(n, 'a') } }),
      limits.filterListLength,
    ],
    [
      '/v3/memories/search',
      'filters.AND.memory_ids',
      (n: number) => filtered({ memory_ids: many(n, 'a') }),
      limits.filterIds,
    ],
    [
      '/v3/memories/search',
      'filters.AND[1].text',
      (n: number) => filtered({ text: { icontains: 'x'.repeat(n) } }),
      limits.filterPartLength,
    ],
    [
      '/v3/memories/search',
      'filters.AND.metadata.k',
      (n: number) => filtered({ metadata: { k: 'x'.repeat(n) } }),
      limits.filterOperandLength,
    ],
    [
      '/v3/memories/search',
      'keywords',
      (n: number) => search({ keywords: 'x'.repeat(n) }),
      limits.filterPartLength,
    ],
    ['/v3/memories/search', 'filters', (n: number) => filtered(nested(n - 1)), limits.filterDepth],
    [
      '/v3/memories/search',
      'filters',
      (n: number) =>
        filtered({
          OR: many(50, {
            metadata: Object.fromEntries(many(n / 50, 0).map((_, i) => [`k${i}`, i])),
          }),
        }),
      150,
    ],
    [
      '/v3/memories/search',
      'filters',
      (n: number) => search({ filters: { user_id: { in: many(n, 'a').map((_, i) => `u${i}`) } } }),
      limits.filterOwners,
    ],
  ])(
    'POST %s: %s is accepted up to its limit and rejected above',
    async (path, field, bodyOf, max) => {
      const beyond = field === 'filters' && max === 150 ? 250 : max + 1;

      const [allowed, refused] = [
        await client(`POST ${path}`, { body: bodyOf(max) }),
        await client(`POST ${path}`, { body: bodyOf(beyond) }),
      ];

      expect(allowed.body).not.toHaveProperty('code');
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', field } });
      expect(refused.body.detail).toMatch(/^\S+ .*\d.*\.$/);
    },
  );

  it('a path with a query string above the limits is rejected', async () => {
    const [long, many] = [
      await client(`GET /v1/events?x=${'y'.repeat(limits.targetLength)}`),
      await client(`GET /v1/events?${'a=1&'.repeat(limits.queryParameters)}b=1`),
    ];

    expect(long).toMatchObject({ status: 414, body: { code: 'uri_too_long' } });
    expect(many).toMatchObject({ status: 400, body: { code: 'too_many_parameters' } });
  });
});
