import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

/** Sends the path as it is given: other clients tidy it up first. */
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

it('paths arrive as they were sent', async () => {
  expect((await send('GET', '//v1/ping/')).status).toBe(200);
  expect((await send('GET', '//v1//ping')).status).toBe(200);
  expect(JSON.parse((await send('GET', '/v1/memories/a%2Fb%20c/')).text)).toMatchObject({
    code: 'invalid_id',
  });
  expect((await send('GET', '/v1/memories/../ping')).status).toBe(200);
  expect(await send('HEAD', '/v1/ping/')).toEqual({ status: 200, text: '' });
});

it('an upload that is too large is told so, whether its length was declared or not', async () => {
  const body = JSON.stringify(say('x'.repeat(11_000_000)));

  const declared = await send('POST', '/v1/turns', [body], { 'content-length': body.length });
  const chunked = await send('POST', '/v1/turns', [
    body.slice(0, 6_000_000),
    body.slice(6_000_000),
  ]);

  expect([declared.status, chunked.status]).toEqual([413, 413]);
  expect(JSON.parse(declared.text)).toMatchObject({ code: 'body_too_large' });
});

it('a body in pieces is read whole', async () => {
  const body = JSON.stringify(say('I like 茶 and 🍣', 'pieces'));
  const cut = body.indexOf('茶');

  const answer = await send('POST', '/v1/turns', [body.slice(0, cut), body.slice(cut)]);

  expect(answer.status).toBe(202);
});
