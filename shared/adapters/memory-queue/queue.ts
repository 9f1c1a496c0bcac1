import { parseDeliveryId } from '../../domain/webhooks/delivery.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hint, Queue } from '../../ports/queue.ts';

/** Beyond this many waiting hints new ones are dropped: the sweeper finds their work. */
const capacity = 10_000;
const longestDelayMs = 900_000;

export interface MemoryQueue extends Queue {
  /**
   * Up to `max` hints that are ready, waiting for the first; none once `signal` aborts. Taken is taken.
   * @param debounce awaited between the first and the taking, so that hints which come together are taken together
   */
  receive(
    max: number,
    signal: AbortSignal,
    debounce?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Hint[]>;
  size(): number;
}

/** Whose hints wait for nobody else's: those of an endpoint, else those of a project and kind. */
const groupOf = (hint: Hint): string =>
  `${hint.project} ${hint.kind === 'delivery' ? parseDeliveryId(hint.delivery)?.endpoint : hint.kind}`;

/** The same for identical hints. */
const nameOf = (hint: Hint): string => JSON.stringify(hint, Object.keys(hint).sort());

/** Short work, and soon done: it waits for no burst of requests to end. */
const isPrompt = (hint: Hint): boolean =>
  hint.kind === 'job' || (hint.kind === 'refine' && hint.verbatim === true);

/** Hints whose wait for the end of a burst was cut short by prompt ones are taken along with those after this. */
const patienceMs = 1_000;

/** Hints by group, of which each in turn gives one. */
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

/** Hints to this process. Identical ones that wait together are delivered once; many of one kind keep nobody waiting. */
export const createMemoryQueue = (clock: Clock): MemoryQueue => {
  const ready = createFairQueue();
  const prompt = createFairQueue();
  let keptSince: number | undefined;
  let rush: AbortController | undefined;
  const delayed = new Map<string, { hint: Hint; readyAt: number }>();
  let soonest = Number.POSITIVE_INFINITY;
  let sleeping: AbortController | undefined;

  const makeReady = (name: string, hint: Hint): void => {
    if (isPrompt(hint)) {
      prompt.add(name, hint);
      rush?.abort();
      return;
    }
    ready.add(name, hint);
  };

  const enqueue = (name: string, hint: Hint, readyAt: number): void => {
    if (readyAt <= clock.now()) makeReady(name, hint);
    else if (readyAt < (delayed.get(name)?.readyAt ?? Number.POSITIVE_INFINITY)) {
      delayed.set(name, { hint, readyAt });
      soonest = Math.min(soonest, readyAt);
    }
  };

  const promote = (): void => {
    if (soonest > clock.now()) return;
    const now = clock.now();
    soonest = Number.POSITIVE_INFINITY;
    for (const [name, { hint, readyAt }] of delayed) {
      if (readyAt > now) soonest = Math.min(soonest, readyAt);
      else if (delayed.delete(name)) makeReady(name, hint);
    }
  };

  /** Up to `max` hints, of each source in turn. */
  const take = (max: number, from: readonly ReturnType<typeof createFairQueue>[]): Hint[] => {
    const taken: Hint[] = [];
    for (let source = 0; taken.length < max && from.some((one) => one.size() > 0); source++) {
      const hint = from[source % from.length]?.take();
      if (hint) taken.push(hint);
    }
    return taken;
  };

  const size = (): number => ready.size() + prompt.size() + delayed.size;

  /** Each kind of waiting has a capacity of its own: thousands that wait for a model keep none of the others out. */
  const hasSpace = (hint: Hint, readyAt: number): boolean => {
    if (readyAt > clock.now()) return delayed.size < capacity;
    return (isPrompt(hint) ? prompt : ready).size() < capacity;
  };

  /** Awaits the lull, not beyond the coming of a prompt hint. */
  const waitForQuiet = async (
    debounce: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    rush = new AbortController();
    await debounce(AbortSignal.any([signal, rush.signal]));
    rush = undefined;
  };

  const takeAfterQuiet = async (
    max: number,
    debounce: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Hint[]> => {
    if (prompt.size() === 0) await waitForQuiet(debounce, signal);
    if (signal.aborted) return [];
    const now = clock.now();
    if (ready.size() > 0) keptSince ??= now;
    const isOver = prompt.size() === 0 || now >= (keptSince ?? now) + patienceMs;
    if (isOver) keptSince = undefined;
    return take(max, isOver ? [prompt, ready] : [prompt]);
  };

  return {
    async send(hints, delayMs = 0) {
      const readyAt = clock.now() + Math.min(delayMs, longestDelayMs);
      for (const hint of hints) if (hasSpace(hint, readyAt)) enqueue(nameOf(hint), hint, readyAt);
      sleeping?.abort();
      sleeping = undefined;
    },

    async receive(max, signal, debounce) {
      while (!signal.aborted) {
        promote();
        if (ready.size() + prompt.size() > 0)
          return debounce ? takeAfterQuiet(max, debounce, signal) : take(max, [prompt, ready]);
        sleeping ??= new AbortController();
        const wait = Math.min(soonest - clock.now(), longestDelayMs);
        await clock.sleep(wait, AbortSignal.any([signal, sleeping.signal]));
      }
      return [];
    },

    size,
  };
};
