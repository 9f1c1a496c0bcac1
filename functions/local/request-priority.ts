import type { Clock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';

/** A burst: `burstSize` requests within `burstWindowMs`. */
const burstSize = 8;
const burstWindowMs = 40;
/** Debounce time: background work waits this long for another request, so that turns sent together are refined together. */
const quietMs = 10;
/** Maximum wait of background work, so that requests cannot starve it. */
const maxWaitMs = 1_000;
/** Pause before each background access to the store during a burst. */
const pauseMs = 20;

/** Gives requests priority over background work in the same process, by debouncing and throttling. Never starves the work. */
export interface RequestPriority {
  /** Must be called for every request. */
  onRequest(): void;
  /** Waits until no request has arrived for a moment and no burst is in progress, but not longer than a second. */
  waitForQuiet(signal: AbortSignal): Promise<void>;
  /** Wraps the store for background work: during a burst, accesses run one at a time with pauses in between. */
  throttledStore(store: Store): Store;
}

export const createRequestPriority = (clock: Clock): RequestPriority => {
  /** Arrival times of the latest requests, oldest first. */
  const arrivals: number[] = [];
  let chain: Promise<void> = Promise.resolve();

  const endOfBurst = (): number =>
    arrivals.length < burstSize ? 0 : (arrivals[0] ?? 0) + burstWindowMs;
  const inBurst = (): boolean => clock.now() < endOfBurst();
  const quietAt = (): number => Math.max((arrivals.at(-1) ?? 0) + quietMs, endOfBurst());

  const throttle = async (): Promise<void> => {
    if (!inBurst()) return;
    chain = chain.then(() => (inBurst() ? clock.sleep(pauseMs) : undefined));
    await chain;
  };

  return {
    onRequest() {
      arrivals.push(clock.now());
      if (arrivals.length > burstSize) arrivals.shift();
    },
    async waitForQuiet(signal) {
      const latest = clock.now() + maxWaitMs;
      for (;;) {
        const rest = Math.min(quietAt(), latest) - clock.now();
        if (rest <= 0 || signal.aborted) return;
        await clock.sleep(rest, signal);
      }
    },
    throttledStore: (store) => ({
      ...store,
      get: async (key) => {
        await throttle();
        return store.get(key);
      },
      getMany: async (keys) => {
        await throttle();
        return store.getMany(keys);
      },
      query: async (range) => {
        await throttle();
        return store.query(range);
      },
      transact: async (steps) => {
        await throttle();
        return store.transact(steps);
      },
    }),
  };
};
