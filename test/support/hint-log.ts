import { RetryableError } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Hint, Queue } from '../../shared/ports/queue.ts';

export interface HintLog extends Queue {
  /** The next hint whose time has come. */
  take(): Hint | undefined;
  waiting(): Hint[];
  /** From now on: hints arrive, get lost on their way, or cannot be sent at all. */
  become(state: 'sound' | 'losing' | 'down'): void;
}

/** A queue that a test empties by hand. */
export const createHintLog = (clock: Clock): HintLog => {
  let held: { hint: Hint; at: number }[] = [];
  let state: 'sound' | 'losing' | 'down' = 'sound';
  return {
    async send(hints, delayMs = 0) {
      if (state === 'down') throw new RetryableError('queue_down', 'The queue is down.');
      if (state === 'sound')
        held.push(...hints.map((hint) => ({ hint, at: clock.now() + delayMs })));
    },
    take() {
      const next = held.find(({ at }) => at <= clock.now());
      held = held.filter((entry) => entry !== next);
      return next?.hint;
    },
    waiting: () => held.map(({ hint }) => hint),
    become(next) {
      state = next;
    },
  };
};
