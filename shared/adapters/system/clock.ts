import type { Clock } from '../../ports/clock.ts';

/** Clock of the operating system. `sleep` resolves early when its signal aborts, and makes no exception for that. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      if (signal?.aborted) end();
      else signal?.addEventListener('abort', end, { once: true });
    }),
};
