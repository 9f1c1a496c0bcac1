import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../shared/ports/clock.ts';

/** Clock of modelled services: time passes only while nothing can run. */
export interface VirtualTime extends Clock {
  /** Milliseconds since 1970, with fractions. */
  exact(): number;
  /** Runs a function at a time, in the order of requests for equal times. */
  at(time: number, run: () => void): void;
  /** Runs everything that is scheduled up to a time, or until `isOver`. */
  runUntil(time: number, isOver?: () => boolean): Promise<void>;
}

interface Entry {
  time: number;
  order: number;
  run: () => void;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order);

/** Binary heap of entries by time. */
const createSchedule = () => {
  const heap: Entry[] = [];
  const swap = (a: number, b: number): void => {
    const [first, second] = [heap[a], heap[b]];
    if (!first || !second) return;
    heap[a] = second;
    heap[b] = first;
  };
  const isOrdered = (parent: number, child: number): boolean => {
    const [upper, lower] = [heap[parent], heap[child]];
    return !upper || !lower || !isBefore(lower, upper);
  };
  return {
    first: (): Entry | undefined => heap[0],
    add(entry: Entry): void {
      let at = heap.push(entry) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (isOrdered(parent, at)) return;
        swap(parent, at);
        at = parent;
      }
    },
    remove(): Entry | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (!last || heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const smaller = right < heap.length && isOrdered(right, left) ? right : left;
        if (isOrdered(at, smaller)) return first;
        swap(at, smaller);
        at = smaller;
      }
    },
  };
};

export const createVirtualTime = (start = Date.UTC(2026, 10, 1)): VirtualTime => {
  const schedule = createSchedule();
  let now = start;
  let order = 0;

  const at = (time: number, run: () => void): void => {
    order += 1;
    schedule.add({ time: Math.max(now, time), order, run });
  };

  /** Runs all entries of the next time, then whatever follows from them without waiting. */
  const step = async (until: number): Promise<boolean> => {
    const next = schedule.first();
    if (!next || next.time > until) return false;
    now = next.time;
    while (schedule.first()?.time === now) schedule.remove()?.run();
    await setImmediate();
    return true;
  };

  return {
    exact: () => now,
    now: () => Math.floor(now),
    at,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        signal?.addEventListener('abort', wake, { once: true });
        at(now + ms, wake);
      }),
    async runUntil(time, isOver = () => false) {
      // Calls that were made before have not asked for their first wait yet.
      await setImmediate();
      while (!isOver()) if (!(await step(time))) break;
      if (!isOver()) now = Math.max(now, time);
    },
  };
};

/** Lets `AbortSignal.timeout` follow the virtual time. Returns a function that restores it. */
export const replaceTimeouts = (time: VirtualTime): (() => void) => {
  const { timeout } = AbortSignal;
  const reason = new DOMException('The time is over.', 'TimeoutError');
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    time.at(time.exact() + ms, () => controller.abort(reason));
    return controller.signal;
  };
  return () => {
    AbortSignal.timeout = timeout;
  };
};
