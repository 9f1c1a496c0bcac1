import type { Server } from 'node:http';
import type { Hono } from 'hono';
import { runUsageFlushes, type UsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { HintConsumer } from '../../shared/ports/queue.ts';
import { createDispatcherHandler } from '../dispatcher/handler.ts';
import { createSweeperHandler } from '../sweeper/handler.ts';
import { createWorkerHandler } from '../worker/handler.ts';
import { runConsumer } from './consumer.ts';
import { listen } from './listen.ts';
import { createRequestPriority } from './request-priority.ts';
import { runSweeps } from './sweeping.ts';
import { createWorkClasses } from './work-classes.ts';

/** How long requests and refinements under way may still take once the process is told to end. */
const graceMs = 8_000;
/** And how long those may take that were then asked to stop. */
const shutdownMs = 1_500;

/**
 * Hints of the dispatcher seen to at once. An endpoint takes one as long as it is delivered to, and mostly waits for its
 * receiver meanwhile: as many that hang must never leave none for the others.
 */
export const dispatcherConcurrency = 2_048;

/** How long the store may take what was counted last. */
const lastFlushMs = 500;

/** Hints of the turns queue that may wait for their slots: all there are, so that none is kept behind another class. */
export const takenAtOnce = 10_000;

export interface Service {
  url: string;
  /** Takes nothing new, lets what is under way end, and resolves within ten seconds. */
  drain(): Promise<void>;
}

interface ServiceSettings {
  host: string;
  port: number;
  maxConnections: number;
  sweepIntervalMs: number;
  modelConcurrency: number;
}

/** A client that keeps its connection open after its answer would hold the end up. */
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const tidying = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(tidying);
      resolve();
    });
  });

/**
 * Serves `app` and does the work its requests leave, in this process.
 * @param limiterStore the one of `app`, so that updates of the API and the dispatcher share transactions
 * @throws TerminalError cannot_listen, before any work has begun
 */
export const startService = async (
  platform: FullPlatform & { turns: HintConsumer; notifications: HintConsumer },
  app: Pick<Hono, 'fetch'>,
  { host, port, maxConnections, sweepIntervalMs, modelConcurrency }: ServiceSettings,
  usage?: UsageMeter,
  limiterStore = createLimiterStore(platform),
): Promise<Service> => {
  const { server, url } = await listen(app, host, port, { maxConnections });
  const stop = new AbortController();
  const cancel = new AbortController();
  const signals = { stop: stop.signal, cancel: cancel.signal };
  const requestPriority = createRequestPriority(platform.clock);
  const { waitForQuiet } = requestPriority;
  server.on('request', requestPriority.onRequest);
  const background = { ...platform, store: requestPriority.throttledStore(platform.store) };
  const prompt = createWorkerHandler(platform);
  const polite = createWorkerHandler(background);
  const work = [
    runConsumer(
      platform,
      platform.turns,
      (batch, limits) => (limits.isPrompt ? prompt : polite)(batch, limits),
      {
        ...signals,
        atOnce: takenAtOnce,
        classes: createWorkClasses(modelConcurrency, stop.signal, platform.telemetry),
      },
      waitForQuiet,
    ),
    runConsumer(
      platform,
      platform.notifications,
      createDispatcherHandler(background, limiterStore),
      { ...signals, atOnce: dispatcherConcurrency },
      waitForQuiet,
    ),
    runSweeps(platform, createSweeperHandler(platform), sweepIntervalMs, stop.signal),
    ...(usage ? [runUsageFlushes(usage, platform, stop.signal)] : []),
  ];

  return {
    url,
    async drain() {
      stop.abort();
      const ended = Promise.all([closed(server), ...work]);
      const { clock } = platform;
      const done = new AbortController();
      const forceStop = clock.sleep(graceMs, done.signal).then(() => {
        cancel.abort();
        server.closeAllConnections();
        return clock.sleep(shutdownMs, done.signal);
      });
      await Promise.race([ended, forceStop]);
      done.abort();
      await Promise.race([usage?.flush(), clock.sleep(lastFlushMs)]);
    },
  };
};
