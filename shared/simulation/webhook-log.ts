import type { Turn } from '../domain/memory/turn.ts';
import type { Delivery } from '../domain/webhooks/delivery.ts';
import type { Endpoint } from '../domain/webhooks/endpoint.ts';
import { type Notification, notificationsOf } from '../domain/webhooks/notification.ts';
import { type Outbox, pendingOutbox } from '../domain/webhooks/outbox.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';
import type { Actor } from './scheduler.ts';

/** Claim of one attempt. */
export interface ClaimFacts {
  token: string;
  delivery: string;
  endpoint: string;
  number: number;
  actor: Actor | undefined;
  /** Step of the claim. */
  at: number;
  /** Expiry of the lease in ms. */
  until: number;
  /** Number of disruptions before the claim. */
  disruptions: number;
  post?: PostFacts;
}

/** Response of a receiver; `isAnswered` once the sender has received it. */
export interface PostFacts {
  ok: boolean;
  isAnswered: boolean;
}

export interface EndpointFacts {
  endpoint: Endpoint;
  /** Time in ms, comparable with the times of facts. */
  createdAt: number;
  isDeleted: boolean;
}

/** Request as its receiver sees it. */
export interface ReceivedRequest {
  endpoint: EndpointFacts;
  notification: string;
  body: string;
}

/** Origin of a notification: its request began when the id `order` was generated, and its fact was committed at step `at`. */
export interface Origin {
  order: string;
  at: number;
  place: number;
}

/** History of endpoints, notifications, deliveries and requests. */
export interface WebhookLog {
  endpoints: Map<string, EndpointFacts>;
  /** Notifications of all committed facts, by id. */
  notificationsById: Map<string, Notification>;
  origins: Map<string, Origin>;
  claims: Map<string, ClaimFacts>;
  /** First body posted under each notification id, with its texts if any request contained them. */
  bodies: Map<string, string>;
  /** Step at which the texts of each notification were erased. */
  erasedAt: Map<string, number>;
  /** Deliveries requested again, manually or by a recovery. */
  requestedAgain: Set<string>;
  /** Deliveries that a recovery created before their fan-out did: their numbers order the recovery, not the fan-out. */
  createdByRecovery: Set<string>;
  /** Claims of a delivery, in order. */
  claimsFor(delivery: string): ClaimFacts[];
  record(writes: readonly Write[]): void;
}

/** Access of the log to the scheduler and the faults. */
interface LogDeps {
  now(): number;
  step(): number;
  /** Actor of the current step. */
  currentActor(): Actor | undefined;
  /** Number of disruptions so far that can keep a finished attempt from being recorded. */
  disruptions(): number;
}

export const createWebhookLog = ({ now, step, currentActor, disruptions }: LogDeps): WebhookLog => {
  const endpoints = new Map<string, EndpointFacts>();
  const notificationsById = new Map<string, Notification>();
  const origins = new Map<string, Origin>();
  const claims = new Map<string, ClaimFacts>();
  const erasedAt = new Map<string, number>();
  const requestedAgain = new Set<string>();
  const createdByRecovery = new Set<string>();

  const recordEndpoint = (endpoint: Endpoint): void => {
    const facts = endpoints.get(endpoint.id) ?? { endpoint, createdAt: now(), isDeleted: false };
    endpoints.set(endpoint.id, { ...facts, endpoint });
  };

  const recordDelivery = (before: Delivery | undefined, after: Delivery): void => {
    const { id: delivery, endpoint, token, attempts: number, leaseUntil: until = 0 } = after;
    if (after.manualRequested || after.recovery) requestedAgain.add(delivery);
    if (!before && after.recovery) createdByRecovery.add(delivery);
    if (after.state !== 'leased' || token === undefined || token === before?.token) return;
    const [actor, disruptionCount] = [currentActor(), disruptions()];
    claims.set(token, {
      token,
      delivery,
      endpoint,
      number,
      actor,
      at: step(),
      until,
      disruptions: disruptionCount,
    });
  };

  const recordPromises = (outbox: Outbox): void => {
    for (const [place, notification] of notificationsOf(outbox).entries()) {
      notificationsById.set(notification.id, notification);
      origins.set(notification.id, { order: outbox.order, at: step(), place });
    }
  };

  const hadReceiver = (outbox: Outbox): boolean =>
    [...endpoints.values()].some(
      ({ createdAt, isDeleted }) => !isDeleted && createdAt < outbox.createdAt,
    );

  /** Whether a transaction makes the acceptance of a turn due: its own, or its end if the acceptance had no outbox although a receiver existed. */
  const isAcceptanceDue = (before: Turn | undefined, after: Turn, outbox: Outbox): boolean => {
    if (after.unannouncedAt === undefined) return !before;
    return (after.state === 'applied' || after.state === 'failed') && hadReceiver(outbox);
  };

  const recordAcceptances = (writes: readonly Write[]): void => {
    const [end] = writesOf(writes, 'OUTBOX');
    for (const { before, after } of writesOf(writes, 'TURN')) {
      if (!after || before?.state === after.state) continue;
      const outbox = pendingOutbox(after);
      const isRecorded = notificationsOf(outbox).some(({ id }) => notificationsById.has(id));
      if (!isRecorded && isAcceptanceDue(before, after, outbox))
        recordPromises({ ...outbox, order: end?.after?.order ?? outbox.order });
    }
  };

  const recordEndpoints = (writes: readonly Write[]): void => {
    for (const { before, after } of writesOf(writes, 'ENDPOINT')) {
      if (after) recordEndpoint(after);
      const facts = before && endpoints.get(before.id);
      if (facts && !after) facts.isDeleted = true;
    }
  };

  const recordErasures = (writes: readonly Write[]): void => {
    for (const { before, after } of writesOf(writes, 'NOTIFICATION'))
      if (after?.erased && !before?.erased) erasedAt.set(after.id, step());
  };

  return {
    endpoints,
    notificationsById,
    origins,
    claims,
    bodies: new Map(),
    erasedAt,
    requestedAgain,
    createdByRecovery,
    claimsFor: (delivery) => [...claims.values()].filter((claim) => claim.delivery === delivery),
    record(writes) {
      for (const { before, after } of writesOf(writes, 'OUTBOX'))
        if (after && !before) recordPromises(after);
      recordAcceptances(writes);
      recordEndpoints(writes);
      recordErasures(writes);
      for (const { before, after } of writesOf(writes, 'DELIVERY'))
        if (after) recordDelivery(before, after);
    },
  };
};
