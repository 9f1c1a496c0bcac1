import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { createControlPlane } from './control-plane.ts';
import { createDataPlane, type DataOperation, type Reply, type Shape } from './data-plane.ts';
import { Refused } from './refused.ts';

export type Operation = DataOperation | 'create' | 'describe';

/** Failure of a request; `lose-answer` executes the request and drops the response. */
export type Fault =
  | { status: number; retryAfter?: string }
  | 'drop'
  | 'hang'
  | 'lose-answer'
  | 'junk';

export interface PineconeServerOptions {
  /** The only accepted key. */
  apiKey: string;
  dimension?: number;
  metric?: string;
  /** Name of the index that exists from the start. */
  index?: string;
  /** Clock of the lag. */
  now?: () => number;
  /** Delay until queries see a write, deletions included. */
  lagMs?: number | ((operation: DataOperation) => number);
  /** Number of descriptions of a new index before it is ready. */
  pollsUntilReady?: number;
  /** Whether a record without a field passes `$ne` and `$nin` on that field. */
  missingDiffers?: boolean;
}

export interface RecordedRequest {
  operation: Operation;
  /** Parsed body. */
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
  body: any;
  bytes: number;
  version: string;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> =>
  Buffer.concat(await request.toArray());

const send = (response: ServerResponse, status: number, { body, headers = {} }: Reply): void => {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain' : 'application/json',
    ...headers,
  });
  response.end(isText ? body : JSON.stringify(body));
};

const misbehave = (response: ServerResponse, fault: Fault): void => {
  if (fault === 'hang') return;
  if (fault === 'drop' || fault === 'lose-answer') response.destroy();
  else if (fault === 'junk') send(response, 200, { body: '<html>not the service</html>' });
  else {
    const { status, retryAfter } = fault;
    const body = { code: 0, message: 'injected', details: [] };
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    send(response, status, { body, headers });
  }
};

/**
 * Fake Pinecone server on loopback: control plane and data plane of one index in the wire format of the service. Validates
 * requests and lags like the service, and fails on demand.
 */
export const startPineconeServer = async (options: PineconeServerOptions) => {
  const { apiKey, dimension = 5, metric = 'dotproduct', now = systemClock.now } = options;
  const shape: Shape = { dimension, metric };
  let lagMs = options.lagMs ?? 0;
  const requests: RecordedRequest[] = [];
  const faults: { operation: Operation; fault: Fault }[] = [];
  let url = '';

  const data = createDataPlane(shape, {
    now,
    missingDiffers: options.missingDiffers ?? true,
    lagMs: (operation) => (typeof lagMs === 'function' ? lagMs(operation) : lagMs),
  });
  const control = createControlPlane(() => url, options.pollsUntilReady ?? 0);
  control.add(options.index ?? 'memories', shape);

  const takeFault = (operation: Operation): Fault | undefined => {
    const at = faults.findIndex((planned) => planned.operation === operation);
    return at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
  };

  const operationOf = (method: string, path: URL): Operation => {
    const route = data.routes.get(`${method} ${path.pathname}`);
    return route?.operation ?? (method === 'POST' ? 'create' : 'describe');
  };

  const perform = (method: string, path: URL, body: unknown, bytes: number): Reply => {
    const route = data.routes.get(`${method} ${path.pathname}`);
    if (route) return route.run({ body, bytes, params: path.searchParams });
    const reply = control.answer(method, path.pathname, body);
    if (reply) return reply;
    throw new Refused(404, 'Not Found');
  };

  const answer = (response: ServerResponse, run: () => Reply): void => {
    try {
      const reply = run();
      if (!response.destroyed) send(response, 200, reply);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      send(response, error.status, { body: error.body });
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers } = request;
    const path = new URL(request.url ?? '/', url);
    const raw = await bodyOf(request);
    const body: unknown = raw.length > 0 ? JSON.parse(raw.toString()) : undefined;
    const operation = operationOf(method, path);
    const version = String(headers['x-pinecone-api-version'] ?? '');
    requests.push({ operation, body, bytes: raw.length, version });
    if (headers['api-key'] !== apiKey) return send(response, 401, { body: 'Invalid API Key' });
    const fault = takeFault(operation);
    if (fault === 'lose-answer') perform(method, path, body, raw.length);
    if (fault !== undefined) return misbehave(response, fault);
    answer(response, () => perform(method, path, body, raw.length));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    /** Base URL of both planes. */
    url,
    /** All requests, in order. */
    requests,
    bodiesOf: (operation: Operation) =>
      requests.filter((request) => request.operation === operation).map(({ body }) => body),
    /** Names of all namespaces with a write, sorted. */
    namespaces: () => [...data.namespaces.keys()].sort(),
    /** Number of visible records of a namespace. */
    sizeOf: (namespace: string) => data.namespaces.get(namespace)?.read().vectors.size ?? 0,
    addIndex: control.add,
    /** Scripts the failures of the next requests of an operation, one each. */
    fail(operation: Operation, ...planned: Fault[]) {
      faults.push(...planned.map((fault) => ({ operation, fault })));
    },
    lag(ms: NonNullable<PineconeServerOptions['lagMs']>) {
      lagMs = ms;
    },
    /** Makes all writes visible. */
    settle: data.settle,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
