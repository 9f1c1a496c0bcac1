import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { createGatewayHandler, gatewayAddress } from '../../../functions/api/gateway-event.ts';
import type { ApiEnv } from '../../../functions/api/http/api-env.ts';
import { GatewayAnswer, gatewayEvent } from '../../support/aws-artefacts/gateway-event.ts';

it.each([
  ['is that of the connection to the HTTP API', 0, '9.9.9.9, 127.0.0.1', '127.0.0.1'],
  ['is never what a caller says of itself', 0, '9.9.9.9', '127.0.0.1'],
  // The HTTP API appends the address of the proxy, which appended that of the caller.
  ['is what the proxy before the HTTP API saw', 1, '9.9.9.9, 1.2.3.4, 127.0.0.1', '1.2.3.4'],
  ['is that of the connection where no proxy was', 1, '127.0.0.1', '127.0.0.1'],
] as const)('the address of a caller on AWS %s', async (_, hops, forwarded, expected) => {
  const app = new Hono<ApiEnv>().get('*', (c) => c.text(gatewayAddress(hops)(c) ?? 'unknown'));
  const headers = { 'x-forwarded-for': forwarded };
  const event = gatewayEvent({ method: 'GET', target: '/', headers, body: Buffer.alloc(0) });

  const answer = GatewayAnswer.parse(
    await createGatewayHandler(app)(JSON.parse(JSON.stringify(event))),
  );

  expect(answer.body).toBe(expected);
});
