import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { encode } from '../../shared/adapters/dynamodb/attribute-value.ts';
import { recordOfKey } from '../../shared/core/projects/api-keys.ts';
import { idOfKey } from '../../shared/domain/api-key.ts';
import { apiKeyKey } from '../../shared/domain/table/keys.ts';
import { gatewayEvent } from './aws-artefacts/gateway-event.ts';
import { coldSettings } from './cold-imports.ts';

const key = 'key-of-a-cold-start';
const keyId = idOfKey(key) ?? '';
const project = { id: 'default', organization: 'default', name: 'default', createdAt: 0 };
const record = recordOfKey(key, keyId, project, {
  name: 'cold',
  permissions: ['read', 'write', 'admin'],
  createdAt: 1_790_000_000_000,
});
const { pk, sk } = apiKeyKey(keyId);
const item = Object.fromEntries(
  Object.entries({ ...record, pk, sk }).map(([name, value]) => [name, encode(value)]),
);

/** Answers of DynamoDB, where the table has the key alone, and of SQS. */
const answers: { readonly [operation: string]: (input: string) => unknown } = {
  GetItem: (input) => (input.includes(pk) ? { Item: item } : {}),
  BatchGetItem: () => ({ Responses: {}, UnprocessedKeys: {} }),
  Query: () => ({ Items: [], Count: 0 }),
};

const answerTo = async (request: IncomingMessage): Promise<unknown> => {
  const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
  return answers[operation]?.(await text(request)) ?? {};
};

/** Starts stand-ins for the services of AWS and the model, which answer at once. The queues refuse hints, which an add may lose. */
const startServices = async () => {
  const server = createServer(async (request, response) => {
    const answer = JSON.stringify(await answerTo(request));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close(),
  };
};

const programOf = (file: string, event: object): string => `
const start = performance.now();
const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
const imported = performance.now();
const context = { getRemainingTimeInMillis: () => 20_000 };
const { statusCode: status, body } = await handler(${JSON.stringify(event)}, context);
const ms = { import: imported - start, request: performance.now() - imported };
process.send({ ms, status, body }, () => process.exit(0));`;

export interface FirstAnswer {
  ms: { import: number; request: number };
  status: number;
  body: string;
}

/** Imports the bundle of the API in a new process and sends it one request. All services answer at once, and nothing is stored. */
export const firstAnswer = async (
  file: string,
  { method, target, body }: { method: string; target: string; body?: object },
): Promise<FirstAnswer> => {
  const services = await startServices();
  const event = gatewayEvent({
    method,
    target,
    headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
    body: Buffer.from(body ? JSON.stringify(body) : ''),
  });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', programOf(file, event)], {
    env: {
      ...coldSettings,
      AWS_ENDPOINT_URL: services.url,
      TURNSTONE_TURNS_QUEUE_URL: `${services.url}/turns`,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: services.url,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The function ended with ${code} before it answered.`);
    });
    const [answer] = await Promise.race([once(child, 'message'), ended]);
    return answer;
  } finally {
    child.kill();
    services.stop();
  }
};
