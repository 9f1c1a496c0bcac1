import { expect, it } from 'vitest';
import { gatewayEvent } from '../../support/aws-artefacts/gateway-event.ts';

const request = {
  method: 'POST',
  target: '//v1/a%2Fb%20c/?tag=x&tag=y%20z',
  headers: { 'content-type': 'application/json; charset=utf-8', cookie: 'a=1; b=2' },
  body: Buffer.from('{"text":"Grüße"}'),
};

it('a gateway event has the path decoded, the query as sent and the cookies separate', () => {
  expect(gatewayEvent(request)).toMatchObject({
    version: '2.0',
    rawPath: '//v1/a/b c/',
    rawQueryString: 'tag=x&tag=y%20z',
    queryStringParameters: { tag: 'x,y z' },
    cookies: ['a=1', 'b=2'],
    requestContext: { http: { method: 'POST' } },
  });
  expect(gatewayEvent(request).headers).not.toHaveProperty('cookie');
});

it('a gateway event leaves a path that cannot be decoded as it is', () => {
  expect(gatewayEvent({ ...request, target: '/v1/%zz' }).rawPath).toBe('/v1/%zz');
});

it.each([
  ['application/json', false],
  ['text/plain', false],
  ['application/problem+json', false],
  ['application/octet-stream', true],
  ['', true],
])('a gateway event has a body of type "%s" in base64: %s', (type, isBase64Encoded) => {
  const event = gatewayEvent({ ...request, headers: { 'content-type': type } });

  const encoding = isBase64Encoded ? 'base64' : 'utf8';
  expect(event).toMatchObject({ isBase64Encoded, body: request.body.toString(encoding) });
});
