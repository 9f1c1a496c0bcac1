import type * as derived from '../derived/derived.ts';
import type { Change, PlannedChange } from '../memory/change.ts';
import type { Cutoff } from '../memory/cutoff.ts';
import type { Entities } from '../memory/entities.ts';
import type { Event } from '../memory/event.ts';
import type { EntryWords, Partition } from '../memory/filter.ts';
import type { Memory, Revision } from '../memory/memory.ts';
import type { Metadata, Turn } from '../memory/turn.ts';
import type { Outage } from '../outage.ts';
import type { EntitySettings, Hold, ScopeLease, ScopeTasks } from '../processing.ts';
import type { ApiKey, Project } from '../project.ts';
import type { ModelOption, VersionedSettings } from '../project-settings.ts';
import type { Quota } from '../quota.ts';
import type { RedactionCounts } from '../sensitive/sensitive.ts';
import type { Suspicion } from '../sensitive/suspicious.ts';
import type { Spend, Usage } from '../usage.ts';
import type { Attempt } from '../webhooks/attempt.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import type { Endpoint, Secret } from '../webhooks/endpoint.ts';
import type { EndpointLimiter } from '../webhooks/endpoint-limiter.ts';
import type { Notification } from '../webhooks/notification.ts';
import type { Outbox } from '../webhooks/outbox.ts';
import type { Recovery } from '../webhooks/recovery.ts';

/** Entry of a turn that is not refined yet, in the scope's queue: sorted by turn id, and so by time. */
export interface PendingTurn {
  turn: string;
  event: string;
  project: string;
  scope: string;
  /** Failed decisions of this turn alone, without other turns in the same call: the spent part of the retry budget. */
  failures: number;
  /** Most turns in the next model call; set after a larger batch failed while the model answered others. */
  maxBatchSize?: number;
  /** When the turn was retried with a new budget, ms since 1970; absent when it never was. */
  since?: number;
  /** Version of the outage that the last request met. A failure after the end of that outage may be caused by the turn. */
  outageVersion?: number;
  /** Present if the turn may wait. A later turn without a hold ends the wait. */
  hold?: Hold;
  /** Saved plan, unless it is so large that it has an item of its own (`PLAN`). */
  plan?: Plan;
}

/** Decided changes of one turn, saved before anything is applied: a retry resumes from the plan without another model call. */
export interface Plan extends Pick<Revision, 'promptVersion' | 'reprocessed'> {
  id: string;
  turn: string;
  /** Revision of the turn's messages that was read: a correction since then makes the plan void. */
  turnRevision: number;
  changes: PlannedChange[];
  /** Revisions of the entity records that were read (0: no item). A delete-all in between makes the plan void. */
  entities: { key: Key<'ENTITY'>; revision: number }[];
  /**
   * Turns decided earlier in the same call. If an older turn arrives that is not in this list, the plan is void, because
   * the decision did not consider that turn.
   */
  after: string[];
  /**
   * Earlier plans of the same batch that this one takes for done: the nearest that takes a memory back, and those that wrote
   * a memory that this plan names. The plan is only valid once these very plans were applied.
   */
  follows: { turn: string; plan: string }[];
  model: string;
  /** Options of the turn and its project that the model did not follow. */
  ignored?: ModelOption[];
  /** Secrets that were replaced in the texts that the model was shown, by kind. */
  redacted?: RedactionCounts;
  /** Signs that the texts of the turn try to poison memories. */
  suspicious?: Suspicion[];
  tokens: { prompt: number; completion: number };
  timings: { retrieve: number; model: number };
}

/** Entry of a memory in the listing of an entity or of the project. */
export interface ListingEntry {
  memory: string;
}

/**
 * Pointer to a recent write, in the same partitions as the listings. Reads follow pointers to the store, strongly consistent,
 * so that a write is found before the vector index holds it. The pointer is deleted some time after that.
 */
export type RecentPointer =
  /** Has the entities of the turn, so that turn and cutoffs can be read in one round trip. */
  { turn: string; entities?: Entities } | { memory: string };

/** An entity that was named by a turn, with the cutoffs of its delete-alls. `revision` rises with every delete-all, `expiries` with each expiry of a cutoff since. */
export interface EntityRecord {
  kind: string;
  id: string;
  createdAt: number;
  revision: number;
  cutoffs: Cutoff[];
  expiries?: number;
  /** Id of the write by which the API created the entity, with these metadata, if one did: it is listed without any turn, until a later delete-all. */
  declared?: string;
  metadata?: Metadata;
}

/** Claim of a key, or of the hash of an add without one: repeats find the event of the add; of an edit, both ids are the memory's. */
export interface Idempotency {
  event: string;
  turn: string;
  /** Digest of the canonical request. */
  request: string;
  createdAt: number;
}

/** A delete-all or re-indexing. Claimed by a lease with a fencing token, worked on page by page, resumed from `cursor`. */
export interface Job {
  id: string;
  project: string;
  kind: 'delete_all' | 'reindex';
  match: Entities;
  /** Of a delete-all: only items with this metadata are concerned. */
  metadata?: Metadata;
  /** Id of the cutoff: only older items are concerned. */
  before: string;
  partitions: Partition[];
  cursor?: string;
  counts: { memories: number; turns: number };
  /** Previous layout of the vector index, when the job re-indexes because the layout changed. */
  formerLayout?: string;
  token?: string;
  leaseUntil?: number;
}

/** Entry of a delivery in the backlog of its endpoint. Sorted by priority, then by age. */
export interface BacklogEntry {
  notification: string;
  priority: number;
  /** The ordered scope of the delivery, as a digest. */
  scope?: string;
}

/** Newest delivery of one scope to an ordered endpoint: the next one is delivered after that one has ended. */
export interface OrderingTail {
  last: string;
  number: number;
}

/** Marks a project that polls its notifications, so that notifications are created even without an endpoint. */
export interface PollMarker {
  since: number;
}

/** A message of a later turn that stated a memory once more without changing it: the erasure of the memory finds its words. */
export interface Restatement {
  turn: string;
  event: string;
  /** Position of the message in the turn. */
  position: number;
}

/**
 * Files of a turn that is not accepted yet, or whose text expires. Due when the turn should have been accepted long ago, or when it
 * has expired: then they are removed.
 */
export interface FileRecord {
  /** Digests of the files. */
  blobs: string[];
}

/** A fact about the installation as a whole. */
export interface Setting {
  value: string;
}

/**
 * An item whose texts may be erased. The counter is the condition of concurrent erasures, so that none restores an erased
 * text.
 */
export interface Redactable {
  erasures?: number;
}

/**
 * All kinds of items. One table holds them all (single-table design), with a partition key `pk` and a sort key `sk`; keys.ts
 * builds the keys. Items that are read or written together share a partition. Every partition key contains the project,
 * except those of the installation. The comments below show the partition key of each group and the sort keys in it.
 *
 * Two secondary indexes (`DUE` and `GSI1` in DynamoDB): due items by `dueAt`, and listings by `listPk` and `listSk`: the events of
 * a project by month, its notifications and an endpoint's deliveries by day, and the API keys of a project.
 */
export interface Items {
  /* Refinement of a scope, `S#project#scope`: `LEASE`, `PEND#turn`, `PLAN#turn`, `TASKS`. */
  LEASE: ScopeLease;
  PEND: PendingTurn;
  PLAN: Plan;
  TASKS: ScopeTasks;

  /* Turn, `T#project#turn`: `TURN`; the record of files that may have no turn, `FILES`. */
  TURN: Turn;
  FILES: FileRecord;

  /* Event, `E#project#event`: `EVENT`, and `CHANGES` as an item of its own, because changes may be large. */
  EVENT: Event;
  CHANGES: Redactable & { changes: Change[] };

  /* Memory, its history and its restatements, `M#project#memory`: `MEMORY`, `REV#version`, `RESTATED#turn#position`. */
  MEMORY: Memory;
  REV: Revision;
  RESTATED: Restatement;

  /*
   * Listing of an entity, `X#project#kind#id`, and of the project, `X#project#project#*`: `MEM#memory`, `CLOSED#memory`,
   * `TURN_LISTED#turn`, `RECENT#turn`, `WORDS#entry`. Agents, apps and the project have a suffix `#shard`.
   */
  LISTED: ListingEntry;
  /** Closed memories and versions, apart from the live ones, so that lists do not grow with what is no longer true. */
  CLOSED: ListingEntry;
  /** Refined turns that still have their text. */
  LISTED_TURN: { turn: string };
  RECENT: RecentPointer;
  WORDS: EntryWords;

  /* Entities of a project, `P#project#ENT`: `kind#id`; copies of its epoch, `P#project#EPOCH#copy`: `EPOCH`. */
  ENTITY: EntityRecord;
  EPOCH: Setting;

  /* Transactional outbox of a scope, `O#project#scope`: `OUTBOX#id`. */
  OUTBOX: Redactable & Outbox;

  /* Idempotency claim, `I#project#hash`: `IDEM`. */
  IDEM: Idempotency;

  /* Job, `J#project#job`: `JOB`, or `DERIVE` for one that makes an export or profiles. */
  JOB: Job;
  DERIVE: derived.Derivation;

  /* Exports, `R#project`: `EXPORT#id`; their parts, `R#project#export`: `EXPORT_PART#number`; a profile, `R#project#kind#id`. */
  EXPORT: derived.Export;
  EXPORT_PART: derived.ExportPart;
  PROFILE: derived.Profile;

  /*
   * Settings, webhooks and quotas of a project, `P#project`: `PROJECT_SETTINGS`, `PROFILE_SETTINGS`, `ENTITY_SETTINGS#kind#id`,
   * `ENDPOINT#endpoint`, `POLL`, `QUOTA#kind`.
   */
  PROJECT_SETTINGS: VersionedSettings;
  ENTITY_SETTINGS: EntitySettings;
  PROFILE_SETTINGS: derived.ProfileSettings;
  ENDPOINT: Endpoint;
  POLL: PollMarker;
  QUOTA: Quota;

  /*
   * Parts of an endpoint that change more often than the endpoint, `W#project#endpoint`: `SECRET#number`, `LIMITER`,
   * `BACKLOG#priority#time#number#delivery`, `ORDERING#scope`, `RECOVERY#id`.
   */
  SECRET: Secret;
  LIMITER: EndpointLimiter;
  BACKLOG: BacklogEntry;
  ORDERING: OrderingTail;
  RECOVERY: Recovery;

  /* Notification and its deliveries, `N#project#notification`: `NOTIFICATION`, `DELIVERY#endpoint`. */
  NOTIFICATION: Redactable & Notification;
  DELIVERY: Delivery;

  /* Attempts of a delivery, `D#project#delivery`: `ATTEMPT#number`. */
  ATTEMPT: Attempt;

  /* Usage of a project, `U#project`: `USAGE#hour#process`; `SPEND#day#shard`, also of the installation, `MODEL`. */
  USAGE: Usage;
  SPEND: Spend;
  /* Items of the installation, `K#key`: `KEY`; `PROJECTS`: `PROJECT#id`; `SETTINGS`: a name; `MODEL`: `OUTAGE`. */
  KEY: ApiKey;
  PROJECT: Project;
  SETTING: Setting;
  OUTAGE: Outage;
}
export type ItemKind = keyof Items;

/** Primary key of an item, with the kind of the item. */
export interface Key<K extends ItemKind = ItemKind> {
  kind: K;
  pk: string;
  sk: string;
}

/** Attributes that any item may have besides its own fields. */
export interface IndexAttributes {
  /**
   * Puts the item on the due index, from which the sweeper finds work at this time, ms since 1970. Removed when nothing is
   * due.
   */
  dueAt?: number;
  /** Reads treat the item as absent from this time on, ms since 1970; the store deletes it some time after that. */
  expiresAt?: number;
  /**
   * Put the item on the index of listings, which is eventually consistent: listings are read from it, nothing is decided
   * from it.
   */
  listPk?: string;
  listSk?: string;
}

export type Item<K extends ItemKind = ItemKind> = Items[K] & IndexAttributes;
