import type { Endpoint } from '../../domain/endpoint.ts';
import { endpointKey, polledKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Store } from '../../ports/store.ts';
import { everyPage } from '../every-page.ts';

/** Whom a project's facts may be told to. */
export interface Audience {
  endpoints: readonly Endpoint[];
  /** Somebody will look for notifications, so they are kept whoever wants them. */
  isKept: boolean;
}

interface Reading {
  startedAt: number;
  audience: Promise<Audience>;
}

/** How far two clocks may differ: a reading begun this much after a fact has seen every endpoint there was then. */
const skewMs = 1_000;
const maxProjects = 10_000;

/** The newest reading of each project. */
const readings = new WeakMap<Store, Map<string, Reading>>();

const readingsOf = (store: Store): Map<string, Reading> => {
  const found = readings.get(store) ?? new Map<string, Reading>();
  readings.set(store, found);
  if (found.size > maxProjects) found.clear();
  return found;
};

export const endpointsOf = async (
  { store }: Pick<Backstage, 'store'>,
  project: string,
): Promise<Endpoint[]> => {
  const { pk } = endpointKey(project, '');
  const items = await everyPage((from) =>
    store.query({ kind: 'ENDPOINT', pk, prefix: 'ENDPOINT#', ...from }),
  );
  return items.map(({ item }) => item);
};

const read = async ({ store }: Backstage, project: string): Promise<Audience> => {
  const endpoints = await endpointsOf({ store }, project);
  const isKept = endpoints.length > 0 || (await store.get(polledKey(project))) !== undefined;
  return { endpoints, isKept };
};

/**
 * Whom a fact of that time is to be told to: no endpoint that was there before the fact is missed. What is left behind is
 * told from one reading; what has just happened takes one of its own, two cheap reads where there are no endpoints.
 */
export const audienceOf = async (
  platform: Backstage,
  project: string,
  factAt: number,
): Promise<Audience> => {
  const newest = readingsOf(platform.store);
  const known = newest.get(project);
  if (known && known.startedAt > factAt + skewMs) return known.audience;
  const reading = {
    startedAt: platform.clock.now(),
    audience: read(platform, project),
  };
  newest.set(project, reading);
  try {
    return await reading.audience;
  } catch (error) {
    newest.delete(project);
    throw error;
  }
};
