import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { GatewayAnswer, gatewayEvent } from './gateway-event.ts';

// Limits of API Gateway.
const integrationTimeoutMs = 30_000;
const maxBytes = 10 * 1024 * 1024;

const say = (response: ServerResponse, status: number, message: string): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ message }));

const tooLate = (): Promise<undefined> =>
  new Promise((resolve) => void setTimeout(() => resolve(undefined), integrationTimeoutMs).unref());

/** Starts an HTTP API in front of a function, on a loopback address. */
export const startHttpFront = async (invoke: (event: unknown) => Promise<unknown>) => {
  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: target = '/', headers } = request;
    const body = await buffer(request);
    if (body.length > maxBytes) return say(response, 413, 'Request Entity Too Large');
    const value = await Promise.race([
      invoke(gatewayEvent({ method, target, headers, body })),
      tooLate(),
    ]);
    if (value === undefined) return say(response, 503, 'Service Unavailable');
    const answer = GatewayAnswer.parse(value);
    if (answer.cookies.length > 0) response.setHeader('set-cookie', answer.cookies);
    response
      .writeHead(answer.statusCode, answer.headers)
      .end(Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'));
  };

  const server = createServer((request, response) => {
    relay(request, response).catch(() => say(response, 500, 'Internal Server Error'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
