import { type EntityKind, entityKinds, hasEntity, type Tagged } from '../memory/entities.ts';
import { type EventType, isSubscribed } from './event-types.ts';

/** Ids of each kind, any of which will do; kinds not given do not matter. */
export type EndpointFilters = { readonly [kind in EntityKind]?: readonly string[] };

/** `disabled` is our doing, `paused` the customer's; both hold deliveries back without dropping any. */
export type EndpointStatus = 'active' | 'paused' | 'disabled';

/** A customer's URL, what it wants to be told, and how fast it can take it. Times in ms since 1970. */
export interface Endpoint {
  id: string;
  project: string;
  name: string;
  description: string;
  url: string;
  eventTypes: readonly string[];
  filters: EndpointFilters;
  /** Names of the customer's own headers; their values are sealed together, as JSON, in `headers`. */
  headerNames: readonly string[];
  headers?: string;
  /** Attempts a second. */
  rateLimit?: number;
  maxInFlight: number;
  /** What is told of one scope is delivered one after the other, in order. */
  ordered: boolean;
  status: EndpointStatus;
  /** Since when and why it is not active. */
  statusSince?: { at: number; reason: 'requested' | 'gone' | 'failing' };
  /** Number of its newest secret. */
  lastSecret: number;
  /** Rises with every change. */
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** One signing secret, sealed. It counts as absent once its overlap with its successor is over. */
export interface Secret {
  number: number;
  sealed: string;
  createdAt: number;
}

export const defaultMaxInFlight = 8;
export const maxInFlightLimit = 64;
/** Attempts a second. */
export const maxRateLimit = 1_000;

export const inFlightLimit = ({ ordered, maxInFlight }: Endpoint): number =>
  ordered ? 1 : maxInFlight;

const passes = (filters: EndpointFilters, subject: Tagged): boolean =>
  entityKinds.every((kind) => {
    const ids = filters[kind];
    return ids === undefined || ids.some((id) => hasEntity(subject, { kind, id }));
  });

/** What is about an endpoint, rather than about an entity, passes every filter; never is it told to that very endpoint. */
export const matchesSubscription = (
  endpoint: Pick<Endpoint, 'id' | 'eventTypes' | 'filters'>,
  { type, subject, aboutEndpoint }: { type: EventType; subject: Tagged; aboutEndpoint?: string },
): boolean =>
  isSubscribed(endpoint.eventTypes, type) &&
  (aboutEndpoint === undefined ? passes(endpoint.filters, subject) : aboutEndpoint !== endpoint.id);
