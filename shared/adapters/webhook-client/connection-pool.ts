import type { Socket } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { type Connection, isUsable } from './connection.ts';

export interface Connections {
  /** A connection to `origin` that has just become free. */
  acquire(origin: string): Connection | undefined;
  /** What opens them: the client is loaded by the first who posts. */
  opener(): Promise<(origin: string, socket: Socket) => Connection>;
  /** Keeps a connection for the next attempt, if that comes at once. */
  release(origin: string, connection: Connection): void;
  discard(connection: Connection): void;
  close(): void;
}

/**
 * Connections by origin, so that no endpoint waits for another's. They are used again only within a burst: at rest
 * nothing is kept open, and the next attempt resolves and judges anew.
 */
export const createConnections = (clock: Clock): Connections => {
  const idle = new Map<string, Set<Connection>>();
  const open = new Set<Connection>();

  const discard = (connection: Connection): void => {
    if (!open.delete(connection)) return;
    connection.socket.destroy();
    void connection.client.destroy();
  };

  const remove = (origin: string, connection: Connection): void => {
    const free = idle.get(origin);
    free?.delete(connection);
    if (free?.size === 0) idle.delete(origin);
  };

  return {
    acquire(origin) {
      const now = clock.now();
      for (const connection of idle.get(origin) ?? []) {
        remove(origin, connection);
        if (isUsable(connection, now)) return connection;
        discard(connection);
      }
      return undefined;
    },

    async opener() {
      const { openConnection } = await import('./open-connection.ts');
      return (origin, socket) => {
        const connection = openConnection(origin, socket, clock.now());
        open.add(connection);
        socket.once('close', () => {
          remove(origin, connection);
          discard(connection);
        });
        return connection;
      };
    },

    release(origin, connection) {
      connection.idleSince = clock.now();
      connection.answers += 1;
      if (!isUsable(connection, connection.idleSince)) return discard(connection);
      idle.set(origin, (idle.get(origin) ?? new Set()).add(connection));
    },

    discard,

    close() {
      for (const connection of open) discard(connection);
      idle.clear();
    },
  };
};
