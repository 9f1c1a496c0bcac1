import * as z from 'zod';
import type {
  ArchivedEndpoint,
  ArchivedEntity,
  ArchivedEvent,
  ArchivedMemory,
  ArchivedRevision,
  ArchivedTurn,
} from '../../../../shared/domain/archive.ts';
import { attachmentsOf } from '../../../../shared/domain/memory/attachment.ts';
import { memoryKinds, preferenceTypes } from '../../../../shared/domain/memory/description.ts';
import {
  allKinds,
  allNamed,
  entityKey,
  type Tagged,
} from '../../../../shared/domain/memory/entities.ts';
import { eventKinds } from '../../../../shared/domain/memory/event.ts';
import { occurrenceFrom } from '../../../../shared/domain/memory/occurrence.ts';
import { feedbackValues, roles, type Turn } from '../../../../shared/domain/memory/turn.ts';
import { EntityId } from '../../http/entity-ids.ts';

/*
 * Schemas of the records of an archive. They accept what an export writes, and refuse what the service could not have stored.
 */

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const shortText = z.string().max(2_000);
const longText = z.string().max(200_000);
const Time = z.int().min(0).max(8.64e15);
const Count = z.int().min(0).max(1e12);
const Uuid = z.string().regex(uuid, 'must be a UUID');
/** Id of a memory, or of a closed version of one. */
const MemoryId = z.string().regex(/^[0-9a-f-]{36}(\.v\d{1,9})?$/i, 'must be the id of a memory');
const JsonValue = z.unknown();
const Metadata = z.record(z.string(), JsonValue);
const Day = z.iso.date();
const isOccurrence = (value: string): boolean => occurrenceFrom(value) !== undefined;

const Entities = z.object(
  Object.fromEntries(allKinds.map((kind) => [kind, EntityId.optional()])) as {
    [kind in (typeof allKinds)[number]]: z.ZodOptional<typeof EntityId>;
  },
);
const Entity = z.object({ kind: z.enum(allKinds), id: EntityId });

const ArchivedEntitySchema = z.object({
  kind: z.enum(allKinds),
  id: EntityId,
  createdAt: Time,
  declared: Uuid.optional(),
  metadata: Metadata.optional(),
});

const namesOwner = (subject: {
  scope: string;
  entities: object;
  extraEntities?: unknown;
}): boolean =>
  allNamed(subject as unknown as Tagged).some((entity) => entityKey(entity) === subject.scope);

const scopeError = { path: ['scope'], error: 'must be one of the entities' };

const MemorySchema = z
  .object({
    id: MemoryId,
    scope: shortText,
    entities: Entities,
    extraEntities: z.array(Entity).max(16).optional(),
    text: z.string().min(1).max(50_000),
    kind: z.enum(memoryKinds).optional(),
    preferenceType: z.enum(preferenceTypes).optional(),
    reasoning: shortText.optional(),
    title: shortText.optional(),
    tags: z.array(shortText).max(100).optional(),
    occursOn: z.string().refine(isOccurrence, 'must be a date').optional(),
    speaker: shortText.optional(),
    version: Count.min(1),
    state: z.enum(['live', 'closed']),
    validFrom: Time,
    validUntil: Time.optional(),
    supersededBy: MemoryId.optional(),
    attributedTo: z.enum(roles),
    lineage: z.array(Uuid).max(10_000),
    textVersion: Count,
    namedSince: z.record(shortText, Uuid).optional(),
    lastWrite: Uuid,
    metadata: Metadata,
    metadataSince: Uuid.optional(),
    structured: z.literal(true).optional(),
    categories: z.array(shortText).max(100),
    createdAt: Time,
    updatedAt: Time,
    observedAt: Time,
    expiresOn: Day.optional(),
    immutable: z.boolean().optional(),
    feedback: z.object({ value: z.enum(feedbackValues), reason: shortText.optional() }).optional(),
    source: z.enum(['inferred', 'verbatim', 'edited']),
  })
  .refine(namesOwner, scopeError);

const RevisionSchema = z.object({
  memory: MemoryId,
  version: Count.min(1).max(9_999_999),
  type: z.enum(['ADD', 'UPDATE', 'DELETE']),
  oldText: longText.optional(),
  newText: longText.optional(),
  turn: Uuid.optional(),
  event: Uuid.optional(),
  promptVersion: shortText.optional(),
  reprocessed: z.literal(true).optional(),
  metadata: Metadata,
  createdAt: Time,
});

const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a digest');

const Attachment = z.object({
  type: shortText,
  url: z.string().max(8_192),
  name: shortText.optional(),
  mediaType: shortText.optional(),
  digest: Digest.optional(),
  status: z.enum(['read', 'kept', 'failed']).optional(),
  reason: shortText.optional(),
  retryable: z.literal(true).optional(),
  awaitsModel: z.literal(true).optional(),
  text: Digest.optional(),
});

const Message = z.object({
  role: z.enum(roles),
  content: longText,
  name: shortText.optional(),
  attachments: z.array(Attachment).max(100).optional(),
  time: shortText.optional(),
  saidAt: Time.optional(),
});

const Options = z.object({
  infer: z.boolean(),
  expiresOn: Day.optional(),
  immutable: z.boolean().optional(),
  verbatim: z.array(longText).max(500).optional(),
  instructions: longText.optional(),
  agentInstructions: longText.optional(),
  includes: longText.optional(),
  excludes: longText.optional(),
  categories: z
    .array(z.object({ name: shortText, description: longText }))
    .max(1_000)
    .optional(),
  described: z.literal(true).optional(),
  utcOffset: z.number().min(-1_440).max(1_440).optional(),
  feedback: z.object({ value: z.enum(feedbackValues), reason: shortText.optional() }).optional(),
  structuredData: z.record(z.string(), JsonValue).optional(),
});

const Counts = z.record(shortText, Count);

const TurnSchema = z
  .object({
    id: Uuid,
    event: Uuid,
    scope: shortText,
    entities: Entities,
    messages: z.array(Message).max(500),
    metadata: Metadata,
    metadataSince: Uuid.optional(),
    options: Options,
    createdAt: Time,
    observedAt: Time,
    state: z.enum(['pending', 'applied', 'failed']),
    memoryIds: z.array(MemoryId).max(10_000).optional(),
    closedIds: z.array(MemoryId).max(10_000).optional(),
    drawn: z.record(z.string().regex(/^\d{1,4}$/), z.record(MemoryId, Count)).optional(),
    revision: Count.optional(),
    redacted: Counts.optional(),
    secretsReplaced: z.literal(true).optional(),
    quotingForbidden: z.boolean().optional(),
  })
  .refine(namesOwner, scopeError)
  .refine((turn) => attachmentsOf(turn as unknown as Turn).length <= 50, {
    path: ['messages'],
    error: 'must have at most 50 attachments',
  });

const Written = z.object({
  memory: MemoryId,
  version: Count.optional(),
  entities: Entities.optional(),
  kind: z.enum(memoryKinds).optional(),
});

const Change = z.object({
  type: z.enum(['ADD', 'UPDATE', 'DELETE', 'NONE']),
  memory: MemoryId.optional(),
  text: longText.optional(),
  previousText: longText.optional(),
  reason: longText.optional(),
  entities: Entities.optional(),
  kind: z.enum(memoryKinds).optional(),
  erased: z.boolean().optional(),
});

const EventSchema = z.object({
  id: Uuid,
  kind: z.enum(eventKinds),
  status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']),
  stage: z.enum([
    ...(['queued', 'reading', 'deciding', 'planned'] as const),
    ...(['applied', 'deleting', 'deriving', 'finished'] as const),
  ]),
  entities: Entities,
  turn: Uuid.optional(),
  group: z.array(Uuid).max(1_000).optional(),
  copies: z.array(Uuid).max(1_000).optional(),
  verbatim: z.boolean().optional(),
  attempts: Count,
  timings: z.record(shortText, z.number()),
  tokens: z.object({ prompt: Count, completion: Count }),
  model: shortText.optional(),
  promptVersion: shortText.optional(),
  ignored: z.array(shortText).max(20).optional(),
  redacted: Counts.optional(),
  suspicious: z.array(shortText).max(20).optional(),
  attachments: z
    .array(
      z.object({
        part: Count,
        type: shortText,
        status: z.enum(['pending', 'read', 'kept', 'failed']),
        reason: longText.optional(),
      }),
    )
    .max(100)
    .optional(),
  skipped: z.array(shortText).max(500).optional(),
  error: z.object({ code: shortText, message: longText, retryable: z.boolean() }).optional(),
  failure: Uuid.optional(),
  written: z.array(Written).max(1_000).optional(),
  profiles: z.record(shortText, JsonValue).optional(),
  counts: z.object({ memories: Count, turns: Count }).optional(),
  learnt: z.object({ added: Count, updated: Count }).optional(),
  follows: z.literal(true).optional(),
  createdAt: Time,
  updatedAt: Time,
  startedAt: Time.optional(),
  completedAt: Time.optional(),
  changes: z.array(Change).max(5_000).optional(),
});

const EndpointSchema = z.object({
  id: z.string().regex(/^whe_[0-9a-f]{32}$/, 'must be the id of an endpoint'),
  name: z.string().max(200),
  description: shortText,
  url: z.string().min(1),
  eventTypes: z.array(z.string().max(100)).max(50),
  filters: z.object({
    user: z.array(EntityId).max(100).optional(),
    agent: z.array(EntityId).max(100).optional(),
    app: z.array(EntityId).max(100).optional(),
    run: z.array(EntityId).max(100).optional(),
  }),
  rateLimit: z.number().optional(),
  maxInFlight: z.number(),
  ordered: z.boolean(),
  status: z.enum(['active', 'paused', 'disabled']),
  statusSince: z.object({ at: Time, reason: z.enum(['requested', 'gone', 'failing']) }).optional(),
  createdAt: Time,
  updatedAt: Time,
});

/** A record of an archive; the parts of files come as `file` of the request. */
export const RecordSchema = z.strictObject({
  entity: ArchivedEntitySchema.optional(),
  memory: MemorySchema.optional(),
  revision: RevisionSchema.optional(),
  event: EventSchema.optional(),
  turn: TurnSchema.optional(),
  endpoint: EndpointSchema.optional(),
});

interface Records {
  entity: ArchivedEntity;
  memory: ArchivedMemory;
  revision: ArchivedRevision;
  event: ArchivedEvent;
  turn: ArchivedTurn;
  endpoint: ArchivedEndpoint;
}

/**
 * Types a parsed record. JSON has no undefined, so an optional field is absent or has a value; names in lists of events, and the shape of
 * structured data, were validated when the service wrote them, and are only shown.
 */
export const typed = (record: z.output<typeof RecordSchema>): Partial<Records> =>
  record as unknown as Partial<Records>;
