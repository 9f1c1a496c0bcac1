import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Call } from './aws-calls.ts';

export interface Answer {
  status: number;
  body: Buffer | string;
  headers: { [name: string]: string };
}

/**
 * Handles a call: `send` forwards the call, optionally with another input; a result of `undefined` breaks the
 * connection.
 */
export type Interference = (
  call: Call,
  send: (input?: unknown) => Promise<Answer>,
) => Promise<Answer | undefined>;

const straight: Interference = (_, send) => send();

/** Parses access key and service from a header of Signature Version 4. */
const signer = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/;

/** Replaces the access key by a common one, since DynamoDB Local keeps a separate database for each. */
const everyone = (credential: string, environment: string): string =>
  credential.replace(environment, 'local');

/** Operations of S3, whose requests are named by method and path. */
const objectOperations: { readonly [method: string]: string } = {
  GET: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

/** Parses a body of the services' JSON protocols; that of an object is the input as it is. */
const inputOf = ({ headers }: IncomingMessage, body: Buffer): unknown => {
  const [, , service = ''] = signer.exec(headers.authorization ?? '') ?? [];
  const isJson = headers['x-amz-target'] !== undefined || service === 's3vectors';
  return isJson ? JSON.parse(body.toString()) : body;
};

const callOf = (request: IncomingMessage, input: unknown): Call => {
  const { headers, method = '', url = '' } = request;
  const [, environment = '', service = ''] = signer.exec(headers.authorization ?? '') ?? [];
  const principal = environment.split('.')[0] ?? '';
  if (service === 's3') {
    const operation = objectOperations[method] ?? method;
    const [path = ''] = decodeURIComponent(url).slice(1).split('?');
    return { service, operation, input, path, principal, environment };
  }
  const operation =
    service === 's3vectors'
      ? url.slice(1)
      : (String(headers['x-amz-target']).split('.').at(-1) ?? '');
  return { service, operation, input, principal, environment };
};

/** Body of a request about an object: that of a write. */
const bodyOf = ({ method }: IncomingMessage, input: unknown): { body?: Buffer } =>
  method === 'PUT' && Buffer.isBuffer(input) ? { body: input } : {};

/** Builds an error response in the services' JSON protocol. */
export const refusal = (status: number, type: string, more: object = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${type};Sender` },
  body: JSON.stringify({ __type: type, message: 'injected', ...more }),
});

/**
 * Starts a proxy between all functions and all services. The proxy identifies caller and service by the signature,
 * records the calls, and lets a test inject faults.
 *
 * @param services address of each service's emulator
 */
export const startAwsProxy = async (services: { readonly [service: string]: string }) => {
  const calls: Call[] = [];
  let interference = straight;

  const carryOut = async (request: IncomingMessage, { service, input }: Call): Promise<Answer> => {
    const target = services[service];
    if (target === undefined) throw new Error(`nothing here stands in for ${service}`);
    const isObject = service === 's3';
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'POST',
      headers: {
        ...(isObject
          ? {}
          : {
              'content-type': String(request.headers['content-type']),
              'x-amz-target': String(request.headers['x-amz-target']),
            }),
        authorization: String(request.headers.authorization).replace(signer, everyone),
      },
      ...(isObject ? bodyOf(request, input) : { body: JSON.stringify(input) }),
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(
        [...answer.headers].filter(([name]) => /^(content-type|x-amz)/.test(name)),
      ),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = callOf(request, inputOf(request, await buffer(request)));
    calls.push(call);
    const answer = await interference(call, (input = call.input) =>
      carryOut(request, { ...call, input }),
    );
    if (answer === undefined || response.destroyed) return void response.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  // No timeout, since an environment that was frozen meanwhile would find its connections closed.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    interfere(next: Interference = straight): void {
      interference = next;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
