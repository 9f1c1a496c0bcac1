import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createGatewayHandler } from '../../functions/api/gateway-event.ts';

const app = new Hono();
app.get('/texts/:count', (c) => {
  const texts = Array.from({ length: Number(c.req.param('count')) }, () => 'tea "and" milk');
  return c.json({ texts });
});
const handle = createGatewayHandler(app);

const ask = (path: string) =>
  handle({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'service.test' },
    body: null,
    isBase64Encoded: false,
    requestContext: {
      accountId: '1',
      apiId: 'a',
      authentication: null,
      authorizer: {},
      domainName: 'service.test',
      domainPrefix: 'service',
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'x' },
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  });

describe('the response of the API function', () => {
  it('a response within the limit of an invocation is returned unchanged', async () => {
    const answer = await ask('/texts/100000');

    expect(answer).toMatchObject({ statusCode: 200 });
  });

  it('a response too large for an invocation becomes an error that says what to do', async () => {
    const answer = await ask('/texts/250000');

    expect(answer).toMatchObject({ statusCode: 400, isBase64Encoded: false });
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'answer_too_large',
      message: expect.stringContaining('6 MB'),
    });
  });
});
