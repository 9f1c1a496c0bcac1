import type { Socket } from 'node:net';
import { Client } from 'undici';

/** Longer than any well-behaved receiver answers a burst with; far shorter than any keeps a connection open. */
const idleMs = 250;
const maxAgeMs = 30_000;
const maxHeaderBytes = 32_768;

/** One connection to one address that was judged; HTTP is spoken on it one request at a time. */
export interface Connection {
  client: Client;
  socket: Socket;
  /** What it is connected to. */
  address: string;
  openedAt: number;
  idleSince: number;
  /** Answers it has brought. */
  answers: number;
}

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

export const isUsable = ({ socket, openedAt, idleSince }: Connection, now: number): boolean =>
  !socket.destroyed &&
  !socket.readableEnded &&
  now - idleSince < idleMs &&
  now - openedAt < maxAgeMs;
