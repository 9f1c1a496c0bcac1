import type { Change } from './memory/change.ts';
import type { AnyKind } from './memory/entities.ts';
import type { Event } from './memory/event.ts';
import type { Memory, Revision } from './memory/memory.ts';
import type { Metadata, Turn } from './memory/turn.ts';
import type { Endpoint } from './webhooks/endpoint.ts';

/*
 * An archive is a list of records, from which a project or an entity can be restored with its ids, times and history. A record has what
 * readers may see, and nothing of indexes, leases and secrets. Times in ms since 1970.
 */

/** Fields of a memory that an archive has. All others are made again when it is restored. */
export const archivedMemoryFields = [
  'id',
  'scope',
  'entities',
  'extraEntities',
  'text',
  'kind',
  'preferenceType',
  'reasoning',
  'title',
  'tags',
  'occursOn',
  'speaker',
  'version',
  'state',
  'validFrom',
  'validUntil',
  'supersededBy',
  'attributedTo',
  'lineage',
  'textVersion',
  'namedSince',
  'lastWrite',
  'metadata',
  'metadataSince',
  'structured',
  'categories',
  'createdAt',
  'updatedAt',
  'observedAt',
  'expiresOn',
  'immutable',
  'feedback',
  'source',
] as const satisfies readonly (keyof Memory)[];
export type ArchivedMemory = Pick<Memory, (typeof archivedMemoryFields)[number]>;

export const archivedRevisionFields = [
  'memory',
  'version',
  'type',
  'oldText',
  'newText',
  'turn',
  'event',
  'promptVersion',
  'reprocessed',
  'metadata',
  'createdAt',
] as const satisfies readonly (keyof Revision)[];
export type ArchivedRevision = Pick<Revision, (typeof archivedRevisionFields)[number]>;

export const archivedTurnFields = [
  'id',
  'event',
  'scope',
  'entities',
  'messages',
  'metadata',
  'metadataSince',
  'options',
  'createdAt',
  'observedAt',
  'state',
  'memoryIds',
  'closedIds',
  'drawn',
  'revision',
  'redacted',
  'secretsReplaced',
  'quotingForbidden',
] as const satisfies readonly (keyof Turn)[];
export type ArchivedTurn = Pick<Turn, (typeof archivedTurnFields)[number]>;

export const archivedEventFields = [
  'id',
  'kind',
  'status',
  'stage',
  'entities',
  'turn',
  'group',
  'copies',
  'verbatim',
  'attempts',
  'timings',
  'tokens',
  'model',
  'promptVersion',
  'ignored',
  'redacted',
  'suspicious',
  'attachments',
  'skipped',
  'error',
  'failure',
  'written',
  'profiles',
  'counts',
  'learnt',
  'follows',
  'createdAt',
  'updatedAt',
  'startedAt',
  'completedAt',
] as const satisfies readonly (keyof Event)[];
/** `changes`: those of a refined turn. Those of an edit are in the revisions that it led to. */
export type ArchivedEvent = Pick<Event, (typeof archivedEventFields)[number]> & {
  changes?: Change[];
};

export const archivedEndpointFields = [
  'id',
  'name',
  'description',
  'url',
  'eventTypes',
  'filters',
  'rateLimit',
  'maxInFlight',
  'ordered',
  'status',
  'statusSince',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof Endpoint)[];
/** Webhook endpoint without its secrets and headers. */
export type ArchivedEndpoint = Pick<Endpoint, (typeof archivedEndpointFields)[number]>;

/** User, agent, app, run, collection or file that is known by name. */
export interface ArchivedEntity {
  kind: AnyKind;
  id: string;
  createdAt: number;
  declared?: string;
  metadata?: Metadata;
}

/** Part of the bytes of an attachment, before the turn that it belongs to. */
export interface ArchivedFile {
  turn: string;
  digest: string;
  /** Digests of all files of the turn. */
  ofTurn: string[];
  part: number;
  parts: number;
  /** Bytes in base64. */
  data: string;
}

export type ArchiveRecord =
  | { entity: ArchivedEntity }
  | { memory: ArchivedMemory }
  | { revision: ArchivedRevision }
  | { event: ArchivedEvent }
  | { file: ArchivedFile }
  | { turn: ArchivedTurn }
  | { endpoint: ArchivedEndpoint };
