import type { Clock } from '../../ports/clock.ts';
import type { Hint, Queue } from '../../ports/queue.ts';
import { createDelayedHints } from './delayed-hints.ts';
import { createFairQueue, type FairQueue } from './fair-queue.ts';

/**
 * Capacity of each class of hints. Beyond, a hint of the project with the most hints is dropped, so that no project crowds
 * out another: the sweeper finds its work.
 */
const capacity = 10_000;
const maxDelayMs = 900_000;

export interface MemoryQueue extends Queue {
  /**
   * Receives up to `max` ready hints and waits for the first; returns none after `signal` aborts. Receiving deletes a
   * hint.
   *
   * @param debounce awaited after the first ready hint, so that hints of one burst are received together
   */
  receive(
    max: number,
    signal: AbortSignal,
    debounce?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Hint[]>;
  size(): number;
}

/** Builds a key that is equal for identical hints. */
const toHintKey = (hint: Hint): string => JSON.stringify(hint, Object.keys(hint).sort());

/** Returns whether a hint is for short work, which is not debounced. */
const isPrompt = (hint: Hint): boolean =>
  hint.kind === 'job' || (hint.kind === 'refine' && hint.verbatim === true);

/** Longest delay of other hints by prompt ones that interrupt the debounce. */
const maxDebounceMs = 1_000;

/**
 * Creates a queue within this process; a crash loses its hints, and the sweeper finds their work. Identical hints in
 * the queue are merged. Groups are served round robin, so that many hints of one group do not delay the others.
 */
export const createMemoryQueue = (clock: Clock): MemoryQueue => {
  const ready = createFairQueue();
  const prompt = createFairQueue();
  let debouncedSince: number | undefined;
  let debounceInterrupt: AbortController | undefined;
  const delayed = createDelayedHints();
  let timer: AbortController | undefined;

  const makeReady = (name: string, hint: Hint): void => {
    if (isPrompt(hint)) {
      prompt.add(name, hint);
      debounceInterrupt?.abort();
      return;
    }
    ready.add(name, hint);
  };

  const promoteDue = (): void => {
    for (const [name, hint] of delayed.takeDue(clock.now())) makeReady(name, hint);
  };

  /** Removes and returns up to `max` hints, alternating between the queues. */
  const takeFrom = (queues: readonly FairQueue[], max: number): Hint[] => {
    const taken: Hint[] = [];
    for (let turn = 0; taken.length < max && queues.some(({ size }) => size() > 0); turn++) {
      const hint = queues[turn % queues.length]?.take();
      if (hint) taken.push(hint);
    }
    return taken;
  };

  const size = (): number => ready.size() + prompt.size() + delayed.size();

  /**
   * Makes space for a hint where its class is full. False if no project has more hints than that of the hint. Delayed,
   * prompt and other hints have separate capacities, so that no class crowds out another.
   */
  const makeSpace = (hint: Hint, isDelayed: boolean): boolean => {
    const queue = isDelayed ? delayed : isPrompt(hint) ? prompt : ready;
    if (queue.size() < capacity) return true;
    const [largest, count] = queue.projects.largest();
    if (count <= queue.projects.count(hint.project)) return false;
    queue.dropOne(largest);
    return true;
  };

  const enqueue = (name: string, hint: Hint, readyAt: number): void => {
    const isDelayed = readyAt > clock.now();
    if (!makeSpace(hint, isDelayed)) return;
    if (isDelayed) delayed.add(name, hint, readyAt);
    else makeReady(name, hint);
  };

  /** Awaits the debounce, or the first prompt hint. */
  const waitForDebounce = async (
    debounce: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    debounceInterrupt = new AbortController();
    await debounce(AbortSignal.any([signal, debounceInterrupt.signal]));
    debounceInterrupt = undefined;
  };

  const takeAfterDebounce = async (
    max: number,
    debounce: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Hint[]> => {
    if (prompt.size() === 0) await waitForDebounce(debounce, signal);
    if (signal.aborted) return [];
    const now = clock.now();
    if (ready.size() > 0) debouncedSince ??= now;
    const isOver = prompt.size() === 0 || now >= (debouncedSince ?? now) + maxDebounceMs;
    if (isOver) debouncedSince = undefined;
    return takeFrom(isOver ? [prompt, ready] : [prompt], max);
  };

  return {
    async send(hints, delayMs = 0) {
      const readyAt = clock.now() + Math.min(delayMs, maxDelayMs);
      for (const hint of hints) enqueue(toHintKey(hint), hint, readyAt);
      timer?.abort();
      timer = undefined;
    },

    async receive(max, signal, debounce) {
      while (!signal.aborted) {
        promoteDue();
        if (ready.size() + prompt.size() > 0)
          return debounce
            ? takeAfterDebounce(max, debounce, signal)
            : takeFrom([prompt, ready], max);
        timer ??= new AbortController();
        const wait = Math.min(delayed.nextDueAt() - clock.now(), maxDelayMs);
        await clock.sleep(wait, AbortSignal.any([signal, timer.signal]));
      }
      return [];
    },

    size,
  };
};
