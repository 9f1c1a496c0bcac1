import type { Delivery } from '../../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import {
  type Notification,
  notificationsOf,
} from '../../../shared/domain/webhooks/notification.ts';
import type { Outbox } from '../../../shared/domain/webhooks/outbox.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';
import type { Actor } from './scheduler.ts';

/** The right to one attempt, as somebody was given it. */
export interface ClaimFacts {
  token: string;
  delivery: string;
  endpoint: string;
  number: number;
  actor: Actor | undefined;
  /** Given at this step; it runs out at a time in ms. */
  at: number;
  until: number;
  /** What had gone wrong by then that may keep an attempt from being recorded. */
  troubles: number;
  post?: PostFacts;
}

/** What a receiver saw; `isAnswered`: the sender knows. */
export interface PostFacts {
  ok: boolean;
  isAnswered: boolean;
}

export interface EndpointFacts {
  endpoint: Endpoint;
  /** Times in ms, as facts have them. */
  madeAt: number;
  isGone: boolean;
}

/** A request as its receiver sees it. */
export interface Seen {
  endpoint: EndpointFacts;
  notification: string;
  body: string;
}

/** Where a promise comes from: what it follows from was there when `order` was made, and at step `at` it was there itself. */
export interface Origin {
  order: string;
  at: number;
  place: number;
}

/** What became of everything that customers are told. */
export interface WebhookLog {
  endpoints: Map<string, EndpointFacts>;
  /** What committed facts promise to tell, by id. */
  promised: Map<string, Notification>;
  origins: Map<string, Origin>;
  claims: Map<string, ClaimFacts>;
  /** What was posted under each id, with its texts if anybody saw them. */
  bodies: Map<string, string>;
  /** At which step its texts were erased. */
  erasedAt: Map<string, number>;
  /** Deliveries that were asked for again, by hand or by a recovery. */
  askedAgain: Set<string>;
  /** Claims that somebody made of a delivery, in order. */
  claimsOf(delivery: string): ClaimFacts[];
  record(writes: readonly Write[]): void;
}

/** What the log has to ask of the service around it. */
interface Surroundings {
  now(): number;
  step(): number;
  /** Whose call it is. */
  acting(): Actor | undefined;
  /** How often something went wrong so far that may keep work from being recorded. */
  troubles(): number;
}

export const createWebhookLog = ({ now, step, acting, troubles }: Surroundings): WebhookLog => {
  const endpoints = new Map<string, EndpointFacts>();
  const promised = new Map<string, Notification>();
  const origins = new Map<string, Origin>();
  const claims = new Map<string, ClaimFacts>();
  const erasedAt = new Map<string, number>();
  const askedAgain = new Set<string>();

  const recordEndpoint = (endpoint: Endpoint): void => {
    const facts = endpoints.get(endpoint.id) ?? { endpoint, madeAt: now(), isGone: false };
    endpoints.set(endpoint.id, { ...facts, endpoint });
  };

  const recordDelivery = (before: Delivery | undefined, after: Delivery): void => {
    const { id: delivery, endpoint, token, attempts: number, leaseUntil: until = 0 } = after;
    if (after.manualRequested || after.recovery) askedAgain.add(delivery);
    if (after.state !== 'leased' || token === undefined || token === before?.token) return;
    const [actor, trouble] = [acting(), troubles()];
    claims.set(token, {
      token,
      delivery,
      endpoint,
      number,
      actor,
      at: step(),
      until,
      troubles: trouble,
    });
  };

  const recordPromises = (outbox: Outbox): void => {
    for (const [place, told] of notificationsOf(outbox).entries()) {
      promised.set(told.id, told);
      origins.set(told.id, { order: outbox.order, at: step(), place });
    }
  };

  const recordEndpoints = (writes: readonly Write[]): void => {
    for (const { before, after } of writesOf(writes, 'ENDPOINT')) {
      if (after) recordEndpoint(after);
      const facts = before && endpoints.get(before.id);
      if (facts && !after) facts.isGone = true;
    }
  };

  const recordErasures = (writes: readonly Write[]): void => {
    for (const { before, after } of writesOf(writes, 'NOTIFICATION'))
      if (after?.erased && !before?.erased) erasedAt.set(after.id, step());
  };

  return {
    endpoints,
    promised,
    origins,
    claims,
    bodies: new Map(),
    erasedAt,
    askedAgain,
    claimsOf: (delivery) => [...claims.values()].filter((claim) => claim.delivery === delivery),
    record(writes) {
      for (const { before, after } of writesOf(writes, 'OUTBOX'))
        if (after && !before) recordPromises(after);
      recordEndpoints(writes);
      recordErasures(writes);
      for (const { before, after } of writesOf(writes, 'DELIVERY'))
        if (after) recordDelivery(before, after);
    },
  };
};
