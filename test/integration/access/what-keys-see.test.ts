import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answersTo, requests, routesOf } from '../../support/every-route.ts';
import type { Answer } from '../../support/in-memory-service.ts';
import { type Planted, plant, planted } from '../../support/planted-service.ts';

let service: Planted;
beforeEach(async () => {
  service = await plant();
});
afterEach(() => service.close());

/** Routes whose answer has one of these texts, in a header or in the body. */
const showing = (answers: Map<string, Answer>, ...marks: string[]): string[] =>
  [...answers]
    .filter(([, { headers, body }]) => {
      const answer = JSON.stringify([[...headers], body]);
      return marks.some((mark) => answer.includes(mark));
    })
    .map(([route]) => route);

const withStatus = (answers: Map<string, Answer>, test: (status: number) => boolean): string[] =>
  [...answers].filter(([, { status }]) => test(status)).map(([route]) => route);

describe('the routes', () => {
  it('these tests request every route of the service', () => {
    expect(Object.keys(requests).toSorted()).toEqual(routesOf(service).toSorted());
  });
});

describe('a key that may do everything', () => {
  it('a key with all permissions sees the planted secrets and texts', async () => {
    const answers = await answersTo(service, ['read', 'write', 'admin']);

    expect(withStatus(answers, (status) => status >= 400)).toEqual(['DELETE /v1/keys/:id']);
    expect(showing(answers, planted.text)).toEqual(
      expect.arrayContaining([
        'GET /v1/events/:id',
        'GET /v1/endpoints/:id',
        'PATCH /v1/endpoints/:id',
        'POST /v1/events/:id/retry',
        'POST /v1/events/:id/cancel',
        'PUT /v1/memories/:id',
        'GET /v1/notifications',
      ]),
    );
    expect(showing(answers, planted.token)).toEqual(
      expect.arrayContaining([
        'GET /v1/endpoints',
        'GET /v1/endpoints/:id',
        'GET /v1/deliveries/:id',
        'GET /v1/notifications',
        'GET /api/v1/webhooks/projects/:project',
      ]),
    );
    expect(showing(answers, planted.answer)).toEqual(['GET /v1/deliveries/:id']);
    expect(showing(answers, 'whsec_')).toContain('GET /v1/endpoints/:id/secret');
  });
});

describe('a key that only writes', () => {
  it('no route shows stored text to a key that may only write', async () => {
    const answers = await answersTo(service, ['write']);

    expect(showing(answers, planted.text, planted.token, planted.answer)).toEqual([]);
  });

  it('a key that may only write is answered with ids and outcomes', async () => {
    const answers = await answersTo(service, ['write']);
    const bodyOf = (route: string) => answers.get(route)?.body;

    const id = expect.any(String);
    const event = { id, event_id: id, status: 'SUCCEEDED', turn_id: id, error: null };
    expect(withStatus(answers, (status) => ![200, 201, 202, 403].includes(status))).toEqual([]);
    expect(bodyOf('POST /v1/turns')).toMatchObject(event);
    expect(bodyOf('POST /v1/turns').results).toEqual([{ id, event: 'ADD' }]);
    expect(bodyOf('POST /v3/memories/add').results).toEqual([{ id, event: 'ADD', event_id: id }]);
    expect(bodyOf('POST /v1/memories')).toEqual([{ id, event: 'ADD', event_id: id }]);
    expect(bodyOf('PUT /v1/memories/:id')).toEqual({ id: service.memories[0], event: 'UPDATE' });
    expect(bodyOf('PATCH /v1/endpoints/:id')).toEqual({
      id: service.endpoint,
      status: 'active',
      updated_at: id,
    });
    expect(bodyOf('POST /v1/deliveries/:id/resend')).toMatchObject({ id: service.delivery });
    expect(bodyOf('POST /v1/events/:id/cancel')).toMatchObject({ id: service.waiting });
  });

  it('a key that may only write sees only the code of a failure', async () => {
    const writer = await service.clientOf('default', ['write']);
    const say = { messages: [{ role: 'user', content: 'FAIL' }], user_id: 'own' };

    const native = await writer('POST /v1/turns', { body: { ...say, async: false } });
    const compatible = await writer('POST /v3/memories/add', {
      body: { ...say, async_mode: false, metadata: { again: 1 } },
    });

    expect(native.body).toMatchObject({
      status: 'FAILED',
      error: { code: 'model_refused', retryable: false },
    });
    expect(compatible.body).toMatchObject({
      status: 'FAILED',
      message: 'The event ended as model_refused.',
    });
    expect(JSON.stringify([native.body, compatible.body])).not.toContain(planted.text);
  });

  it('a key that may only write sees a secret on creation only', async () => {
    const answers = await answersTo(service, ['write']);

    expect(showing(answers, 'whsec_')).toEqual([
      'POST /v1/endpoints',
      'POST /v1/endpoints/:id/secret/rotate',
      'POST /api/v1/webhooks/projects/:project',
    ]);
    expect(answers.get('GET /v1/endpoints/:id/secret')).toMatchObject({
      status: 403,
      body: { message: 'This API key has no read permission.' },
    });
  });
});

describe('a key that only reads', () => {
  it('no route shows URL tokens, receivers’ answers or secrets to a key that may only read', async () => {
    const answers = await answersTo(service, ['read']);

    expect(showing(answers, planted.token, planted.answer, 'whsec_')).toEqual([]);
    expect(withStatus(answers, (status) => ![200, 403].includes(status))).toEqual([]);
  });

  it('a key that may only read sees the host of an endpoint and the outcome of an attempt', async () => {
    const answers = await answersTo(service, ['read']);

    const url = `${service.receiver.url}/***?***`;
    expect(answers.get('GET /v1/endpoints/:id')?.body).toMatchObject({ url, name: planted.text });
    expect(answers.get('GET /v1/deliveries/:id')?.body.attempts[0]).toMatchObject({
      url,
      status: 400,
      error: 'http_4xx',
      response_headers: null,
      response_body: null,
    });
  });

  it('every request that would change something is rejected for a key that may only read', async () => {
    const answers = await answersTo(service, ['read']);

    const writes = withStatus(answers, (status) => status === 403);
    const reads = Object.keys(requests).filter((route) => !writes.includes(route));
    const isRead = (route: string): boolean =>
      /^GET|search|rerank|summary|\/list\/|\/mcp$|\/v1\/get\/|exports\/get|POST \/v[23]\/memories$/.test(
        route,
      );
    expect(reads.filter((route) => !isRead(route))).toEqual([]);
  });
});
