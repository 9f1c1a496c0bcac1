import type { Hint, Queue } from '../../../shared/ports/queue.ts';
import { type Faults, unavailable } from './faults.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

export interface LossyQueue {
  /** The queue as one process sends to it. */
  of(actor: Actor): Queue;
  isReady(): boolean;
  /** One of the hints that are ready, any of them. */
  take(): Hint | undefined;
  size(): number;
  /** As a queue does with a message that was not confirmed. */
  putBack(hint: Hint): void;
}

/** Drops, doubles and reorders hints. */
export const createLossyQueue = (parts: {
  scheduler: Scheduler;
  faults: Faults;
  random: Random;
}): LossyQueue => {
  const { scheduler, faults, random } = parts;
  const waiting: { hint: Hint; readyAt: number }[] = [];

  const ready = () => waiting.filter(({ readyAt }) => readyAt <= scheduler.now());

  const admit = (hint: Hint, readyAt: number): void => {
    if (faults.happens('lostHint')) return;
    waiting.push({ hint, readyAt });
    if (faults.happens('doubledHint')) waiting.push({ hint, readyAt: readyAt + 500 });
  };

  return {
    of: (actor) => ({
      send: (hints, delayMs = 0) =>
        scheduler.call(
          actor,
          () => `send ${hints.map(({ kind }) => kind).join(', ')}`,
          () => {
            if (faults.happens('queueDown')) throw unavailable('queue');
            for (const hint of hints) admit(hint, scheduler.now() + Math.min(900_000, delayMs));
          },
        ),
    }),
    isReady: () => ready().length > 0,
    take() {
      const able = ready();
      if (able.length === 0) return undefined;
      const chosen = random.pick(able);
      waiting.splice(waiting.indexOf(chosen), 1);
      return chosen.hint;
    },
    size: () => waiting.length,
    putBack(hint) {
      admit(hint, scheduler.now() + 1_000);
    },
  };
};
