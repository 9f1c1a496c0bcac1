import type { Entities } from '../domain/memory/entities.ts';
import type { Event, WrittenMemory } from '../domain/memory/event.ts';
import type { RedactionCounts } from '../domain/sensitive/sensitive.ts';
import { eventKey, eventListing } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step } from '../ports/store.ts';
import { commit } from './commit.ts';
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
  const now = event.completedAt ?? clock.now();
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

/** Names the event in the facts of an outbox about memories, so that notifications name the event. */
const namingEvent = (step: Step, event: string): Step => {
  if (step.op !== 'put' || step.key.kind !== 'OUTBOX' || !('facts' in step.item)) return step;
  const facts = step.item.facts.map((fact) => ('memory' in fact ? { event, ...fact } : fact));
  return { ...step, item: { ...step.item, facts } };
};

/** Further parts of the event of a change. */
interface ChangeDetails {
  /** The turn of a rough memory. */
  turn?: string;
  /** Id of the event; default: a new one. */
  id?: string;
  /** Values that were masked or dropped in the new texts. */
  redacted?: RedactionCounts;
}

/**
 * Write of the event that reports an update or a deletion through the API. To be committed in the transaction that does the work, so
 * that each write is reported exactly once. The event has no texts, so that no erasure needs to know of the event.
 */
export const changeEvent = (
  platform: Deps,
  project: string,
  kind: 'UPDATE' | 'DELETE',
  all: readonly Written[],
  { turn, id = platform.ids.next(), redacted }: ChangeDetails = {},
): Step => {
  const [first] = all;
  const shared = first && all.every(({ entities }) => sameEntities(entities, first.entities));
  const written = all.map(
    ({ id: memory, entities, version }): WrittenMemory => ({
      memory,
      ...(version === undefined ? {} : { version }),
      ...(shared ? {} : { entities }),
    }),
  );
  const at = platform.clock.now();
  return endedEvent(platform, {
    id,
    project,
    kind,
    entities: shared ? first.entities : {},
    ...(turn === undefined ? {} : { turn }),
    written,
    ...(redacted && { redacted }),
    createdAt: at,
    completedAt: at,
  });
};

/** The event of a replacement that is over, with what it changed: `at` in ms since 1970, and the write of the event. */
export const replacementEvent = (
  platform: Deps,
  project: string,
  entities: Entities,
  written: WrittenMemory[],
): { id: string; at: number; step: Step } => {
  const [id, at] = [platform.ids.next(), platform.clock.now()];
  const event = {
    id,
    project,
    kind: 'REPLACE' as const,
    entities,
    written,
    createdAt: at,
    completedAt: at,
  };
  return { id, at, step: endedEvent(platform, event) };
};

/** Writes of a change with the event that reports the change, as `changeEvent`; outboxes among the writes name the event. */
export const withChangeEvent = (
  platform: Deps,
  project: string,
  kind: 'UPDATE' | 'DELETE',
  all: readonly Written[],
  steps: readonly Step[],
  redacted?: RedactionCounts,
): Step[] => {
  const id = platform.ids.next();
  const event = changeEvent(platform, project, kind, all, { id, ...(redacted && { redacted }) });
  return [...steps.map((step) => namingEvent(step, id)), event];
};

/**
 * Writes the event of a search, without the query and the texts of the results, and returns the id of the event. A crash before the
 * commit leaves no event; after a lost answer there may be one.
 * @param startedAt when the search began, ms since 1970
 */
export const recordSearch = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids' | 'policy'>,
  project: string,
  { startedAt, entities, results }: { startedAt: number; entities: Entities; results: number },
): Promise<string> => {
  const id = platform.ids.next();
  const counts = { memories: results, turns: 0 };
  const event = { id, project, kind: 'SEARCH' as const, entities, counts, createdAt: startedAt };
  await commit(platform, [endedEvent(platform, event)]);
  return id;
};
