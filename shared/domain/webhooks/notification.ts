import { digestOf } from '../digest.ts';
import { entitiesOf, scopeOf, type Tagged } from '../memory/entities.ts';
import type { EventType } from './event-types.ts';
import type { Fact, Outbox } from './outbox.ts';
import { payloadOf } from './payload.ts';

/** A fact as customers are told it. Its id is the `webhook-id`; its body is frozen when it is made. */
export interface Notification extends Tagged {
  id: string;
  project: string;
  type: EventType;
  /** JSON, byte for byte what is signed and posted. */
  body: string;
  /** The memory it tells of. */
  memory?: string;
  /** The endpoint it tells of. */
  aboutEndpoint?: string;
  /** Its texts were erased on request. */
  erased?: boolean;
  /** Its place among what is told of the same moment. */
  order: string;
  /** When the fact became true, ms since 1970. */
  createdAt: number;
}

const factSubject = (fact: Fact): string => {
  if ('memory' in fact) return fact.memory;
  return 'event' in fact ? `${fact.type} ${fact.event}` : fact.endpoint;
};

const idOf = (project: string, outbox: string, subject: string): string => {
  const digest = Buffer.from(digestOf(`${project} ${outbox} ${subject}`), 'base64url');
  return `ntf_${digest.toString('hex').slice(0, 32)}`;
};

/** Of what an outbox tells of a memory: whoever erases the memory finds it by this. */
export const memoryNotificationId = (project: string, outbox: string, memory: string): string =>
  idOf(project, outbox, memory);

/** That a turn was taken in comes before everything else that is told of it. */
const orderOf = ({ type }: Fact, position: number): string =>
  type === 'event.pending' ? '000' : String(position + 1).padStart(3, '0');

const notificationOf = (outbox: Outbox, fact: Fact, position: number): Notification => {
  const { id, project, entities, createdAt } = outbox;
  return {
    id: idOf(project, id, factSubject(fact)),
    project,
    type: fact.type,
    entities,
    body: payloadOf(outbox, fact),
    ...('memory' in fact ? { memory: fact.memory } : {}),
    ...('endpoint' in fact ? { aboutEndpoint: fact.endpoint } : {}),
    order: orderOf(fact, position),
    createdAt,
  };
};

/**
 * What an outbox tells, in order: of each memory, and then that the event succeeded. The same however often it is made,
 * so that fan-out can be repeated.
 */
export const notificationsOf = (outbox: Outbox): Notification[] => {
  const ofMemories = outbox.facts.filter((fact) => 'memory' in fact);
  const others = outbox.facts.filter((fact) => !('memory' in fact));
  return [...ofMemories, ...others].map((fact, position) => notificationOf(outbox, fact, position));
};

/** What a test ping says. */
export const testNotification = (
  id: string,
  { id: endpoint, project }: { id: string; project: string },
  now: number,
): Notification => ({
  id,
  project,
  type: 'endpoint.test',
  entities: {},
  aboutEndpoint: endpoint,
  body: JSON.stringify({
    type: 'endpoint.test',
    timestamp: new Date(now).toISOString(),
    data: { project, endpoint_id: endpoint },
    event_details: { id: endpoint, data: {}, event: 'TEST' },
  }),
  order: '000',
  createdAt: now,
});

/** The scope whose order an ordered endpoint keeps; what is about no entity is in order with its like. */
export const orderingKeyOf = ({ entities }: Tagged): string =>
  entitiesOf(entities).length > 0 ? scopeOf(entities) : '-';
