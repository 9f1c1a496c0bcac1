import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/ports/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass; whoever's sleep ends meanwhile has gone on when it resolves. */
  advance(ms: number): Promise<void>;
}

/** Of the event loop: writers that come together gather before they are committed. */
const turnsOfAWrite = 4;

/** A clock that moves only when told to. */
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
      for (let turn = 0; turn < turnsOfAWrite; turn++) await setImmediate();
    },
  };
};
