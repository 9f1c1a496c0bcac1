import type { Socket } from 'node:net';
import type { Client } from 'undici';

/** Longer than any well-behaved receiver answers a burst with; far shorter than any keeps a connection open. */
export const idleMs = 250;
const maxAgeMs = 30_000;

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

export const isUsable = ({ socket, openedAt, idleSince }: Connection, now: number): boolean =>
  !socket.destroyed &&
  !socket.readableEnded &&
  now - idleSince < idleMs &&
  now - openedAt < maxAgeMs;
