import { afterEach, describe, expect, it } from 'vitest';
import { answer, type Reply } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

const postOnce = async (reply: Reply, path = '/hooks?a=b%20c') => {
  const receiver = await service.receive(reply);
  const client = service.createClient([receiver.port]);
  return {
    outcome: await client.post(postTo(`http://127.0.0.1:${receiver.port}${path}`)),
    receiver,
  };
};

describe('the request of an attempt', () => {
  it('a request carries the given headers and only those that HTTP requires besides', async () => {
    const { receiver } = await postOnce(answer(200));

    const [request = ''] = receiver.requests;
    const [head = '', body] = request.split('\r\n\r\n');
    const [line, ...headers] = head.split('\r\n');
    expect(line).toBe('POST /hooks?a=b%20c HTTP/1.1');
    expect(headers.map((header) => header.toLowerCase()).sort()).toEqual([
      'connection: keep-alive',
      'content-length: 16',
      'content-type: application/json',
      `host: 127.0.0.1:${receiver.port}`,
      'webhook-id: ntf_1',
    ]);
    expect(body).toBe('{"said":"hello"}');
  });

  it('the body is sent byte for byte', async () => {
    const body = Buffer.from([0, 1, 127, 128, 255, 13, 10, 13, 10, 0xf0, 0x9f]);
    const receiver = await service.receive(answer(200));
    const client = service.createClient([receiver.port]);

    await client.post(postTo(`http://127.0.0.1:${receiver.port}/`, { body }));

    const [request = ''] = receiver.requests;
    expect(Buffer.from(request.slice(request.indexOf('\r\n\r\n') + 4), 'latin1')).toEqual(body);
  });

  it('the fragment of a URL is not sent', async () => {
    const { receiver } = await postOnce(answer(200), '/hooks#secret');

    expect(receiver.requests[0]).toMatch(/^POST \/hooks HTTP/);
  });

  it.each([
    ['a header in a value', { 'x-a': 'a\r\nx-b: b' }],
    ['a header in a name', { 'x-a: a\r\nx-b': 'b' }],
    ['an end of the head', { 'x-a': 'a\r\n\r\nGET / HTTP/1.1' }],
  ])('%s in the headers cannot split the request', async (_, headers) => {
    const receiver = await service.receive(answer(200));
    const client = service.createClient([receiver.port]);

    const outcome = await client.post(postTo(`http://127.0.0.1:${receiver.port}/`, { headers }));

    expect(resultOf(outcome)).toBe('reset');
    expect(receiver.requests).toEqual([]);
  });

  it.each(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'all_proxy'])(
    'the proxy setting %s is ignored',
    async (name) => {
      const proxy = await service.receive(answer(200));
      process.env[name] = `http://127.0.0.1:${proxy.port}`;

      const { outcome } = await postOnce(answer(204, {}, ''));
      delete process.env[name];

      expect(resultOf(outcome)).toBe('204');
      expect(proxy.connections()).toBe(0);
    },
  );
});

describe('the response of an attempt', () => {
  it('a response is returned with its timings and the remote address', async () => {
    const { outcome } = await postOnce(answer(200, { 'X-Request-Id': 'r1' }, 'thanks ✓'));

    expect(outcome).toEqual({
      status: 200,
      headers: { 'content-length': '10', 'x-request-id': 'r1' },
      bodyExcerpt: 'thanks ✓',
      truncated: false,
      remoteAddress: '127.0.0.1',
      timings: {
        connect: expect.any(Number),
        firstByte: expect.any(Number),
        total: expect.any(Number),
      },
    });
  });

  it.each([300, 301, 302, 303, 304, 305, 306, 307, 308, 399])(
    'a %i response is returned and its redirect is not followed',
    async (status) => {
      const canary = await service.receive(answer(200));
      const location = `http://127.0.0.1:${canary.port}/`;

      const { outcome, receiver } = await postOnce(
        answer(status, { location, refresh: `0;url=${location}` }, status === 304 ? '' : 'moved'),
      );

      expect(outcome).toMatchObject({ status, headers: { location } });
      expect(canary.connections()).toBe(0);
      expect(receiver.requests).toHaveLength(1);
    },
  );

  it('a 410 response is returned like any other', async () => {
    const { outcome } = await postOnce(answer(410, { 'retry-after': '5' }, 'gone'));

    expect(outcome).toMatchObject({ status: 410, bodyExcerpt: 'gone' });
    expect(outcome).not.toHaveProperty('retryAfterMs');
  });

  it.each([
    ['0', 0],
    ['17', 17_000],
    ['86401', 86_400_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('the Retry-After header %j of a 429 response is parsed', async (header, ms) => {
    const busy = await postOnce(answer(429, { 'retry-after': header }));
    const down = await postOnce(answer(503, { 'Retry-After': header }));

    const waits = [busy, down].map(({ outcome }) =>
      'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined,
    );
    expect(waits).toEqual([ms, ms]);
  });

  it('a date in Retry-After is relative to the local clock', async () => {
    const until = new Date(Date.now() + 90_000).toUTCString();

    const { outcome } = await postOnce(answer(503, { 'retry-after': until }));

    const wait = 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined;
    expect(wait).toBeGreaterThan(80_000);
    expect(wait).toBeLessThanOrEqual(90_000);
  });

  it('a binary body is stored as at most 16 kB of text', async () => {
    const { outcome } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n');
      socket.write(Buffer.alloc(20_000, 0xff));
    });

    const excerpt = 'bodyExcerpt' in outcome ? outcome.bodyExcerpt : '';
    expect(excerpt).toMatch(/^�+$/);
    expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(16_384);
  });

  it('a long body is cut between two characters', async () => {
    const { outcome } = await postOnce(answer(200, {}, `a${'😀'.repeat(5_000)}`));

    const excerpt = 'bodyExcerpt' in outcome ? outcome.bodyExcerpt : '';
    expect(excerpt).toMatch(/^a(😀)+$/u);
    expect(Buffer.byteLength(excerpt)).toBe(16_381);
  });
});
