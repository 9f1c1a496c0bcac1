import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Hono } from 'hono';
import { TerminalError } from '../../shared/domain/errors.ts';
import { answerSocketErrors, unreadableRequest } from './socket-errors.ts';

const sentences: { [code: string]: (host: string, port: number) => string } = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use: stop what listens there or set TURNSTONE_PORT.`,
  EACCES: (_, port) => `This user may not listen on port ${port}: set TURNSTONE_PORT.`,
  EADDRNOTAVAIL: (host) => `${host} is no address of this machine: set TURNSTONE_HOST.`,
  ENOTFOUND: (host) => `${host} is no known host name: set TURNSTONE_HOST.`,
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** How long a connection may take for its request, and how many there are at once. */
interface SocketLimits {
  maxConnections?: number;
  /** Until the headers are there, and until the body is. */
  headersMs: number;
  requestMs: number;
  /** Open without a request; and without a byte in either direction, which is longer than any request waits. */
  keepAliveMs: number;
  silentMs: number;
}

const usualTimes = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  silentMs: 60_000,
};

const openServer = (app: Pick<Hono, 'fetch'>, limits: SocketLimits): Server => {
  const listener = getRequestListener(app.fetch, {
    errorHandler(error) {
      if (error instanceof RequestError) return unreadableRequest();
      throw error;
    },
  });
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      // The answer to a request without a Host header would have no body.
      requireHostHeader: false,
    },
    listener,
  );
  if (limits.maxConnections !== undefined) server.maxConnections = limits.maxConnections;
  server.setTimeout(limits.silentMs);
  answerSocketErrors(server);
  return server;
};

/** @throws TerminalError cannot_listen */
export const listen = async (
  app: Pick<Hono, 'fetch'>,
  host: string,
  port: number,
  limits: Partial<SocketLimits> = {},
): Promise<{ server: Server; url: string }> => {
  const server = openServer(app, { ...usualTimes, ...limits });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const sentence = sentences[codeOf(error)];
    if (!sentence) throw error;
    throw new TerminalError('cannot_listen', sentence(host, port), error);
  }
  const bound = server.address();
  const actual = typeof bound === 'object' && bound ? bound.port : port;
  return { server, url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}` };
};
