import type { Socket } from 'node:net';
import { Client } from 'undici';
import { type Connection, idleMs } from './connection.ts';

const maxHeaderBytes = 32_768;

/** The client gets this socket and never another: what was not judged is not connected to. */
export const openConnection = (origin: string, socket: Socket, now: number): Connection => {
  let given = false;
  const client = new Client(origin, {
    // Not at once: the client does not go on with what is waiting while it is still asking.
    connect: (_, done) => {
      const isFirst = !given;
      given = true;
      queueMicrotask(() =>
        isFirst ? done(null, socket) : done(new Error('the connection is closed'), null),
      );
    },
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxHeaderSize: maxHeaderBytes,
    // The attempt as a whole has a time limit.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const address = socket.remoteAddress ?? '';
  return { client, socket, address, openedAt: now, idleSince: now, answers: 0 };
};
