import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createSecureServer, type TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

/**
 * Handles a connection after each complete request; `count` is the number of the request over all connections, from 1.
 */
export type Reply = (socket: Socket, request: string, count: number) => void;

const portOf = (address: unknown): number =>
  typeof address === 'object' && address && 'port' in address ? Number(address.port) : 0;

const lengthOf = (head: string): number => Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);

/** Starts a receiver on a raw socket, whose responses a test writes byte by byte. */
export const startRawReceiver = async (
  reply: Reply,
  { host = '127.0.0.1', port = 0, tls }: { host?: string; port?: number; tls?: Certificate } = {},
) => {
  const requests: string[] = [];
  const sockets = new Set<Socket | TLSSocket>();
  let connections = 0;

  const attend = (socket: Socket): void => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0 || text.length < headEnd + 4 + lengthOf(text.slice(0, headEnd))) return;
      requests.push(text);
      const request = text;
      text = '';
      reply(socket, request, requests.length);
    });
  };

  const server = tls ? createSecureServer(tls, attend) : createServer(attend);
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    port: portOf(server.address()),
    /** Requests in order of arrival, with head and body. */
    requests,
    connections: (): number => connections,
    openSockets: (): number => sockets.size,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
export type RawReceiver = Awaited<ReturnType<typeof startRawReceiver>>;

/** Builds a complete response, after which the connection may be reused. */
export const answer =
  (status: number, headers: { [name: string]: string } = {}, body = 'ok'): Reply =>
  (socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `HTTP/1.1 ${status} Status\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines.join('')}\r\n${body}`,
    );
  };
