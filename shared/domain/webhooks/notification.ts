import { entitiesOf, scopeOf, type Tagged } from '../memory/entities.ts';
import { sha256 } from '../sha256.ts';
import type { EventType } from './event-types.ts';
import type { Fact, Outbox } from './outbox.ts';
import { categoriesPayloadOf, type MemoryFact, payloadOf } from './payload.ts';
import type { TestPayload } from './payload-schema.ts';

/** Fact as sent to customers. The id is sent as `webhook-id`; the body never changes, except by an erasure. */
export interface Notification extends Tagged {
  id: string;
  project: string;
  type: EventType;
  /** JSON, byte for byte what is signed and posted. */
  body: string;
  /** Id of the memory, when the fact is about one. */
  memory?: string;
  /** Id of the endpoint, when the fact is about one. */
  aboutEndpoint?: string;
  /** The texts were erased on request. */
  erased?: boolean;
  /** Sorts notifications of the same time: a number in digits, perhaps with a fraction. */
  order: string;
  /** `traceparent` of the cause, if traces are exported. */
  trace?: string;
  /** When the fact became true, ms since 1970. */
  createdAt: number;
}

const factSubject = (fact: Fact): string => {
  if ('memory' in fact) return fact.memory;
  return 'event' in fact ? `${fact.type} ${fact.event}` : fact.endpoint;
};

const idOf = (project: string, outbox: string, subject: string): string => {
  const digest = sha256(`${project} ${outbox} ${subject}`, 'hex');
  return `ntf_${digest.slice(0, 32)}`;
};

/** Id of an outbox's notification about an event. */
export const eventNotificationId = (
  project: string,
  outbox: string,
  type: EventType,
  event: string,
): string => idOf(project, outbox, `${type} ${event}`);

/** Id of an outbox's notification about a memory, by which an erasure finds it. */
export const memoryNotificationId = (project: string, outbox: string, memory: string): string =>
  idOf(project, outbox, memory);

/** Id of an outbox's notification about the categories of a memory, by which an erasure finds it. */
export const categoriesNotificationId = (project: string, outbox: string, memory: string): string =>
  idOf(project, outbox, `memory_categorize ${memory}`);

/** `event.pending` sorts before every other notification of its turn. */
const orderOf = ({ type }: Fact, position: number): string =>
  type === 'event.pending' ? '000' : String(position + 1).padStart(3, '0');

const notificationOf = (outbox: Outbox, fact: Fact, position: number): Notification => {
  const { id, project, entities, createdAt, trace } = outbox;
  return {
    id: idOf(project, id, factSubject(fact)),
    project,
    type: fact.type,
    entities,
    body: payloadOf(outbox, fact),
    ...('memory' in fact ? { memory: fact.memory } : {}),
    ...('endpoint' in fact ? { aboutEndpoint: fact.endpoint } : {}),
    order: orderOf(fact, position),
    ...(trace === undefined ? {} : { trace }),
    createdAt,
  };
};

/** The notification about the categories of a memory sorts right after that about the memory. */
const categoriesNotification = (
  outbox: Outbox,
  fact: MemoryFact,
  about: Notification,
): Notification => ({
  ...about,
  id: categoriesNotificationId(outbox.project, outbox.id, fact.memory),
  type: 'memory_categorize',
  body: categoriesPayloadOf(outbox, fact),
  order: `${about.order}.5`,
});

/**
 * Notifications of an outbox in order: each memory, with its categories if they are new, then the event. Deterministic, so that
 * fan-out can be repeated.
 */
export const notificationsOf = (outbox: Outbox): Notification[] => {
  const ofMemories = outbox.facts.filter((fact) => 'memory' in fact);
  const others = outbox.facts.filter((fact) => !('memory' in fact));
  return [...ofMemories, ...others].flatMap((fact, position) => {
    const notification = notificationOf(outbox, fact, position);
    return 'memory' in fact && fact.categorized
      ? [notification, categoriesNotification(outbox, fact, notification)]
      : [notification];
  });
};

/** Notification of a test delivery. */
export const testNotification = (
  id: string,
  { id: endpoint, project }: { id: string; project: string },
  now: number,
): Notification => {
  const payload: TestPayload = {
    type: 'endpoint.test',
    timestamp: new Date(now).toISOString(),
    data: { project, endpoint_id: endpoint },
    event_details: { id: endpoint, data: {}, event: 'TEST' },
  };
  return {
    id,
    project,
    type: payload.type,
    entities: {},
    aboutEndpoint: endpoint,
    body: JSON.stringify(payload),
    order: '000',
    createdAt: now,
  };
};

/** Ordering key: the scope of a notification; notifications about no entity share one. */
export const orderingKeyOf = ({ entities }: Tagged): string =>
  entitiesOf(entities).length > 0 ? scopeOf(entities) : '-';
