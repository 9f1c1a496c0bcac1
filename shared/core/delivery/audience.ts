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
const pollCheckMs = 10_000;
const maxProjects = 10_000;

interface Memory {
  readings: Map<string, Reading>;
  /** When a project was last seen not to be polled. */
  unpolled: Map<string, number>;
}

const memories = new WeakMap<Store, Memory>();

const memoryOf = (store: Store): Memory => {
  const found = memories.get(store) ?? { readings: new Map(), unpolled: new Map() };
  memories.set(store, found);
  for (const map of [found.readings, found.unpolled]) if (map.size > maxProjects) map.clear();
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

const isPolled = async (
  { store, clock }: Backstage,
  { unpolled }: Memory,
  project: string,
): Promise<boolean> => {
  const now = clock.now();
  if ((unpolled.get(project) ?? Number.NEGATIVE_INFINITY) > now - pollCheckMs) return false;
  const polled = (await store.get(polledKey(project))) !== undefined;
  if (!polled) unpolled.set(project, now);
  return polled;
};

const read = async (platform: Backstage, memory: Memory, project: string): Promise<Audience> => {
  const endpoints = await endpointsOf(platform, project);
  return { endpoints, isKept: endpoints.length > 0 || (await isPolled(platform, memory, project)) };
};

/**
 * Whom a fact of that time is to be told to: no endpoint that was there before the fact is missed. What is left behind is
 * told from one reading; what has just happened takes one of its own, a single cheap query where there are no endpoints.
 */
export const audienceOf = async (
  platform: Backstage,
  project: string,
  factAt: number,
): Promise<Audience> => {
  const memory = memoryOf(platform.store);
  const known = memory.readings.get(project);
  if (known && known.startedAt > factAt + skewMs) return known.audience;
  const reading = {
    startedAt: platform.clock.now(),
    audience: read(platform, memory, project),
  };
  memory.readings.set(project, reading);
  try {
    return await reading.audience;
  } catch (error) {
    memory.readings.delete(project);
    throw error;
  }
};

/** From now on notifications of the project are kept, also while it has no endpoint. */
export const forgetUnpolled = ({ store }: Pick<Backstage, 'store'>, project: string): void => {
  memoryOf(store).unpolled.delete(project);
};
