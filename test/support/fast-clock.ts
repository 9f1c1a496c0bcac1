import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../../shared/ports/clock.ts';

/** A clock that runs so many times as fast as time. */
export const createHurriedClock = (speed: number): Clock => {
  const start = Date.now();
  return {
    now: () => start + Math.floor((Date.now() - start) * speed),
    sleep: (ms, signal) =>
      after(Math.max(0, Math.min(ms, 2 ** 31) / speed), undefined, signal ? { signal } : {}).catch(
        () => {},
      ),
  };
};
