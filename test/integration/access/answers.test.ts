import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../functions/local/listen.ts';
import { openService, say, type TestService } from '../../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService({ refines: false, corsOrigins: ['https://app.example'] });
  for (let n = 0; n < 3; n++)
    await service.client('POST /v1/turns', { body: say(`I like tea ${n}.`) });
});
afterAll(() => service.close());

describe('every answer', () => {
  it.each([
    ['a success', 'GET /v1/events', {}],
    ['a health check', 'GET /v1/health', { authorization: '' }],
    ['an error', 'GET /v1/events/none', {}],
    ['one without a key', 'GET /v1/events', { authorization: '' }],
    ['one to nowhere', 'GET /v1/nowhere', {}],
    ['one to a wrong method', 'DELETE /v1/turns', {}],
    ['one without a body', 'OPTIONS /v1/turns', {}],
    [
      'one to a browser that asks first',
      'OPTIONS /v1/turns',
      { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    ],
    ['one whose body is no JSON', 'POST /v1/turns', { 'x-request-id': 'body' }],
  ])(
    'the headers of every answer forbid caching and content sniffing: %s',
    async (_, request, headers) => {
      const { headers: answered } = await service.client(request, {
        headers: JSON.parse(JSON.stringify(headers)),
        ...(request.startsWith('POST') ? { body: '{' } : {}),
      });

      expect(answered.get('cache-control')).toBe('no-store');
      expect(answered.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('an answer over a socket has the same headers when a handler fails', async () => {
    const broken = await openService({ refines: false });
    const { server, url } = await listen(broken.app, '127.0.0.1', 0);
    await broken.platform.close();

    const answer = await fetch(`${url}/v1/health`);
    server.close();

    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a link to the next page', () => {
  const paged = [
    ['GET /v1/events?page_size=1', undefined],
    ['POST /v3/memories/?page_size=1', { filters: { user_id: 'alice' } }],
    ['GET /v1/keys?page_size=1', undefined],
  ] as const;
  const nextOf = async (from: TestService, request: string, body: object | undefined) => {
    const key = await from.keyOf('default', ['read', 'write', 'admin']);
    const headers = {
      authorization: `Token ${key}`,
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    };
    return (await from.send(request, { headers, ...(body ? { body } : {}) })).body.next;
  };

  it.each(paged)(
    'the next link of %s is relative and ignores the Host header',
    async (request, body) => {
      const next = await nextOf(service, request, body);

      expect(next).toMatch(/^\/v[13]\/\w+\/\?page_size=1&page=2(&after=[\w.-]+)?$/);
    },
  );

  it.each(paged)(
    'the next link of %s begins with the public URL when one is set',
    async (request, body) => {
      const known = await openService({
        refines: false,
        access: () => ({ publicUrl: 'https://memory.example/api/' }),
      });
      for (let n = 0; n < 3; n++)
        await known.client('POST /v1/turns', { body: say(`I like tea ${n}.`) });

      const next = await nextOf(known, request, body);
      await known.close();

      expect(next).toMatch(
        /^https:\/\/memory\.example\/api\/v[13]\/\w+\/\?page_size=1&page=2(&after=[\w.-]+)?$/,
      );
    },
  );

  it('a next link is never one that a browser reads as another host', async () => {
    expect(await nextOf(service, 'GET //v1//events?page_size=1', undefined)).toMatch(/^\/v1\//);
  });

  it('a client can follow the next link unchanged', async () => {
    const first = (await service.client('GET /v1/events?page_size=2')).body;

    expect((await service.client(`GET ${first.next}`)).body.results).toHaveLength(1);
  });
});
