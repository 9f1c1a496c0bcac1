import { parseDeliveryId } from '../../domain/webhooks/delivery.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hint, Queue } from '../../ports/queue.ts';

/** Capacity of each class of hints. Further hints are dropped: the sweeper finds their work. */
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

/** Fairness group of a hint: the endpoint of a delivery, otherwise project and kind. */
const groupOf = (hint: Hint): string =>
  `${hint.project} ${hint.kind === 'delivery' ? parseDeliveryId(hint.delivery)?.endpoint : hint.kind}`;

/** Builds a key that is equal for identical hints. */
const toHintKey = (hint: Hint): string => JSON.stringify(hint, Object.keys(hint).sort());

/** Returns whether a hint is for short work, which is not debounced. */
const isPrompt = (hint: Hint): boolean =>
  hint.kind === 'job' || (hint.kind === 'refine' && hint.verbatim === true);

/** Longest delay of other hints by prompt ones that interrupt the debounce. */
const maxDebounceMs = 1_000;

/** Fair queue: round robin over the groups. */
const createFairQueue = () => {
  const groups = new Map<string, Map<string, Hint>>();
  let size = 0;
  return {
    add(name: string, hint: Hint): void {
      const group = groupOf(hint);
      const hints = groups.get(group) ?? new Map<string, Hint>();
      groups.set(group, hints);
      if (!hints.has(name)) size += 1;
      hints.set(name, hint);
    },
    take(): Hint | undefined {
      const [group, hints] = groups.entries().next().value ?? [];
      const [name, hint] = hints?.entries().next().value ?? [];
      if (group === undefined || hints === undefined || name === undefined) return undefined;
      groups.delete(group);
      hints.delete(name);
      if (hints.size > 0) groups.set(group, hints);
      size -= 1;
      return hint;
    },
    size: () => size,
  };
};
type FairQueue = ReturnType<typeof createFairQueue>;

/**
 * Creates a queue within this process; a crash loses its hints, and the sweeper finds their work. Identical hints in
 * the queue are merged. Groups are served round robin, so that many hints of one group do not delay the others.
 */
export const createMemoryQueue = (clock: Clock): MemoryQueue => {
  const ready = createFairQueue();
  const prompt = createFairQueue();
  let debouncedSince: number | undefined;
  let debounceInterrupt: AbortController | undefined;
  const delayed = new Map<string, { hint: Hint; readyAt: number }>();
  let nextDueAt = Number.POSITIVE_INFINITY;
  let timer: AbortController | undefined;

  const makeReady = (name: string, hint: Hint): void => {
    if (isPrompt(hint)) {
      prompt.add(name, hint);
      debounceInterrupt?.abort();
      return;
    }
    ready.add(name, hint);
  };

  const enqueue = (name: string, hint: Hint, readyAt: number): void => {
    if (readyAt <= clock.now()) makeReady(name, hint);
    else if (readyAt < (delayed.get(name)?.readyAt ?? Number.POSITIVE_INFINITY)) {
      delayed.set(name, { hint, readyAt });
      nextDueAt = Math.min(nextDueAt, readyAt);
    }
  };

  const promoteDue = (): void => {
    if (nextDueAt > clock.now()) return;
    const now = clock.now();
    nextDueAt = Number.POSITIVE_INFINITY;
    for (const [name, { hint, readyAt }] of delayed) {
      if (readyAt > now) nextDueAt = Math.min(nextDueAt, readyAt);
      else if (delayed.delete(name)) makeReady(name, hint);
    }
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

  const size = (): number => ready.size() + prompt.size() + delayed.size;

  /**
   * Returns whether a hint fits. Delayed, prompt and other hints have separate capacities, so that no class crowds out
   * another.
   */
  const hasSpace = (hint: Hint, readyAt: number): boolean => {
    if (readyAt > clock.now()) return delayed.size < capacity;
    return (isPrompt(hint) ? prompt : ready).size() < capacity;
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
      for (const hint of hints)
        if (hasSpace(hint, readyAt)) enqueue(toHintKey(hint), hint, readyAt);
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
        const wait = Math.min(nextDueAt - clock.now(), maxDelayMs);
        await clock.sleep(wait, AbortSignal.any([signal, timer.signal]));
      }
      return [];
    },

    size,
  };
};
