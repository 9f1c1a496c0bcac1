import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { Refusal } from './refusal.ts';
import { createVectorStore, type IndexShape } from './vector-store.ts';

const maxRequestBytes = 20 * 1_024 * 1_024;

export type Operation = 'PutVectors' | 'DeleteVectors' | 'GetVectors' | 'QueryVectors';

/** Failure of a request; `lose-answer` executes the request and drops the response. */
export type Fault = { status: number; exception: string } | 'drop' | 'hang' | 'lose-answer';

export interface S3VectorsServerOptions {
  bucket: string;
  /** Indexes that exist from the start, all of one shape. */
  indexes?: { names: readonly string[]; shape: IndexShape };
  /** Delay until reads see a write, deletions included. The service has none. */
  lagMs?: number;
  /** Results in one page of a query. */
  pageSize?: number;
}

export interface RecordedRequest {
  operation: Operation;
  /** Parsed body. */
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
  body: any;
  bytes: number;
}

const send = (
  response: ServerResponse,
  status: number,
  body: unknown,
  exception?: string,
): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(exception === undefined ? {} : { 'x-amzn-errortype': exception }),
  });
  response.end(JSON.stringify(body));
};

const signature = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[\w-]+\/s3vectors\/aws4_request, /;

/**
 * Fake S3 Vectors on loopback: one vector bucket in the wire format of the service (REST with JSON, signed requests). Validates requests
 * like the service, and fails on demand.
 */
export const startS3VectorsServer = async (options: S3VectorsServerOptions) => {
  let { lagMs = 0 } = options;
  const store = createVectorStore({
    now: systemClock.now,
    lagMs: () => lagMs,
    pageSize: options.pageSize ?? 100,
  });
  const { names = [], shape = { dimension: 0, nonFilterable: [] } } = options.indexes ?? {};
  for (const name of names) store.add(name, shape);
  const requests: RecordedRequest[] = [];
  const faults: { operation: Operation; fault: Fault }[] = [];

  const takeFault = (operation: Operation): Fault | undefined => {
    const at = faults.findIndex((planned) => planned.operation === operation);
    return at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
  };

  // biome-ignore lint/suspicious/noExplicitAny: each operation parses its body
  const operations: { [operation in Operation]: (body: any) => unknown } = {
    PutVectors: (body) => store.index(body.indexName).put(body),
    DeleteVectors: (body) => store.index(body.indexName).remove(body),
    GetVectors: (body) => store.index(body.indexName).get(body),
    QueryVectors: (body) => store.index(body.indexName).query(body),
  };
  const isOperation = (name: string): name is Operation => name in operations;

  /** Fails like the service, or by the script. @throws Refusal */
  const refuse = ({ headers }: IncomingMessage, bytes: number, fault: Fault | undefined): void => {
    if (typeof fault === 'object')
      throw new Refusal(fault.status, fault.exception, 'injected by the test');
    if (bytes > maxRequestBytes) throw new Refusal(400, 'ValidationException', 'more than 20 MiB');
    if (!signature.test(headers.authorization ?? ''))
      throw new Refusal(403, 'AccessDeniedException', 'The request is not signed for s3vectors');
  };

  const perform = (operation: Operation, body: { vectorBucketName?: string }): unknown => {
    if (body.vectorBucketName !== options.bucket)
      throw new Refusal(404, 'NotFoundException', 'The specified vector bucket could not be found');
    return operations[operation](body);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = Buffer.concat(await request.toArray());
    const operation = (request.url ?? '').slice(1);
    if (request.method !== 'POST' || !isOperation(operation))
      throw new Refusal(404, 'UnknownOperationException', operation);
    const body = JSON.parse(bytes.toString());
    requests.push({ operation, body, bytes: bytes.length });
    const fault = takeFault(operation);
    if (fault === 'hang') return;
    if (fault === 'drop') return void response.destroy();
    refuse(request, bytes.length, fault);
    const answer = perform(operation, body);
    if (fault === 'lose-answer') response.destroy();
    else send(response, 200, answer);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (error instanceof Refusal)
        send(response, error.status, { message: error.message }, error.name);
      else response.destroy(error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    /** All requests, in order. */
    requests,
    bodiesOf: (operation: Operation) =>
      requests.filter((request) => request.operation === operation).map(({ body }) => body),
    keys: store.keys,
    addIndex: store.add,
    /** Scripts the failures of the next requests of an operation, one each. */
    fail(operation: Operation, ...planned: Fault[]) {
      faults.push(...planned.map((fault) => ({ operation, fault })));
    },
    lag(ms: number) {
      lagMs = ms;
    },
    /** Makes all writes visible. */
    settle: store.settle,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
