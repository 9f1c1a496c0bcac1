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

/** What becomes of a call: `send` carries it out, with another input if one is given; `undefined` breaks the connection off. */
export type Interference = (
  call: Call,
  send: (input?: unknown) => Promise<Answer>,
) => Promise<Answer | undefined>;

const straight: Interference = (_, send) => send();

/** Signature version 4 says in clear who asks which service. */
const signer = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/;

/** DynamoDB Local keeps a database for each access key. */
const everyone = (credential: string, environment: string): string =>
  credential.replace(environment, 'local');

const callOf = ({ headers }: IncomingMessage, input: unknown): Call => {
  const [, environment = '', service = ''] = signer.exec(headers.authorization ?? '') ?? [];
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  const principal = environment.split('.')[0] ?? '';
  return { service, operation, input, principal, environment };
};

/** As the services say it: every client here speaks a JSON protocol. */
export const refusal = (status: number, type: string, more: object = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${type};Sender` },
  body: JSON.stringify({ __type: type, message: 'injected', ...more }),
});

/**
 * Stands between all functions and all services: it tells by the signature who calls which service, keeps a list, and
 * lets a test interfere.
 * @param services address of each service's stand-in
 */
export const startAwsProxy = async (services: { readonly [service: string]: string }) => {
  const calls: Call[] = [];
  let interference = straight;

  const carryOut = async (request: IncomingMessage, { service, input }: Call): Promise<Answer> => {
    const target = services[service];
    if (target === undefined) throw new Error(`nothing here stands in for ${service}`);
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: 'POST',
      headers: {
        'content-type': String(request.headers['content-type']),
        'x-amz-target': String(request.headers['x-amz-target']),
        authorization: String(request.headers.authorization).replace(signer, everyone),
      },
      body: JSON.stringify(input),
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
    const call = callOf(request, JSON.parse((await buffer(request)).toString()));
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
  // An environment that is frozen meanwhile would find its connections closed.
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
