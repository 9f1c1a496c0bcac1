import type { Socket } from 'node:net';
import type { Client } from 'undici';

/** Longest idle time of a reused connection: long enough for a burst, far below the keep-alive timeout of receivers. */
export const idleMs = 250;
const maxAgeMs = 30_000;

/** A connection to an address that the SSRF guard allowed, with one request at a time. */
export interface Connection {
  client: Client;
  socket: Socket;
  /** IP address of the receiver. */
  address: string;
  openedAt: number;
  idleSince: number;
  /** Number of responses received. */
  responses: number;
}

/** Returns whether another request may be sent on a connection. */
export const isUsable = ({ socket, openedAt, idleSince }: Connection, now: number): boolean =>
  !socket.destroyed &&
  !socket.readableEnded &&
  now - idleSince < idleMs &&
  now - openedAt < maxAgeMs;
