import { endpointKey, pollMarkerKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Store } from '../../ports/store.ts';
import { everyPage } from '../pagination.ts';

/** Whom a project's facts may be told to. */
export interface Subscribers {
  endpoints: readonly Endpoint[];
  /** Somebody will look for notifications, so they are kept whoever wants them. */
  storeNotifications: boolean;
}

interface CachedSubscribers {
  startedAt: number;
  audience: Promise<Subscribers>;
}

/** How far two clocks may differ: a reading begun this much after a fact has seen every endpoint there was then. */
const skewMs = 1_000;
const maxProjects = 10_000;

/** The newest reading of each project. */
const cache = new WeakMap<Store, Map<string, CachedSubscribers>>();

const readingsOf = (store: Store): Map<string, CachedSubscribers> => {
  const found = cache.get(store) ?? new Map<string, CachedSubscribers>();
  cache.set(store, found);
  if (found.size > maxProjects) found.clear();
  return found;
};

export const endpointsOf = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
): Promise<Endpoint[]> => {
  const { pk } = endpointKey(project, '');
  const items = await everyPage((from) =>
    store.query({ kind: 'ENDPOINT', pk, prefix: 'ENDPOINT#', ...from }),
  );
  return items.map(({ item }) => item);
};

const loadUncached = async ({ store }: CorePlatform, project: string): Promise<Subscribers> => {
  const endpoints = await endpointsOf({ store }, project);
  const storeNotifications =
    endpoints.length > 0 || (await store.get(pollMarkerKey(project))) !== undefined;
  return { endpoints, storeNotifications };
};

/**
 * Whom a fact of that time is to be told to: no endpoint that was there before the fact is missed. What is left behind is
 * told from one reading; what has just happened takes one of its own, two cheap reads where there are no endpoints.
 */
export const loadSubscribers = async (
  platform: CorePlatform,
  project: string,
  factAt: number,
): Promise<Subscribers> => {
  const newest = readingsOf(platform.store);
  const known = newest.get(project);
  if (known && known.startedAt > factAt + skewMs) return known.audience;
  const reading = {
    startedAt: platform.clock.now(),
    audience: loadUncached(platform, project),
  };
  newest.set(project, reading);
  try {
    return await reading.audience;
  } catch (error) {
    newest.delete(project);
    throw error;
  }
};
