import { type EntityKind, entityKinds, hasEntity, type Tagged } from '../memory/entities.ts';
import { type EventType, isSubscribed } from './event-types.ts';

/** Accepted ids of each kind; a kind without ids accepts all. */
export type EndpointFilters = { readonly [kind in EntityKind]?: readonly string[] };

/** `disabled` by the service, `paused` by the customer; both queue deliveries and drop none. */
export type EndpointStatus = 'active' | 'paused' | 'disabled';

/** URL of a customer with its subscriptions and limits. Times in ms since 1970. */
export interface Endpoint {
  id: string;
  project: string;
  name: string;
  description: string;
  url: string;
  eventTypes: readonly string[];
  filters: EndpointFilters;
  /** Names of the customer's own headers; `headers` has the sealed JSON with names and values. */
  headerNames: readonly string[];
  headers?: string;
  /** Attempts per second. */
  rateLimit?: number;
  maxInFlight: number;
  /** Notifications of one scope are delivered one after the other, in order; those of several scopes side by side. */
  ordered: boolean;
  status: EndpointStatus;
  /** Time and cause of the status; absent while active. */
  statusSince?: { at: number; reason: 'requested' | 'gone' | 'failing' };
  /** Number of the latest secret. */
  lastSecret: number;
  /** Increases with every change (optimistic concurrency). */
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** Sealed signing secret; counts as absent once the overlap with its successor is over. */
export interface Secret {
  number: number;
  sealed: string;
  createdAt: number;
}

export const defaultMaxInFlight = 8;
export const maxInFlightLimit = 64;
/** Attempts per second. */
export const maxRateLimit = 1_000;

const matchesFilters = (filters: EndpointFilters, subject: Tagged): boolean =>
  entityKinds.every((kind) => {
    const ids = filters[kind];
    return ids === undefined || ids.some((id) => hasEntity(subject, { kind, id }));
  });

/** Whether an endpoint wants a notification. One about an endpoint passes every filter, but is never sent to that endpoint. */
export const matchesSubscription = (
  endpoint: Pick<Endpoint, 'id' | 'eventTypes' | 'filters'>,
  { type, subject, aboutEndpoint }: { type: EventType; subject: Tagged; aboutEndpoint?: string },
): boolean =>
  isSubscribed(endpoint.eventTypes, type) &&
  (aboutEndpoint === undefined
    ? matchesFilters(endpoint.filters, subject)
    : aboutEndpoint !== endpoint.id);
