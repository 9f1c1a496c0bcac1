import type { Socket } from 'node:net';
import { Client } from 'undici';
import { type Connection, idleMs } from './connection.ts';

const maxHeaderBytes = 32_768;

/**
 * Opens HTTP on a socket. The client can never open a second socket, so that every connection has passed the SSRF
 * guard.
 */
export const openConnection = (origin: string, socket: Socket, now: number): Connection => {
  let isTaken = false;
  const client = new Client(origin, {
    // Deferred: undici does not resume its queue if the callback runs before `connect` has returned.
    connect: (_, done) => {
      const isFirst = !isTaken;
      isTaken = true;
      queueMicrotask(() =>
        isFirst ? done(null, socket) : done(new Error('the connection is closed'), null),
      );
    },
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxHeaderSize: maxHeaderBytes,
    // Disabled, since the whole attempt has a timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const address = socket.remoteAddress ?? '';
  return { client, socket, address, openedAt: now, idleSince: now, responses: 0 };
};
