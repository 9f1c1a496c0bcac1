import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsupportedRoutes } from '../../functions/api/unsupported-routes.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { LogFields } from '../../shared/ports/telemetry.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

const lines: { level: string; event: string; fields: LogFields }[] = [];
const telemetry = {
  log: (level: string, event: string, fields: LogFields = {}) =>
    void lines.push({ level, event, fields }),
};

let service: TestService;
beforeAll(async () => {
  service = await openService({ telemetry, corsOrigins: ['https://app.example.com'] });
});
afterAll(() => service.close());

describe('paths', () => {
  it.each([
    '/v1/ping',
    '/v1/ping/',
    '//v1/ping/',
    '/v1//ping//',
    '/v1/ping/?source=CLI',
    '/v1/ping?x=/y/',
  ])('the path %s is answered without a redirect', async (path) => {
    const { status, body } = await service.client(`GET ${path}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', user_email: expect.not.stringContaining('@') });
    expect(body.org_id && body.project_id).toBeTruthy();
  });

  it('a path keeps %2F inside its segment', async () => {
    const answer = await service.client('GET /v1/memories/a%2Fb%20c/');

    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('memory_id should be a valid UUID');
  });

  it.each(['/v1/memories/%zz/', '/v1/memories/%ff%fe/', '/v1/memories/%00/'])(
    'the path %s has an invalid id',
    async (path) => {
      expect((await service.client(`GET ${path}`)).status).toBe(400);
    },
  );

  it('an unknown path is 404 as JSON, with or without a key', async () => {
    const [known, stranger] = [await service.client('GET /v9/x/'), await service.send('GET /v9/x')];

    expect([known.status, stranger.status]).toEqual([404, 404]);
    expect(known.headers.get('content-type')).toMatch(/^application\/json/);
    expect(known.body).toMatchObject({ code: 'not_found', detail: known.body.error });
  });

  it.each(unsupportedRoutes)('the documented route %s is 501', async (route) => {
    const path = route.replace(/:\w+/g, 'x').replace('*', 'o/projects/p');

    const { status, body } = await service.client(`${path}/`);

    expect(status).toBe(501);
    // A surface with numbers as codes has the code of the service under `reason`.
    expect([body.code, body.reason]).toContain('not_supported');
  });

  it('a route that exists is not among the unsupported ones', () => {
    const shapeOf = (route: string) => route.replace(/:\w+/g, ':');
    const existing = service.app.routes.map(({ method, path }) => shapeOf(`${method} ${path}`));

    expect(unsupportedRoutes.filter((route) => existing.includes(shapeOf(route)))).toEqual([]);
  });

  it.each([
    'GET /v1/exports/x',
    'GET /v1/entities/x',
    'POST /api/openmem/v1/x',
    'GET /v1/memories/x/y',
  ])('%s, which nothing documents, is 404', async (route) => {
    expect((await service.client(route)).status).toBe(404);
  });

  it('a wrong method is 405 with the allowed methods', async () => {
    const answer = await service.client('PATCH /v1/memories/');

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([
      'DELETE',
      'GET',
      'HEAD',
      'POST',
    ]);
    expect(answer.body).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('methods without a body', () => {
  it('HEAD is answered like GET', async () => {
    const answer = await service.client('HEAD /v1/ping/');

    expect(answer).toMatchObject({ status: 200, body: undefined });
  });

  it('OPTIONS answers with the allowed methods', async () => {
    const answer = await service.send('OPTIONS /v1/events/');

    expect(answer.status).toBe(204);
    expect((await service.send('OPTIONS /nowhere')).status).toBe(204);
  });
});

describe('browsers', () => {
  const origin = 'https://app.example.com';

  it('a browser of a known origin may call with any header', async () => {
    const { status, headers } = await service.send('OPTIONS /v3/memories/search/', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-mem0-client,mem0-user-id',
      },
    });

    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-headers')).toContain('mem0-user-id');
    expect(headers.get('access-control-allow-methods')).toContain('DELETE');
  });

  it('a browser of a known origin can read errors', async () => {
    const { status, headers } = await service.send('GET /v1/ping/', { headers: { origin } });

    expect(status).toBe(401);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('a browser of another origin is rejected', async () => {
    const { headers } = await service.client('GET /v1/ping/', {
      headers: { origin: 'https://evil.example' },
    });

    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('requests in the log', () => {
  it('the log has one line per request, with the ids of key and project, without text', async () => {
    const key = await service.keyOf('logged');
    const { id: project } = await getOrCreateProject(service.platform, 'logged');
    lines.length = 0;

    await service.send('POST /v1/turns', {
      body: say('My secret is Rosebud'),
      headers: { 'x-request-id': 'req-1', authorization: `Token ${key}` },
    });

    expect(lines.filter(({ event }) => event === 'request')).toEqual([
      {
        level: 'info',
        event: 'request',
        fields: {
          method: 'POST',
          route: '/v1/turns',
          status: 202,
          ms: expect.any(Number),
          requestId: 'req-1',
          key: key.split('_')[1],
          project,
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('Rosebud');
    expect(JSON.stringify(lines)).not.toContain(key.slice(-64));
  });

  it.each([
    ['forbidden', { authorization: true }, 'GET /v1/keys', 403],
    ['of nobody', { authorization: false }, 'GET /v1/keys', 401],
  ])(
    'the log names the key of a request that is %s, if it has one',
    async (_, { authorization }, request, status) => {
      const key = await service.keyOf('logged');
      lines.length = 0;

      await service.send(
        request,
        authorization ? { headers: { authorization: `Token ${key}` } } : {},
      );

      const fields = lines.find(({ event }) => event === 'request')?.fields;
      expect(fields).toMatchObject({ status });
      expect(fields?.['key']).toBe(authorization ? key.split('_')[1] : undefined);
    },
  );

  it('the log shows the pattern of a route, not the path', async () => {
    lines.length = 0;

    await service.client('GET /v1/memories/tell-nobody/history/');

    expect(lines[0]?.fields).toMatchObject({ route: '/v1/memories/:id/history', status: 400 });
  });

  it('a request without a usable id of its own gets one', async () => {
    const [given, forged, none] = [
      await service.client('GET /v1/ping/', { headers: { 'x-request-id': 'abc-123' } }),
      await service.client('GET /v1/ping/', { headers: { 'x-request-id': 'a b"c' } }),
      await service.send('GET /nowhere'),
    ];

    expect(given.headers.get('x-request-id')).toBe('abc-123');
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(none.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('errors of the service', () => {
  const failing = async (error: Error) => {
    const broken = await openService({ telemetry, refines: false });
    broken.platform.store.check = () => Promise.reject(error);
    const answer = await broken.send('GET /v1/health');
    await broken.close();
    return answer;
  };

  it('a transient error is 503 with Retry-After', async () => {
    const answer = await failing(new RetryableError('store_unreachable', 'No store.', 2_500));

    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.body).toMatchObject({ code: 'store_unreachable', detail: 'No store.' });
  });

  it('an unexpected error is 500 and quotes nothing', async () => {
    lines.length = 0;

    const answer = await failing(new Error('near "Rosebud": syntax error'));

    expect(answer.status).toBe(500);
    expect(answer.body.code).toBe('internal');
    expect(JSON.stringify([answer.body, lines])).not.toContain('Rosebud');
    expect(lines.some(({ event }) => event === 'request.failed')).toBe(true);
  });
});

it('the live route needs no key and answers while the store fails', async () => {
  const broken = await openService({ telemetry, refines: false });
  await broken.platform.close();

  const answer = await broken.send('GET /v1/live');

  expect(answer).toMatchObject({ status: 200, body: { status: 'ok', version: '0.0.0-test' } });
});

it('the health route needs no key and names the models', async () => {
  const { status, body } = await service.send('GET /v1/health/');

  expect(status).toBe(200);
  expect(body).toEqual({
    status: 'ok',
    version: '0.0.0-test',
    model: 'plain',
    quality: 'basic',
    embedder: 'plain-64',
    health: { model: { status: 'ok' }, embedder: { status: 'ok' }, index: { status: 'ok' } },
    parts: 'plain',
  });
});
