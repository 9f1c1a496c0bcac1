import type { Clock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';

/** So many requests within so many milliseconds are a burst. */
const burstSize = 8;
const burstWindowMs = 40;
/** How long to wait for another request: turns that come together are refined together. */
const quietMs = 10;
/** Background work begins at the latest after this. */
const maxWaitMs = 1_000;
/** During a burst, the pause before each background access to the store. */
const pauseMs = 20;

/** How background work in the process that serves requests lets them pass first, without ever standing still. */
export interface RequestPriority {
  /** A request has come. */
  onRequest(): void;
  /** Resolves once a burst of requests is over, or has gone on for long: turns that come together are refined together. */
  waitForQuiet(signal: AbortSignal): Promise<void>;
  /** The store for background work: during a burst one access at a time, with pauses; else as it is. */
  throttledStore(store: Store): Store;
}

export const createRequestPriority = (clock: Clock): RequestPriority => {
  /** When the latest requests came, oldest first. */
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
