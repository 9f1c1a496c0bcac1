import type { Socket } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { type Connection, isUsable } from './connection.ts';

export interface ConnectionPool {
  /** Returns an idle connection to `origin`, if there is a usable one. */
  acquire(origin: string): Connection | undefined;
  /** Loads the HTTP client on first use and returns the function that adds a connection on a socket to the pool. */
  loadConnect(): Promise<(origin: string, socket: Socket) => Connection>;
  /** Keeps a connection open for 250 ms for the next attempt. */
  release(origin: string, connection: Connection): void;
  destroy(connection: Connection): void;
  close(): void;
}

/**
 * Creates a pool of connections by origin. A connection is reused only within a burst of attempts: an idle one is
 * closed, and the next attempt resolves and checks the address again.
 */
export const createConnectionPool = (clock: Clock): ConnectionPool => {
  const idle = new Map<string, Set<Connection>>();
  const open = new Set<Connection>();

  const destroy = (connection: Connection): void => {
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
        destroy(connection);
      }
      return undefined;
    },

    async loadConnect() {
      const { openConnection } = await import('./open-connection.ts');
      return (origin, socket) => {
        const connection = openConnection(origin, socket, clock.now());
        open.add(connection);
        socket.once('close', () => {
          remove(origin, connection);
          destroy(connection);
        });
        return connection;
      };
    },

    release(origin, connection) {
      connection.idleSince = clock.now();
      connection.responses += 1;
      if (!isUsable(connection, connection.idleSince)) return destroy(connection);
      idle.set(origin, (idle.get(origin) ?? new Set()).add(connection));
    },

    destroy,

    close() {
      for (const connection of open) destroy(connection);
      idle.clear();
    },
  };
};
