import type { Change, PlannedChange } from '../memory/change.ts';
import type { Cutoff } from '../memory/cutoff.ts';
import type { Entities } from '../memory/entities.ts';
import type { Event } from '../memory/event.ts';
import type { Partition } from '../memory/filter.ts';
import type { Memory, Revision } from '../memory/memory.ts';
import type { Turn } from '../memory/turn.ts';
import type { Outage } from '../outage.ts';
import type { ApiKey, Project } from '../project.ts';
import type { Usage } from '../usage.ts';
import type { Attempt } from '../webhooks/attempt.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import type { Endpoint, Secret } from '../webhooks/endpoint.ts';
import type { EndpointLimiter } from '../webhooks/endpoint-limiter.ts';
import type { Notification } from '../webhooks/notification.ts';
import type { Outbox } from '../webhooks/outbox.ts';
import type { Recovery } from '../webhooks/recovery.ts';

/** The lease on a scope. Accept never touches it, so adds never conflict with the worker. */
export interface ScopeLease {
  token: string;
  /** ms since 1970; the lease is free from then on. */
  leaseUntil: number;
  /** Backoff: nobody claims before, however many hints arrive. */
  notBefore?: number;
  /** Since when the scope waits for the language model without a break. */
  waitingSince?: number;
}

/** One per turn with work left. */
export interface Pending {
  turn: string;
  event: string;
  project: string;
  scope: string;
  /** Times a lone decision of this turn failed: what it spent of the retry budget. */
  failures: number;
  /** Most turns to decide together from this one on: a request for more of them failed while the model served others. */
  together?: number;
  /** When it was given a fresh budget, ms since 1970; absent: never since it was accepted. */
  since?: number;
  /** Version of the outage that its last request ran into. When it fails after that outage ended, it may be the cause. */
  failedIn?: number;
}

/** The decided changes of one turn, saved before anything is applied. */
export interface Plan {
  id: string;
  turn: string;
  changes: PlannedChange[];
  /** Revision of every entity consulted (0 when it had no item): a delete-all in between makes the plan void. */
  entities: { key: Key<'ENTITY'>; revision: number }[];
  /** The turns decided before it in the same call. One that came late and is older than it voids it: it knew nothing of that. */
  after: string[];
  /** The nearest plan of the same batch before it that deletes something, which this one takes for done. */
  follows?: { turn: string; plan: string };
  model: string;
  tokens: { prompt: number; completion: number };
  timings: { recall: number; model: number; embed: number };
}

/** Listing of an entity's memories. */
export interface ListingEntry {
  memory: string;
  /** The turn whose last message its index text borrows. */
  context?: string;
}

/** "Look at this one directly": left by whoever wrote lately, until the vector index is seen to hold it. */
export type Recent =
  /** With what the turn names, so that its delete-alls can be read along with it. */
  { turn: string; entities?: Entities } | { memory: string };

/** An entity that was ever named; `revision` rises with every delete-all. */
export interface EntityRecord {
  kind: string;
  id: string;
  createdAt: number;
  revision: number;
  cutoffs: Cutoff[];
}

export interface Idempotency {
  event: string;
  turn: string;
  /** Digest of the canonical request. */
  request: string;
  createdAt: number;
}

/** Work that outlives a request: delete-all and re-indexing. Claimed by lease, resumed from `cursor`. */
export interface Job {
  id: string;
  project: string;
  kind: 'forget' | 'reindex';
  match: Entities;
  before: string;
  partitions: Partition[];
  cursor?: string;
  counts: { memories: number; turns: number };
  /** Re-indexing because entries are spread anew: how they were spread before. */
  formerLayout?: string;
  token?: string;
  leaseUntil?: number;
}

/** A place in the line behind an endpoint's gate: of the delivery of that notification. */
export interface BacklogEntry {
  notification: string;
  rank: number;
}

/** What of one scope an ordered endpoint was told last. */
export interface OrderingTail {
  last: string;
  number: number;
}

/** Somebody looks for a project's notifications, so they are kept although no endpoint may be there. */
export interface PollMarker {
  since: number;
}

/** What a project may have no more than so many of. */
export type QuotaKind = 'endpoints' | 'recoveries' | 'jobs' | 'keys';

/** Names of what counts against a quota; some may be over by now. */
export interface Quota {
  /** Rises with every one that is counted. */
  version: number;
  open: readonly string[];
}

/** Facts of the installation as a whole. */
export interface Setting {
  value: string;
}

/** Something whose texts are erased piece by piece: how often that happened, so that no erasure undoes another. */
export interface Redactable {
  erasures?: number;
}

/** Every kind of item the table holds. */
export interface Items {
  HEAD: ScopeLease;
  PEND: Pending;
  PLAN: Plan;
  TURN: Turn;
  EVENT: Event;
  CHANGES: Redactable & { changes: Change[] };
  MEMORY: Memory;
  REV: Revision;
  FILED: ListingEntry;
  RETRACTED: Pick<ListingEntry, 'memory'>;
  RECENT: Recent;
  ENTITY: EntityRecord;
  OUTBOX: Redactable & Outbox;
  IDEM: Idempotency;
  JOB: Job;
  KEY: ApiKey;
  PROJECT: Project;
  SETTING: Setting;
  OUTAGE: Outage;
  ENDPOINT: Endpoint;
  SECRET: Secret;
  GATE: EndpointLimiter;
  PARK: BacklogEntry;
  LANE: OrderingTail;
  NOTIFICATION: Redactable & Notification;
  DELIVERY: Delivery;
  ATTEMPT: Attempt;
  RECOVERY: Recovery;
  POLLED: PollMarker;
  QUOTA: Quota;
  USAGE: Usage;
}
export type ItemKind = keyof Items;

/** Where an item stands; `kind` says what stands there. */
export interface Key<K extends ItemKind = ItemKind> {
  kind: K;
  pk: string;
  sk: string;
}

/**
 * What any item may carry besides its own fields.
 * `dueAt` (ms) puts it on the due index: something still has to happen then. `expiresAt` (ms): it counts as absent from then on.
 * `listPk`, `listSk` put it on the one secondary listing, which is eventually consistent: nothing is decided from it.
 */
export interface IndexAttributes {
  dueAt?: number;
  expiresAt?: number;
  listPk?: string;
  listSk?: string;
}

export type Item<K extends ItemKind = ItemKind> = Items[K] & IndexAttributes;
