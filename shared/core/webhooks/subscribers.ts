import { endpointKey, pollMarkerKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { everyPage } from '../pagination.ts';

/** Receivers of a project's notifications. */
export interface Subscribers {
  endpoints: readonly Endpoint[];
  /** Notifications are stored even if no endpoint wants them, for polling clients. */
  storeNotifications: boolean;
}

interface CachedSubscribers {
  startedAt: number;
  subscribers: Promise<Subscribers>;
}

/** Upper bound on the difference between two machines' clocks. */
export const maxClockSkewMs = 1_000;
const maxCachedProjects = 10_000;

/** Returns all endpoints of a project, oldest first. */
export const listEndpoints = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
): Promise<Endpoint[]> => {
  const { pk } = endpointKey(project, '');
  const items = await everyPage((from) =>
    store.query({ kind: 'ENDPOINT', pk, prefix: 'ENDPOINT#', ...from }),
  );
  return items.map(({ item }) => item).toSorted((a, b) => a.createdAt - b.createdAt);
};

const loadUncached = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
): Promise<Subscribers> => {
  const endpoints = await listEndpoints({ store }, project);
  const storeNotifications =
    endpoints.length > 0 || (await store.get(pollMarkerKey(project))) !== undefined;
  return { endpoints, storeNotifications };
};

/** The latest read of each project's subscribers, kept by one process. */
export interface SubscriberCache {
  /**
   * Returns the endpoints that may want a fact from `factAt`. The cached list is used only if its read began at least
   * `maxClockSkewMs` after the fact, so an endpoint created before the fact is never missed; otherwise it is read again (a
   * project without endpoints costs a second read, of its poll marker).
   */
  load(project: string, factAt: number): Promise<Subscribers>;
}

export const createSubscriberCache = (
  platform: Pick<CorePlatform, 'store' | 'clock'>,
): SubscriberCache => {
  const cache = new Map<string, CachedSubscribers>();
  return {
    async load(project, factAt) {
      const cached = cache.get(project);
      if (cached && cached.startedAt > factAt + maxClockSkewMs) return cached.subscribers;
      if (cache.size > maxCachedProjects) cache.clear();
      const startedAt = platform.clock.now();
      const subscribers = loadUncached(platform, project);
      cache.set(project, { startedAt, subscribers });
      try {
        return await subscribers;
      } catch (error) {
        cache.delete(project);
        throw error;
      }
    },
  };
};
