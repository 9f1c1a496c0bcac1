import { digestOf } from './digest.ts';
import { entitiesOf, type Named } from './entities.ts';
import type { EventType } from './event-types.ts';
import type { Fact, Outbox } from './outbox.ts';
import { payloadOf } from './payload.ts';

/** A fact as customers are told it. Its id is the `webhook-id`; its body is frozen when it is made. */
export interface Notification extends Named {
  id: string;
  project: string;
  type: EventType;
  /** JSON, byte for byte what is signed and posted. */
  body: string;
  /** The memory it tells of. */
  memory?: string;
  /** The endpoint it tells of. */
  about?: string;
  /** Its texts were erased on request. */
  erased?: boolean;
  /** When the fact became true, ms since 1970. */
  createdAt: number;
}

const subjectOf = (fact: Fact): string => {
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

/** The same however often it is made, so that fan-out can be repeated. */
export const notificationOf = (outbox: Outbox, fact: Fact): Notification => {
  const { id, project, entities, createdAt } = outbox;
  return {
    id: idOf(project, id, subjectOf(fact)),
    project,
    type: fact.type,
    entities,
    body: payloadOf(outbox, fact),
    ...('memory' in fact ? { memory: fact.memory } : {}),
    ...('endpoint' in fact ? { about: fact.endpoint } : {}),
    createdAt,
  };
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
  about: endpoint,
  body: JSON.stringify({
    type: 'endpoint.test',
    timestamp: new Date(now).toISOString(),
    data: { project, endpoint_id: endpoint },
  }),
  createdAt: now,
});

/** The scope whose order an ordered endpoint keeps; what is about no entity is in order with its like. */
export const laneOf = ({ entities }: Named): string => {
  const [owner] = entitiesOf(entities);
  return owner ? `${owner.kind}#${encodeURIComponent(owner.id)}` : '-';
};
