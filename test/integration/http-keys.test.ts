import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

describe('keys', () => {
  it.each(['Token', 'Bearer', 'token', 'bearer'])('an API key is read after %s', async (scheme) => {
    const authorization = `${scheme} ${await service.keyOf()}`;

    expect((await service.send('GET /v1/ping/', { headers: { authorization } })).status).toBe(200);
  });

  it.each([
    ['missing', {}, 'Authentication credentials were not provided'],
    ['of another scheme', { authorization: 'Basic abc' }, 'The Authorization header must be'],
    ['without a scheme', { authorization: 'm0-abc' }, 'The Authorization header must be'],
    ['empty', { authorization: 'Token ' }, 'The Authorization header must be'],
    ['unknown', { authorization: 'Token ts_0123456789abcdef_wrong' }, 'Invalid API key.'],
  ])('a request with a key that is %s is answered with 401', async (_, headers, sentence) => {
    const answer = await service.send('GET /v1/ping/', { headers });

    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining(sentence),
    });
  });

  it('an API key is checked before the body is read', async () => {
    expect((await service.send('POST /v1/turns', { body: '{' })).status).toBe(401);
  });
});

describe('permissions', () => {
  const reads = [
    'POST /v3/memories/search/',
    'POST /v3/memories/',
    'GET /v1/memories/?user_id=alice',
    'GET /v1/events/',
  ];
  const writes = [
    'POST /v1/turns',
    'POST /v3/memories/add/',
    'POST /v1/memories/',
    'DELETE /v1/memories/?user_id=alice',
    'PUT /v1/batch/',
    'DELETE /v1/batch/',
    'POST /v1/events/01990000-0000-7000-8000-000000000000/cancel',
  ];
  const body = { ...say('hello'), query: 'hello', filters: { user_id: 'alice' } };
  const statusOf = async (client: Client, request: string) => {
    const { user_id: _, ...search } = body;
    const call = request.includes('/v3/memories/') && !request.includes('add') ? search : body;
    return (await client(request, request.startsWith('GET') ? {} : { body: call })).status;
  };

  it('the read permission does not allow writes', async () => {
    const reader = await service.clientOf('default', ['read']);

    for (const request of reads)
      expect([request, await statusOf(reader, request)]).toEqual([request, 200]);
    for (const request of writes)
      expect([request, await statusOf(reader, request)]).toEqual([request, 403]);
  });

  it('the write permission does not allow reads', async () => {
    const writer = await service.clientOf('default', ['write']);

    for (const request of reads)
      expect([request, await statusOf(writer, request)]).toEqual([request, 403]);
    expect(await statusOf(writer, 'POST /v1/turns')).toBe(202);
    expect(await statusOf(writer, 'GET /v1/ping/')).toBe(200);
  });
});

describe('isolation of tenants', () => {
  it('tenants see, change and delete nothing of each other', async () => {
    const [mine, theirs] = [await service.clientOf('mine'), await service.clientOf('theirs')];
    const added = await mine('POST /v3/memories/add/', {
      body: { ...say('I like tea'), infer: false },
    });
    const [memory] = added.body.results;
    const filters = { user_id: 'alice' };

    const seen = await Promise.all([
      theirs('POST /v3/memories/search/', { body: { query: 'tea', filters } }),
      theirs('POST /v3/memories/', { body: { filters } }),
      theirs('GET /v1/events/'),
    ]);
    const touched = await Promise.all([
      theirs(`GET /v1/memories/${memory.id}/`),
      theirs(`GET /v1/memories/${memory.id}/history/`),
      theirs(`PUT /v1/memories/${memory.id}/`, { body: { text: 'I like coffee' } }),
      theirs(`DELETE /v1/memories/${memory.id}/`),
      theirs(`GET /v1/event/${added.body.event_id}/`),
      theirs(`POST /v1/events/${added.body.event_id}/cancel`),
    ]);
    const wiped = await theirs('DELETE /v1/memories/?user_id=alice');
    await finalEvent(theirs, wiped.body.event_id);

    expect(seen.map(({ body }) => body.results)).toEqual([[], [], []]);
    expect(touched.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await mine(`GET /v1/memories/${memory.id}/`)).body.memory).toBe(memory.memory);
  });

  it('equal requests of two tenants are not merged', async () => {
    const [mine, theirs] = [await service.clientOf('mine'), await service.clientOf('theirs')];
    const call = { body: say('The very same'), headers: { 'idempotency-key': 'same' } };

    const [first, second] = [
      await mine('POST /v1/turns', call),
      await theirs('POST /v1/turns', call),
    ];

    expect(second.body.event_id).not.toBe(first.body.event_id);
    expect(second.body.replayed).toBeUndefined();
  });
});
