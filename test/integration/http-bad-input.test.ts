import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const user = { role: 'user', content: 'I like tea' };
const unknownId = '01990000-0000-7000-8000-000000000000';
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe.each(['/v1/turns', '/v3/memories/add/', '/v1/memories/'])('POST %s', (path) => {
  it.each([
    ['no messages', { user_id: 'a' }, 'messages', 'messages is required.'],
    ['empty messages', { messages: [], user_id: 'a' }, 'messages', 'messages must not be empty.'],
    [
      'blank messages',
      { messages: [{ role: 'user', content: '  ' }], user_id: 'a' },
      'messages',
      'messages must have some content.',
    ],
    [
      'messages that are not an array',
      { messages: 'I like tea', user_id: 'a' },
      'messages',
      'messages must be an array.',
    ],
    [
      'a message that is no object',
      { messages: [5], user_id: 'a' },
      'messages[0]',
      'messages[0] must be an object.',
    ],
    [
      'an unknown role',
      { messages: [{ role: 'narrator', content: 'x' }], user_id: 'a' },
      'messages[0].role',
      'messages[0].role must be one of "user", "human", "assistant", "ai", "model", "system", "developer", "tool", "function".',
    ],
    [
      'a part that is no object',
      { messages: [{ role: 'user', content: [7] }], user_id: 'a' },
      'messages[0].content[0]',
      'messages[0].content[0] must be an object.',
    ],
    [
      'no entity',
      { messages: [user] },
      'user_id',
      'At least one entity ID is required (user_id, agent_id, app_id, or run_id).',
    ],
    [
      'an id that is no string',
      { messages: [user], user_id: true },
      'user_id',
      'user_id must be a string.',
    ],
    [
      'an id with decimals',
      { messages: [user], user_id: 7.5 },
      'user_id',
      'user_id must be a string.',
    ],
    [
      'an integer id that JSON readers round',
      { messages: [user], user_id: 2 ** 60 },
      'user_id',
      'user_id must be a string: a number of more than 15 digits is not exact in JSON.',
    ],
    [
      'a year as its time',
      { ...say('x'), timestamp: '2024' },
      'timestamp',
      'timestamp must be Unix seconds or an ISO 8601 date and time.',
    ],
    [
      'a blank id',
      { messages: [user], user_id: ' ', run_id: 'r' },
      'user_id',
      'user_id must not be blank.',
    ],
    [
      'an id for any',
      { messages: [user], agent_id: '*' },
      'agent_id',
      'agent_id must not be "*", which stands for any id.',
    ],
    [
      'an endless id',
      { messages: [user], user_id: 'x'.repeat(257) },
      'user_id',
      'user_id must be at most 256 characters long.',
    ],
    [
      'a control character in an id',
      { messages: [user], user_id: 'a\nb' },
      'user_id',
      'user_id must not contain control or broken characters.',
    ],
    [
      'half a character in an id',
      `{"messages":[{"role":"user","content":"x"}],"user_id":"a\\ud83d"}`,
      'user_id',
      'user_id must not contain control or broken characters.',
    ],
    [
      'metadata that is no object',
      { ...say('x'), metadata: ['a'] },
      'metadata',
      'metadata must be an object.',
    ],
    [
      'metadata nested deeper than 32 levels',
      `{"messages":[{"role":"user","content":"x"}],"user_id":"a","metadata":${nested(33)}}`,
      'metadata',
      'metadata must not be nested deeper than 32 levels.',
    ],
    [
      'metadata larger than 32 kB',
      { ...say('x'), metadata: { a: 'x'.repeat(32_000) } },
      'metadata',
      'metadata must not be larger than 32 kB.',
    ],
    [
      'a time in milliseconds',
      { ...say('x'), timestamp: 1_700_000_000_000 },
      'timestamp',
      'timestamp must be Unix seconds or an ISO 8601 date and time.',
    ],
    [
      'a null character',
      { messages: [{ role: 'user', content: 'a\u0000b' }], user_id: 'a' },
      'messages[0].content',
      'messages[0].content must not contain a null character.',
    ],
    [
      'a number out of range',
      `{"messages":[{"role":"user","content":"x"}],"user_id":"a","metadata":{"n":1e999}}`,
      'metadata.n',
      'metadata.n is a number out of range.',
    ],
  ])('an add with %s is rejected in one sentence', async (_, body, field, sentence) => {
    const answer = await service.client(`POST ${path}`, { body });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      code: 'invalid_request',
      detail: sentence,
      error: sentence,
      message: sentence,
      field,
    });
  });

  it.each([
    ['nothing', '', 'The body is empty; it must be a JSON object.'],
    ['half an object', '{"messages":', 'The body is not valid JSON.'],
    ['a list', '[]', 'The body must be a JSON object.'],
    ['null', 'null', 'The body must be a JSON object.'],
  ])('an add with %s as its body is rejected', async (_, body, sentence) => {
    const answer = await service.client(`POST ${path}`, { body });

    expect(answer).toMatchObject({ status: 400, body: { detail: sentence } });
  });

  it('an add with a hundred thousand brackets is rejected', async () => {
    const body = `{"messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

    const answer = await service.client(`POST ${path}`, { body });

    expect(answer).toMatchObject({
      status: 400,
      body: { detail: 'The body is nested deeper than 40 levels.', field: 'messages' },
    });
  });

  it('an add with bytes that are not UTF-8 is rejected', async () => {
    const authorized = await service.app.request(`http://service.test${path}`, {
      method: 'POST',
      headers: { authorization: `Token ${await service.keyOf()}` },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });

    expect(authorized.status).toBe(400);
    expect(await authorized.json()).toMatchObject({ detail: 'The body is not valid UTF-8.' });
  });

  it('a turn that is too large to store is rejected, with a sentence that says so', async () => {
    const answer = await service.client(`POST ${path}`, { body: say('x'.repeat(500_000)) });

    expect(answer).toMatchObject({
      status: 413,
      body: { code: 'turn_too_large', field: 'messages' },
    });
  });
});

describe.each(['/v3/memories/add/', '/v1/memories/'])(
  'an add of verbatim texts with much metadata at %s',
  (path) => {
    const add = (texts: readonly string[], metadataBytes: number) =>
      service.client(`POST ${path}`, {
        body: {
          ...say('x'),
          infer: false,
          metadata: { m: 'x'.repeat(metadataBytes) },
          deduced_memories: texts,
        },
      });

    it.each([
      ['many texts', Array.from({ length: 500 }, (_, n) => `fact ${n}`), 6_400],
      ['few texts', Array.from({ length: 101 }, (_, n) => `fact ${n}`), 31_900],
    ])(
      'an add is rejected if %s have more than 3.2 MB of metadata together',
      async (_, texts, bytes) => {
        expect(await add(texts, bytes)).toMatchObject({
          status: 413,
          body: { code: 'turn_too_large', field: 'metadata' },
        });
      },
    );

    it('an add with the most metadata is accepted', async () => {
      const answer = await add(
        Array.from({ length: 500 }, (_, n) => `fact ${n}`),
        6_380,
      );

      expect(answer.status).toBe(200);
    });
  },
);

describe('ids', () => {
  it.each([
    'GET /v1/memories/not-a-uuid/',
    'PUT /v1/memories/not-a-uuid/',
    'DELETE /v1/memories/not-a-uuid/',
    'GET /v1/memories/not-a-uuid/history/',
    'GET /v1/event/not-a-uuid/',
    'GET /v1/events/not-a-uuid',
    'POST /v1/events/not-a-uuid/retry',
    'POST /v1/events/not-a-uuid/cancel',
  ])('an invalid id in %s is answered with 400', async (request) => {
    const answer = await service.client(request, request.startsWith('PUT') ? { body: {} } : {});

    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(/^(memory|event)_id should be a valid UUID$/);
  });

  it.each([
    `GET /v1/memories/${unknownId}/`,
    `PUT /v1/memories/${unknownId}/`,
    `DELETE /v1/memories/${unknownId}/`,
    `GET /v1/memories/${unknownId}/history/`,
    `GET /v1/event/${unknownId}/`,
    `GET /v1/events/${unknownId}`,
    `GET /v1/events/${unknownId}?wait=1`,
    `POST /v1/events/${unknownId}/retry`,
    `POST /v1/events/${unknownId}/cancel`,
  ])('an unknown id in %s is answered with 404', async (request) => {
    const call = request.startsWith('PUT') ? { body: { text: 'x' } } : {};

    const answer = await service.client(request, call);

    expect(answer.status).toBe(404);
    expect(answer.body.error).toBe(
      request.includes('/event')
        ? "Event not found or you don't have permission to access it."
        : 'Memory not found!',
    );
  });
});
