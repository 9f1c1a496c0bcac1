import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../functions/local/listen.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
let key: string;
let bound: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  service = await openService();
  key = await service.keyOf();
  bound = await listen(service.app, '127.0.0.1', 0);
});
afterAll(async () => {
  bound.server.close();
  await service.close();
});

/** Sends the path unchanged; other clients normalize it first. */
const send = (method: string, path: string, chunks: readonly string[] = [], headers = {}) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = request(bound.url, {
      method,
      path,
      headers: { authorization: `Token ${key}`, ...headers },
    });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });

it('a path arrives as it was sent', async () => {
  expect((await send('GET', '//v1/ping/')).status).toBe(200);
  expect((await send('GET', '//v1//ping')).status).toBe(200);
  expect(JSON.parse((await send('GET', '/v1/memories/a%2Fb%20c/')).text)).toMatchObject({
    code: 'invalid_id',
  });
  expect((await send('GET', '/v1/memories/../ping')).status).toBe(200);
  expect(await send('HEAD', '/v1/ping/')).toEqual({ status: 200, text: '' });
});

it('an upload that is too large is answered with 413, with Content-Length or without', async () => {
  const body = JSON.stringify(say('x'.repeat(6_000_000)));

  const declared = await send('POST', '/v1/turns', [body], { 'content-length': body.length });
  const chunked = await send('POST', '/v1/turns', [
    body.slice(0, 3_000_000),
    body.slice(3_000_000),
  ]);

  expect([declared.status, chunked.status]).toEqual([413, 413]);
  expect(JSON.parse(declared.text)).toMatchObject({ code: 'body_too_large' });
});

it('a chunked body is read completely', async () => {
  const body = JSON.stringify(say('I like 茶 and 🍣', 'pieces'));
  const cut = body.indexOf('茶');

  const answer = await send('POST', '/v1/turns', [body.slice(0, cut), body.slice(cut)]);

  expect(answer.status).toBe(202);
});

/** Sends bytes on a connection and returns all the bytes received until it is closed. */
const exchange = (url: string, ...sent: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    for (const bytes of sent) socket.write(bytes);
  });

const partsOf = (answer: string) => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { head, status: Number(head.split(' ')[1]), body: JSON.parse(body) };
};

const host = 'Host: service.test\r\n';
const chunked = `POST /v1/turns HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;

describe('invalid HTTP', () => {
  it.each([
    [400, 'bad_http', 'hello\r\n\r\n'],
    [400, 'bad_http', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [400, 'bad_http', `GET \\v1\\ping HTTP/1.1\r\n${host}\r\n`],
    [400, 'bad_http', `GET http://[/ HTTP/1.1\r\n${host}\r\n`],
    [400, 'bad_http', 'GET /v1/ping HTTP/1.1\r\n\r\n'],
    [400, 'bad_http', 'GET /v1/ping HTTP/1.1\r\nHost: a b\r\n\r\n'],
    [400, 'bad_http', `${chunked}zz\r\n`],
    [400, 'bad_http', `${chunked.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n')}`],
    [405, 'method_not_allowed', `CONNECT a.test:1 HTTP/1.1\r\n${host}\r\n`],
    [413, 'body_too_large', `${chunked}3;${'x'.repeat(20_000)}\r\n`],
    [417, 'expectation_failed', `GET /v1/ping HTTP/1.1\r\n${host}Expect: wonders\r\n\r\n`],
    [431, 'headers_too_large', `GET /v1/ping HTTP/1.1\r\n${host}X: ${'x'.repeat(17_000)}\r\n\r\n`],
    [431, 'headers_too_large', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\n${host}\r\n`],
  ])(
    'invalid HTTP is answered with %i %s, in the form of other errors: %#',
    async (status, code, bytes) => {
      const { head, body, status: answered } = partsOf(await exchange(bound.url, bytes));

      expect([answered, body.code]).toEqual([status, code]);
      expect(body).toEqual({
        code,
        detail: body.message,
        error: body.message,
        message: expect.stringMatching(/^[A-Z].*\.$/),
      });
      expect(head.toLowerCase()).toContain('content-type: application/json');
      expect(head.toLowerCase()).toContain('connection: close');
    },
  );

  it('invalid HTTP behind a complete request is answered after it', async () => {
    const answer = await exchange(bound.url, `GET /v1/ping HTTP/1.1\r\n${host}\r\nrubbish\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    expect(answer).toMatch(/HTTP\/1.1 400 /);
  });
});

describe('a connection', () => {
  const shortTimeouts = { headersMs: 100, requestMs: 200, keepAliveMs: 100 };

  it.each([
    ['headers', `GET /v1/ping HTTP/1.1\r\n${host}`],
    ['nothing at all', ''],
    ['a body of declared length', `POST /v1/turns HTTP/1.1\r\n${host}Content-Length: 99\r\n\r\n{`],
    ['a body in chunks', `${chunked}1\r\n{\r\n`],
  ])('a connection that is slow with %s is closed with 408', async (_, bytes) => {
    const { server, url } = await listen(service.app, '127.0.0.1', 0, shortTimeouts);
    const withKey = bytes.replace(host, `${host}Authorization: Token ${key}\r\n`);

    const { status, body } = partsOf(await exchange(url, withKey));

    server.close();
    expect([status, body.code]).toEqual([408, 'request_timeout']);
  });

  it('an idle connection is closed', async () => {
    const { server, url } = await listen(service.app, '127.0.0.1', 0, shortTimeouts);

    const answer = await exchange(url, `GET /v1/health HTTP/1.1\r\n${host}\r\n`);

    server.close();
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });

  it('a connection above the maximum is closed at once', async () => {
    const { server, url } = await listen(service.app, '127.0.0.1', 0, { maxConnections: 2 });
    const { hostname, port } = new URL(url);
    const open = [connect(Number(port), hostname), connect(Number(port), hostname)];
    await Promise.all(
      open.map((socket) => new Promise((resolve) => socket.on('connect', resolve))),
    );

    const refused = await exchange(url, `GET /v1/health HTTP/1.1\r\n${host}\r\n`).catch(() => '');
    open[0]?.destroy();
    await new Promise((resolve) => void setTimeout(resolve, 50));
    const taken = await exchange(
      url,
      `GET /v1/health HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    );

    open[1]?.destroy();
    server.close();
    expect(refused).toBe('');
    expect(taken).toMatch(/^HTTP\/1.1 200 /);
  });
});
