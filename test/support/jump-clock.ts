import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { Clock } from '../../shared/ports/clock.ts';

export interface JumpClock extends Clock {
  jump(ms: number): void;
}

/** Real time plus an offset that a test increases, for tests with both real work and waits of hours. */
export const createJumpClock = (): JumpClock => {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    sleep: systemClock.sleep,
    jump(ms) {
      ahead += ms;
    },
  };
};
