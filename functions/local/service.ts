import type { Server } from 'node:http';
import type { Hono } from 'hono';
import type { UsageMeter } from '../../shared/core/projects/usage-meter.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { HintConsumer } from '../../shared/ports/queue.ts';
import { startBackgroundWork, type WorkSettings } from './background-work.ts';
import { listen } from './listen.ts';

export interface Service {
  url: string;
  /** Stops accepting requests and hints, lets work in progress finish, and resolves within ten seconds. */
  drain(): Promise<void>;
}

interface ServiceSettings extends WorkSettings {
  host: string;
  port: number;
  maxConnections: number;
}

/** Closes the server. Closes idle keep-alive connections too, which would otherwise delay the shutdown. */
const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const closingIdle = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(closingIdle);
      resolve();
    });
  });

/**
 * Runs the whole service in this process: HTTP server, worker, dispatcher and sweeper.
 * @throws TerminalError cannot_listen, before any background work has started
 */
export const startService = async (
  platform: FullPlatform & { turns: HintConsumer; notifications: HintConsumer },
  app: Pick<Hono, 'fetch'>,
  settings: ServiceSettings,
  usage?: UsageMeter,
): Promise<Service> => {
  const { host, port, maxConnections } = settings;
  const { server, url } = await listen(app, host, port, { maxConnections });
  const work = startBackgroundWork(platform, settings, usage);
  server.on('request', work.onRequest);

  return {
    url,
    drain: () => work.drain(closeServer(server), () => server.closeAllConnections()),
  };
};
