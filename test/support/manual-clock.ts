import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/ports/clock.ts';

export interface ManualClock extends Clock {
  /** Advances the time. When the promise resolves, callers whose sleep ended have continued. */
  advance(ms: number): Promise<void>;
}

/** Event loop iterations that a group commit of the local store takes. */
const iterationsPerCommit = 4;

/** Clock that advances only on request. */
export const createManualClock = (start = Date.UTC(2026, 0, 1)): ManualClock => {
  let now = start;
  const sleepers = new Set<{ until: number; wake: () => void }>();

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { until: now + ms, wake };
        if (signal?.aborted) return resolve();
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake();
      for (let count = 0; count < iterationsPerCommit; count++) await setImmediate();
    },
  };
};
