import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Hono } from 'hono';
import { TerminalError } from '../../shared/domain/errors.ts';
import { answerSocketErrors, unreadableRequest } from './socket-errors.ts';

const sentences: { [code: string]: (host: string, port: number) => string } = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use: stop the program that listens there, or set TURNSTONE_PORT.`,
  EACCES: (_, port) => `This user may not listen on port ${port}: set TURNSTONE_PORT.`,
  EADDRNOTAVAIL: (host) => `${host} is not an address of this machine: set TURNSTONE_HOST.`,
  ENOTFOUND: (host) => `The host name ${host} is unknown: set TURNSTONE_HOST.`,
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Limits on connections. */
interface SocketLimits {
  maxConnections?: number;
  /** Time until the headers have arrived. */
  headersMs: number;
  /** Time until the whole request has arrived. */
  requestMs: number;
  /** Time a connection stays open without a request. */
  keepAliveMs: number;
  /** Time a connection stays open without a byte in either direction. Longer than any request waits for its answer. */
  silentMs: number;
}

const defaultTimeouts = {
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
      // Node's own answer to a request without a Host header has no body; the app answers such a request instead.
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
  const server = openServer(app, { ...defaultTimeouts, ...limits });
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
