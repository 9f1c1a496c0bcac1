import type { Clock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';

/** Requests that follow each other more closely belong to one burst. */
const burstMs = 10;
/** Background work begins at the latest after this. */
const patienceMs = 250;
/** During a burst, the pause before each background access to the store. */
const pauseMs = 4;

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
  let lastAt = Number.NEGATIVE_INFINITY;
  let line: Promise<void> = Promise.resolve();

  const inBurst = (): boolean => clock.now() - lastAt < burstMs;

  const pass = async (): Promise<void> => {
    if (!inBurst()) return;
    line = line.then(() => (inBurst() ? clock.sleep(pauseMs) : undefined));
    await line;
  };

  return {
    arrived() {
      lastAt = clock.now();
    },
    async lull(signal) {
      const latest = clock.now() + patienceMs;
      while (inBurst() && clock.now() < latest && !signal.aborted)
        await clock.sleep(Math.min(lastAt + burstMs, latest) - clock.now(), signal);
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
