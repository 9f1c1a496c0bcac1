import { runUsageFlushes, type UsageMeter } from '../../shared/core/projects/usage-meter.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { HintConsumer } from '../../shared/ports/queue.ts';
import { createDispatcherHandler } from '../dispatcher/handler.ts';
import { errorFields } from '../error-fields.ts';
import { createSweeperHandler } from '../sweeper/handler.ts';
import { createWorkerHandler } from '../worker/handler.ts';
import { runConsumer } from './consumer.ts';
import { createRequestPriority } from './request-priority.ts';
import { createWorkClasses } from './work-classes.ts';

/** Grace period on shutdown: requests and refinements in progress may finish within it. */
const graceMs = 8_000;
/** Time for work to stop after the grace period, once cancelled. */
const shutdownMs = 1_500;

/**
 * Concurrency of the dispatcher. A hint occupies its endpoint for as long as deliveries to it are in progress and mostly
 * waits for the receiver. Large enough that receivers which do not answer leave capacity for the others.
 */
export const dispatcherConcurrency = 2_048;

/** Time for the last flush of usage counts on shutdown. */
const lastFlushMs = 500;

/**
 * Hints received from the turns queue at once. Received hints wait for a slot of their class; large enough to hold them
 * all, so that hints of one class never block the queue for another.
 */
export const workerPrefetch = 10_000;

export interface WorkSettings {
  sweepIntervalMs: number;
  modelConcurrency: number;
}

export interface BackgroundWork {
  /** Must be called for every request: background work yields to requests. */
  onRequest(): void;
  /**
   * Stops receiving hints, lets work in progress finish, and resolves within ten seconds. Unfinished work stays due for the
   * next start.
   * @param requests resolves once no request is in progress
   * @param abandon ends requests that are in progress after the grace period
   */
  drain(requests: Promise<void>, abandon: () => void): Promise<void>;
}

/** Sweeps now and every `intervalMs` until `stop`. A sweep that fails is logged, and the next one tries again. */
const runSweeps = async (
  { clock, telemetry }: Pick<FullPlatform, 'clock' | 'telemetry'>,
  sweep: () => Promise<unknown>,
  intervalMs: number,
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    try {
      await sweep();
    } catch (error) {
      telemetry.log('error', 'sweep.failed', errorFields(error));
    }
    await clock.sleep(intervalMs, stop);
  }
};

/** Runs worker, dispatcher and sweeper in this process. Never rejects: failed work stays due and is swept. */
export const startBackgroundWork = (
  platform: FullPlatform & { turns: HintConsumer; notifications: HintConsumer },
  { sweepIntervalMs, modelConcurrency }: WorkSettings,
  usage?: UsageMeter,
): BackgroundWork => {
  const stop = new AbortController();
  const cancel = new AbortController();
  const signals = { stop: stop.signal, cancel: cancel.signal };
  const requestPriority = createRequestPriority(platform.clock);
  const { waitForQuiet } = requestPriority;
  const background = { ...platform, store: requestPriority.throttledStore(platform.store) };
  const handlePrompt = createWorkerHandler(platform);
  const handleThrottled = createWorkerHandler(background);
  const work = [
    runConsumer(
      platform,
      platform.turns,
      (batch, limits) => (limits.isShort ? handlePrompt : handleThrottled)(batch, limits),
      {
        ...signals,
        concurrency: workerPrefetch,
        classes: createWorkClasses(modelConcurrency, stop.signal, platform.telemetry),
      },
      waitForQuiet,
    ),
    runConsumer(
      platform,
      platform.notifications,
      createDispatcherHandler(background),
      { ...signals, concurrency: dispatcherConcurrency },
      waitForQuiet,
    ),
    runSweeps(platform, createSweeperHandler(platform), sweepIntervalMs, stop.signal),
    ...(usage ? [runUsageFlushes(usage, platform, stop.signal)] : []),
  ];

  return {
    onRequest: requestPriority.onRequest,
    async drain(requests, abandon) {
      stop.abort();
      const ended = Promise.all([requests, ...work]);
      const { clock } = platform;
      const done = new AbortController();
      const forceStop = clock.sleep(graceMs, done.signal).then(() => {
        cancel.abort();
        abandon();
        return clock.sleep(shutdownMs, done.signal);
      });
      await Promise.race([ended, forceStop]);
      done.abort();
      await Promise.race([usage?.flush(), clock.sleep(lastFlushMs)]);
    },
  };
};
