import type { Entities } from '../domain/memory/entities.ts';
import type { Event, WrittenMemory } from '../domain/memory/event.ts';
import { eventKey, eventListing } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step } from '../ports/store.ts';
import { put } from './steps.ts';
import { retention } from './ttl.ts';

/** Memory, turn or message that a request of the API wrote. */
export interface Written {
  id: string;
  entities: Entities;
  /** Version of a memory after the write. */
  version?: number;
}

type Deps = Pick<Platform, 'clock' | 'ids' | 'policy'>;

/** Write of an event that is over: no worker ever touches it. */
const endedEvent = (
  { clock, policy }: Deps,
  event: Pick<Event, 'id' | 'project' | 'kind' | 'entities' | 'createdAt'> & Partial<Event>,
): Step => {
  const now = clock.now();
  return put(eventKey(event.project, event.id), {
    ...event,
    status: 'SUCCEEDED',
    stage: 'finished',
    attempts: 0,
    timings: {},
    tokens: { prompt: 0, completion: 0 },
    updatedAt: now,
    completedAt: now,
    ...eventListing(event.project, event.id, event.createdAt),
    ...retention(policy.retainEventsDays, now),
  });
};

const sameEntities = (a: Entities, b: Entities): boolean =>
  a.user === b.user && a.agent === b.agent && a.app === b.app && a.run === b.run;

/**
 * Write of the event that reports an update or a deletion through the API. It belongs into the transaction that does the work, so that
 * each write is reported exactly once. The event has no texts, so that no erasure needs to know of it.
 */
export const changeEvent = (
  platform: Deps,
  project: string,
  kind: 'UPDATE' | 'DELETE',
  all: readonly Written[],
  turn?: string,
): Step => {
  const [first] = all;
  const shared = first && all.every(({ entities }) => sameEntities(entities, first.entities));
  const written = all.map(
    ({ id, entities, version }): WrittenMemory => ({
      memory: id,
      ...(version === undefined ? {} : { version }),
      ...(shared ? {} : { entities }),
    }),
  );
  return endedEvent(platform, {
    id: platform.ids.next(),
    project,
    kind,
    entities: shared ? first.entities : {},
    ...(turn === undefined ? {} : { turn }),
    written,
    createdAt: platform.clock.now(),
  });
};
