import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Request as received, byte for byte. */
export interface Received {
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Reply {
  status: number;
  headers?: { [name: string]: string };
  body?: string;
  /** Delay before the response. */
  afterMs?: number;
}

/** The `webhook-id` of a request. */
export const idOf = ({ headers }: Received): string => String(headers['webhook-id']);

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
export const payloadOf = ({ body }: Received): any => JSON.parse(body.toString('utf8'));

export const typeOf = (received: Received): string => payloadOf(received).type;

/** A customer's server on loopback. Answers 200 unless scripted otherwise. */
export const startReceiver = async (port = 0) => {
  const received: Received[] = [];
  const script: Reply[] = [];
  let usual: Reply = { status: 200 };

  const server = createServer(async (request, response) => {
    const at = Date.now();
    const body = Buffer.concat(await request.toArray());
    received.push({ at, path: request.url ?? '', headers: request.headers, body });
    const { status, headers = {}, body: text, afterMs = 0 } = script.shift() ?? usual;
    await sleep(afterMs);
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;

  const matching = (type?: string): Received[] =>
    received.filter((each) => type === undefined || typeOf(each) === type);

  return {
    port: bound,
    /** For `TURNSTONE_WEBHOOK_ALLOW`. */
    pair: `127.0.0.1:${bound}`,
    url: `http://127.0.0.1:${bound}/hooks`,
    received,
    /** Requests of a type, or all. */
    matching,
    /** Answers the next requests like this, one each; later ones as usual. */
    next: (...replies: Reply[]) => void script.push(...replies),
    /** Answers all other requests like this from now on. */
    usually(reply: Reply) {
      usual = reply;
    },
    /** Waits until so many requests of a type, or of all types, have arrived, and returns them. */
    async arrive(count: number, type?: string, withinMs = 15_000): Promise<Received[]> {
      const until = Date.now() + withinMs;
      while (matching(type).length < count) {
        if (Date.now() > until)
          throw new Error(
            `${matching(type).length} of ${count} ${type ?? 'requests'} came: ${received.map(typeOf)}`,
          );
        await sleep(20);
      }
      return matching(type);
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
