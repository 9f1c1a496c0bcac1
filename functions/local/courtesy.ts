import type { Clock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';

/** So many requests within so many milliseconds are a burst. */
const crowd = 8;
const crowdMs = 40;
/** How long to wait for another request: turns that come together are refined together. */
const gatherMs = 10;
/** Background work begins at the latest after this. */
const patienceMs = 1_000;
/** During a burst, the pause before each background access to the store. */
const pauseMs = 20;

/** How background work in the process that serves requests lets them pass first, without ever standing still. */
export interface Courtesy {
  /** A request has come. */
  arrived(): void;
  /** Resolves once a burst of requests is over, or has gone on for long: turns that come together are refined together. */
  lull(signal: AbortSignal): Promise<void>;
  /** The store for background work: during a burst one access at a time, with pauses; else as it is. */
  polite(store: Store): Store;
}

export const createCourtesy = (clock: Clock): Courtesy => {
  /** When the latest requests came, oldest first. */
  const arrivals: number[] = [];
  let line: Promise<void> = Promise.resolve();

  const endOfBurst = (): number => (arrivals.length < crowd ? 0 : (arrivals[0] ?? 0) + crowdMs);
  const inBurst = (): boolean => clock.now() < endOfBurst();
  const quietAt = (): number => Math.max((arrivals.at(-1) ?? 0) + gatherMs, endOfBurst());

  const pass = async (): Promise<void> => {
    if (!inBurst()) return;
    line = line.then(() => (inBurst() ? clock.sleep(pauseMs) : undefined));
    await line;
  };

  return {
    arrived() {
      arrivals.push(clock.now());
      if (arrivals.length > crowd) arrivals.shift();
    },
    async lull(signal) {
      const latest = clock.now() + patienceMs;
      for (;;) {
        const rest = Math.min(quietAt(), latest) - clock.now();
        if (rest <= 0 || signal.aborted) return;
        await clock.sleep(rest, signal);
      }
    },
    polite: (store) => ({
      ...store,
      get: async (key) => {
        await pass();
        return store.get(key);
      },
      getMany: async (keys) => {
        await pass();
        return store.getMany(keys);
      },
      query: async (range) => {
        await pass();
        return store.query(range);
      },
      transact: async (steps) => {
        await pass();
        return store.transact(steps);
      },
    }),
  };
};
