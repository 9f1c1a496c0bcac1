import { afterEach, describe, expect, it } from 'vitest';
import type { Rates } from '../../../functions/api/access/rate-limits.ts';
import { openService, say, type TestService } from '../../support/in-memory-service.ts';
import { createManualClock } from '../../support/manual-clock.ts';

let service: TestService;
afterEach(() => service.close());

/** Opens the service with these limits; its clock moves only when a test advances it. */
const open = async (rates?: Rates) => {
  const clock = createManualClock();
  service = await openService({
    refines: false,
    clock,
    access: () => (rates ? { rates } : {}),
  });
  return clock;
};

const perKey = { key: { perSecond: 10, burst: 20 } };
const search = { body: { query: 'tea', filters: { user_id: 'ana' } } };

/** Number of requests in a row that are accepted. */
const passes = async (request: string, call = {}, client = service.client): Promise<number> => {
  for (let count = 0; count < 1_000; count++)
    if ((await client(request, call)).status === 429) return count;
  return Number.POSITIVE_INFINITY;
};

describe('a rate limit', () => {
  it('a request beyond the burst of a key is rejected with the time to wait', async () => {
    const clock = await open(perKey);

    for (let i = 0; i < 20; i++) await service.client('GET /v1/ping/');
    const refused = await service.client('GET /v1/ping/');

    expect(refused).toMatchObject({
      status: 429,
      body: {
        code: 'rate_limited',
        message: 'This API key has spent its rate limit: wait 1 s.',
      },
    });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '1',
      'ratelimit-limit': '20',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(clock.now() / 1_000) + 1),
      'cache-control': 'no-store',
    });
  });

  it('a key that waited for Retry-After is served again', async () => {
    const clock = await open(perKey);
    await passes('GET /v1/ping/');

    const wait = (await service.client('POST /v3/memories/search/', search)).headers.get(
      'retry-after',
    );
    await clock.advance(Number(wait) * 1_000);

    expect((await service.client('POST /v3/memories/search/', search)).status).toBe(200);
  });

  it('each answer has the remaining units, and a rejection has the limit', async () => {
    await open({ ...perKey, project: { perSecond: 100, burst: 1_000 } });

    const { headers } = await service.client('POST /v3/memories/search/', search);
    await passes('GET /v1/ping/');
    const refused = await service.client('GET /v1/ping/');

    expect(headers.get('ratelimit')).toBe('"key";r=15;t=1, "project";r=995;t=1');
    expect(refused.headers.get('ratelimit')).toBe('"key";r=0;t=2, "project";r=980;t=1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"key";q=20;w=2, "project";q=1000;w=10');
  });

  it('a key is charged for its own requests only', async () => {
    await open(perKey);
    const other = await service.clientOf();
    await passes('GET /v1/ping/');

    expect((await other('GET /v1/ping/')).status).toBe(200);
  });

  it('the limit of a project counts all its keys together and no other project', async () => {
    await open({ project: { perSecond: 10, burst: 20 } });
    const sibling = await service.clientOf();
    const stranger = await service.clientOf('elsewhere');
    await passes('GET /v1/ping/');

    const refused = await sibling('GET /v1/ping/');

    expect(refused.status).toBe(429);
    expect(refused.body.message).toContain('The API keys of this project have together');
    expect((await stranger('GET /v1/ping/')).status).toBe(200);
  });

  it('a request that the project limit rejects costs the key nothing', async () => {
    await open({ key: { perSecond: 10, burst: 100 }, project: { perSecond: 10, burst: 20 } });
    await passes('GET /v1/ping/');

    const sibling = await service.clientOf();
    await sibling('GET /v1/ping/');
    await sibling('GET /v1/ping/');

    expect((await sibling('GET /v1/ping/')).headers.get('ratelimit')).toMatch(/^"key";r=100;/);
    expect((await sibling('GET /v1/ping/')).headers.get('x-ratelimit-limit')).toBe('20');
  });

  it('there is no rate limit by default', async () => {
    await open();

    const answer = await service.client('GET /v1/ping/');

    expect(answer.headers.get('ratelimit')).toBeNull();
    expect(await passes('GET /v1/ping/')).toBe(Number.POSITIVE_INFINITY);
  });

  it('a request that costs more than the whole burst is accepted now and then', async () => {
    const clock = await open({ key: { perSecond: 10, burst: 20 } });

    const first = await service.client('DELETE /v1/memories/?user_id=ana');
    const second = await service.client('DELETE /v1/memories/?user_id=ana');
    await clock.advance(2_000);
    const third = await service.client('DELETE /v1/memories/?user_id=ana');

    expect([first.status, second.status, third.status]).toEqual([200, 429, 200]);
  });
});

describe('cost units', () => {
  const large = say('x'.repeat(100_000));

  it.each([
    ['GET /v1/ping/', {}, 100],
    ['POST /v1/turns', { body: say('tea') }, 100],
    ['POST /v3/memories/search/', search, 20],
    ['GET /v1/events', {}, 20],
    ['DELETE /v1/memories/?user_id=ana', {}, 2],
    [
      'POST /v1/turns',
      { body: large, headers: { 'content-length': String(JSON.stringify(large).length) } },
      14,
    ],
    [
      'DELETE /v1/batch/',
      { body: { memories: [{ memory_id: '01990000-0000-7000-8000-000000000000' }] } },
      14,
    ],
    ['GET /v1/keys', {}, 20],
  ])('the cost of %s is charged in units', async (request, call, expected) => {
    await open({ key: { perSecond: 1, burst: 100 } });

    expect(await passes(request, call)).toBe(expected);
  });

  it('the cost of a batch grows with its items, and a rejected batch changes nothing', async () => {
    const clock = await open({ key: { perSecond: 1, burst: 100 } });
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea.') });
    const memories = Array.from({ length: 200 }, () => ({ memory_id: body.turn_id }));
    const remove = () => service.client('DELETE /v1/batch/', { body: { memories } });

    const refused = await remove();
    const kept = await service.client('POST /v3/memories/search/', search);
    await clock.advance(Number(refused.headers.get('retry-after')) * 1_000 + 5_000);
    const later = await remove();

    expect([refused.status, kept.status, later.status]).toEqual([429, 200, 200]);
    expect(refused.headers.get('retry-after')).toBe('6');
    expect(later.body.results[0].outcome).toBe('deleted');
  });

  it('the cost of a request grows with the seconds that it may wait', async () => {
    await open({ key: { perSecond: 1, burst: 100 } });
    const unknown = '/v1/events/01990000-0000-7000-8000-000000000000';

    const short = await service.client(`GET ${unknown}?wait=0.01`);
    const long = await service.client(`GET ${unknown}?wait=25`);

    expect(short.headers.get('ratelimit')).toMatch(/;r=98;/);
    expect(long.headers.get('ratelimit')).toMatch(/;r=72;/);
  });

  it('the cost of a search and of a list grows with the conditions on parts of texts', async () => {
    await open({ key: { perSecond: 1, burst: 100 } });
    const filters = {
      user_id: 'ana',
      OR: Array.from({ length: 80 }, (_, n) => ({ metadata: { key: { contains: `x${n}` } } })),
    };

    const found = await service.client('POST /v3/memories/search/', {
      body: { query: 'tea', filters },
    });
    const listed = await service.client('POST /v3/memories/', { body: { filters } });

    expect(found.headers.get('ratelimit')).toMatch(/;r=85;/);
    expect(listed.headers.get('ratelimit')).toMatch(/;r=70;/);
  });

  it('a body without a declared length is charged by its bytes', async () => {
    await open({ key: { perSecond: 1, burst: 100 } });

    const answer = await service.client('POST /v1/turns', {
      body: { ...say('tea'), padding: 'x'.repeat(900_000) },
      headers: { 'transfer-encoding': 'chunked' },
    });

    expect(answer.headers.get('ratelimit')).toMatch(/;r=(4[0-9]|5[0-9]);/);
  });

  it('a forbidden request is charged too', async () => {
    await open(perKey);
    const reader = await service.clientOf('default', ['read']);

    for (let i = 0; i < 10; i++) await reader('POST /v1/events/none/retry');

    expect((await reader('POST /v1/events/none/retry')).status).toBe(429);
  });
});
