import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { createControlPlane } from './control-plane.ts';
import { createDataPlane, type DataOperation, type Reply, type Shape } from './data-plane.ts';
import { Refused } from './refused.ts';

export type Operation = DataOperation | 'create' | 'describe';

/** How a request goes wrong; `lose-answer`: it is carried out, and nobody hears of it. */
export type Fault =
  | { status: number; retryAfter?: string }
  | 'drop'
  | 'hang'
  | 'lose-answer'
  | 'junk';

export interface PineconeServerOptions {
  /** Any other key is refused. */
  apiKey: string;
  dimension?: number;
  metric?: string;
  /** Name of the index that is there from the start. */
  index?: string;
  /** Time that lags pass by. */
  now?: () => number;
  /** Until a write, a delete included, is seen by queries. */
  lagMs?: number | ((operation: DataOperation) => number);
  /** How often a new index is described before it is ready. */
  looksUntilReady?: number;
  /** Whether records without a field pass `$ne` and `$nin` of it. */
  missingDiffers?: boolean;
}

export interface RecordedRequest {
  operation: Operation;
  /** The body as it came, parsed. */
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
 * A server on loopback that speaks the service's wire format, for both planes, with one index at its own address. It
 * refuses what the service refuses, lags as the service does, and fails when told to.
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
  const control = createControlPlane(() => url, options.looksUntilReady ?? 0);
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
    /** Of the index, and of the control plane. */
    url,
    /** Every request, in order. */
    requests,
    bodiesOf: (operation: Operation) =>
      requests.filter((request) => request.operation === operation).map(({ body }) => body),
    /** Names of the namespaces that were ever written to. */
    namespaces: () => [...data.namespaces.keys()].sort(),
    /** How many records a namespace shows. */
    sizeOf: (namespace: string) => data.namespaces.get(namespace)?.read().vectors.size ?? 0,
    addIndex: control.add,
    /** The next requests of that kind go wrong like this, one each. */
    fail(operation: Operation, ...planned: Fault[]) {
      faults.push(...planned.map((fault) => ({ operation, fault })));
    },
    lag(ms: NonNullable<PineconeServerOptions['lagMs']>) {
      lagMs = ms;
    },
    /** Everything written shows. */
    settle: data.settle,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
