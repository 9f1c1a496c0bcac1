import type { Hint, Queue } from '../ports/queue.ts';
import { type Faults, unavailable } from './faults.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

export interface LossyQueue {
  /** Sending side of one process. */
  forActor(actor: Actor): Queue;
  isReady(): boolean;
  /** Removes and returns a random hint among those whose delay is over. */
  take(): Hint | undefined;
  size(): number;
  /** Makes an unacknowledged hint visible again after a second. */
  redeliver(hint: Hint): void;
}

/** Queue that loses, duplicates and reorders hints. */
export const createLossyQueue = (parts: {
  scheduler: Scheduler;
  faults: Faults;
  random: Random;
}): LossyQueue => {
  const { scheduler, faults, random } = parts;
  const messages: { hint: Hint; readyAt: number }[] = [];

  const visibleNow = () => messages.filter(({ readyAt }) => readyAt <= scheduler.now());

  const enqueue = (hint: Hint, readyAt: number): void => {
    if (faults.happens('lostHint')) return;
    messages.push({ hint, readyAt });
    if (faults.happens('duplicateHint')) messages.push({ hint, readyAt: readyAt + 500 });
  };

  return {
    forActor: (actor) => ({
      send: (hints, delayMs = 0) =>
        scheduler.call(
          actor,
          () => `send ${hints.map(({ kind }) => kind).join(', ')}`,
          () => {
            if (faults.happens('queueUnavailable')) throw unavailable('queue');
            for (const hint of hints) enqueue(hint, scheduler.now() + Math.min(900_000, delayMs));
          },
        ),
    }),
    isReady: () => visibleNow().length > 0,
    take() {
      const visible = visibleNow();
      if (visible.length === 0) return undefined;
      const chosen = random.pick(visible);
      messages.splice(messages.indexOf(chosen), 1);
      return chosen.hint;
    },
    size: () => messages.length,
    redeliver(hint) {
      enqueue(hint, scheduler.now() + 1_000);
    },
  };
};
