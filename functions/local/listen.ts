import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { TerminalError } from '../../shared/domain/errors.ts';

const sentences: { [code: string]: (host: string, port: number) => string } = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use: stop what listens there or set TURNSTONE_PORT.`,
  EACCES: (_, port) => `This user may not listen on port ${port}: set TURNSTONE_PORT.`,
  EADDRNOTAVAIL: (host) => `${host} is no address of this machine: set TURNSTONE_HOST.`,
  ENOTFOUND: (host) => `${host} is no known host name: set TURNSTONE_HOST.`,
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** @throws TerminalError cannot_listen */
export const listen = async (
  app: Pick<Hono, 'fetch'>,
  host: string,
  port: number,
): Promise<{ server: Server; url: string }> => {
  const server = createServer(getRequestListener(app.fetch));
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
