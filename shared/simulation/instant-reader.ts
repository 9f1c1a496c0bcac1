import type { Platform } from '../ports/platform.ts';
import { replicas } from './lagging-index.ts';
import { createMemoryStore } from './memory-store.ts';
import { createProcess, vectorOf } from './process.ts';
import type { ReadRecord } from './read-checks.ts';
import { readAndCheck, type SimulatedService, user } from './simulated-service.ts';

const takesNoPart = async (): Promise<never> => {
  throw new Error('a reader between two steps only reads');
};

/** Platform whose reads are answered at once and draw no random number. */
const instantPlatform = (service: SimulatedService): Platform => ({
  ...createProcess(service, service.scheduler.actor('visitor')),
  store: { ...createMemoryStore(service.table), transact: takesNoPart, purge: takesNoPart },
  vectorIndex: {
    isInStore: false,
    query: async (query) => ({
      hits: service.index.peek(query, service.scheduler.step() % replicas),
    }),
    upsert: takesNoPart,
    remove: takesNoPart,
    areVisible: takesNoPart,
  },
  embedder: { model: 'one-hot', embed: async (texts) => texts.map(vectorOf) },
  // Answers come at once, so that no time limit of a search ends.
  clock: { now: service.scheduler.now, sleep: () => new Promise(() => {}) },
});

/**
 * Searches all memories of the user between two steps, by the search of the product, and checks the answer against the history. The
 * schedule goes on as it would without the search: only the caches of this reader change.
 */
export const createInstantReader = (
  service: SimulatedService,
): (() => Promise<ReadRecord['views']>) => {
  const platform = instantPlatform(service);
  return () => readAndCheck(service, platform, { kind: 'user', id: user }, 'search');
};
