import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { Clock } from '../../shared/ports/clock.ts';

export interface LeapingClock extends Clock {
  leap(ms: number): void;
}

/** Real time, from which a test leaps ahead: for what takes its time by itself, and for what waits for hours. */
export const createLeapingClock = (): LeapingClock => {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    sleep: systemClock.sleep,
    leap(ms) {
      ahead += ms;
    },
  };
};
