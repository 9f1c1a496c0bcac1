import { RetryableError } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Hint, Queue } from '../../shared/ports/queue.ts';

export interface HintLog extends Queue {
  /** Removes and returns the first hint whose delay is over. */
  take(): Hint | undefined;
  waiting(): Hint[];
  /** Sets the fate of further hints: stored, lost without an error, or rejected with an error. */
  become(state: 'sound' | 'losing' | 'down'): void;
}

/** Queue whose hints the test takes itself. */
export const createHintLog = (clock: Clock): HintLog => {
  let pending: { hint: Hint; at: number }[] = [];
  let state: 'sound' | 'losing' | 'down' = 'sound';
  return {
    async send(hints, delayMs = 0) {
      if (state === 'down') throw new RetryableError('queue_down', 'The queue is down.');
      if (state === 'sound')
        pending.push(...hints.map((hint) => ({ hint, at: clock.now() + delayMs })));
    },
    take() {
      const next = pending.find(({ at }) => at <= clock.now());
      pending = pending.filter((entry) => entry !== next);
      return next?.hint;
    },
    waiting: () => pending.map(({ hint }) => hint),
    become(next) {
      state = next;
    },
  };
};
