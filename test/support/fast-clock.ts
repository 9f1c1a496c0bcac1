import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../../shared/ports/clock.ts';

/** Clock that runs `speed` times as fast as real time. */
export const createFastClock = (speed: number): Clock => {
  const start = Date.now();
  return {
    now: () => start + Math.floor((Date.now() - start) * speed),
    sleep: (ms, signal) =>
      after(Math.max(0, Math.min(ms, 2 ** 31) / speed), undefined, signal ? { signal } : {}).catch(
        () => {},
      ),
  };
};
