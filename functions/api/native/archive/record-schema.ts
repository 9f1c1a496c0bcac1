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
import { allKinds, allNamed, entityKey } from '../../../../shared/domain/memory/entities.ts';
import { eventKinds } from '../../../../shared/domain/memory/event.ts';
import { feedbackValues, type Json, roles } from '../../../../shared/domain/memory/turn.ts';
import { EntityId } from '../../http/entity-ids.ts';

/*
 * Schemas of the records of an archive. They accept what an export writes, and refuse what the service could not have stored.
 */

const shortText = z.string().max(2_000);
const longText = z.string().max(200_000);
const Time = z.int().min(0).max(8.64e15);
const Count = z.int().min(0).max(1e12);
const Uuid = z.guid();
/** Id of a memory, or of a closed version of one. */
const MemoryId = z.string().regex(/^[0-9a-f-]{36}(\.v\d{1,9})?$/i, 'must be the id of a memory');
const JsonValue = z.json() as z.ZodType<Json>;
const Metadata = z.record(z.string(), JsonValue);
const Day = z.iso.date();

const Entities = z.object(
  Object.fromEntries(allKinds.map((kind) => [kind, EntityId.exactOptional()])) as {
    [kind in (typeof allKinds)[number]]: z.ZodExactOptional<typeof EntityId>;
  },
);
const Entity = z.object({ kind: z.enum(allKinds), id: EntityId });

const ArchivedEntitySchema = z.object({
  kind: z.enum(allKinds),
  id: EntityId,
  createdAt: Time,
  declared: Uuid.exactOptional(),
  metadata: Metadata.exactOptional(),
}) satisfies z.ZodType<ArchivedEntity>;

const namesOwner = (subject: {
  scope: string;
  entities: z.output<typeof Entities>;
  extraEntities?: z.output<typeof Entity>[];
}): boolean => allNamed(subject).some((entity) => entityKey(entity) === subject.scope);

const scopeError = { path: ['scope'], error: 'must be one of the entities' };

const MemorySchema = z
  .object({
    id: MemoryId,
    scope: shortText,
    entities: Entities,
    extraEntities: z.array(Entity).max(16).exactOptional(),
    text: z.string().min(1).max(50_000),
    kind: z.enum(memoryKinds).exactOptional(),
    preferenceType: z.enum(preferenceTypes).exactOptional(),
    reasoning: shortText.exactOptional(),
    title: shortText.exactOptional(),
    tags: z.array(shortText).max(100).exactOptional(),
    speaker: shortText.exactOptional(),
    version: Count.min(1),
    state: z.enum(['live', 'closed']),
    validFrom: Time,
    validUntil: Time.exactOptional(),
    supersededBy: MemoryId.exactOptional(),
    attributedTo: z.enum(roles),
    lineage: z.array(Uuid).max(10_000),
    textVersion: Count,
    namedSince: z.record(shortText, Uuid).exactOptional(),
    lastWrite: Uuid,
    metadata: Metadata,
    metadataSince: Uuid.exactOptional(),
    structured: z.literal(true).exactOptional(),
    categories: z.array(shortText).max(100),
    createdAt: Time,
    updatedAt: Time,
    observedAt: Time,
    expiresOn: Day.exactOptional(),
    immutable: z.boolean().exactOptional(),
    feedback: z
      .object({ value: z.enum(feedbackValues), reason: shortText.exactOptional() })
      .exactOptional(),
    source: z.enum(['inferred', 'verbatim', 'edited']),
  })
  .refine(namesOwner, scopeError) satisfies z.ZodType<ArchivedMemory>;

const RevisionSchema = z.object({
  memory: MemoryId,
  version: Count.min(1).max(9_999_999),
  type: z.enum(['ADD', 'UPDATE', 'DELETE']),
  oldText: longText.exactOptional(),
  newText: longText.exactOptional(),
  turn: Uuid.exactOptional(),
  event: Uuid.exactOptional(),
  metadata: Metadata,
  createdAt: Time,
}) satisfies z.ZodType<ArchivedRevision>;

const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a digest');

const Attachment = z.object({
  type: shortText,
  url: z.string().max(8_192),
  name: shortText.exactOptional(),
  mediaType: shortText.exactOptional(),
  digest: Digest.exactOptional(),
  status: z.enum(['read', 'kept', 'failed']).exactOptional(),
  reason: shortText.exactOptional(),
  retryable: z.literal(true).exactOptional(),
  awaitsModel: z.literal(true).exactOptional(),
  text: Digest.exactOptional(),
});

const Message = z.object({
  role: z.enum(roles),
  content: longText,
  name: shortText.exactOptional(),
  attachments: z.array(Attachment).max(100).exactOptional(),
  time: shortText.exactOptional(),
  saidAt: Time.exactOptional(),
});

const Options = z.object({
  infer: z.boolean(),
  expiresOn: Day.exactOptional(),
  immutable: z.boolean().exactOptional(),
  verbatim: z.array(longText).max(500).exactOptional(),
  instructions: longText.exactOptional(),
  agentInstructions: longText.exactOptional(),
  includes: longText.exactOptional(),
  excludes: longText.exactOptional(),
  categories: z
    .array(z.object({ name: shortText, description: longText }))
    .max(1_000)
    .exactOptional(),
  described: z.literal(true).exactOptional(),
  utcOffset: z.number().min(-1_440).max(1_440).exactOptional(),
  feedback: z
    .object({ value: z.enum(feedbackValues), reason: shortText.exactOptional() })
    .exactOptional(),
  structuredData: z.record(z.string(), JsonValue).exactOptional(),
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
    metadataSince: Uuid.exactOptional(),
    options: Options,
    createdAt: Time,
    observedAt: Time,
    state: z.enum(['pending', 'applied', 'failed']),
    memoryIds: z.array(MemoryId).max(10_000).exactOptional(),
    closedIds: z.array(MemoryId).max(10_000).exactOptional(),
    drawn: z.record(z.string().regex(/^\d{1,4}$/), z.record(MemoryId, Count)).exactOptional(),
    revision: Count.exactOptional(),
    redacted: Counts.exactOptional(),
    secretsReplaced: z.literal(true).exactOptional(),
    quotingForbidden: z.boolean().exactOptional(),
  })
  .refine(namesOwner, scopeError)
  .refine((turn) => attachmentsOf(turn).length <= 50, {
    path: ['messages'],
    error: 'must have at most 50 attachments',
  });

const Written = z.object({
  memory: MemoryId,
  version: Count.exactOptional(),
  entities: Entities.exactOptional(),
  kind: z.enum(memoryKinds).exactOptional(),
});

const Change = z.object({
  type: z.enum(['ADD', 'UPDATE', 'DELETE', 'NONE']),
  memory: MemoryId.exactOptional(),
  text: longText.exactOptional(),
  previousText: longText.exactOptional(),
  reason: longText.exactOptional(),
  entities: Entities.exactOptional(),
  kind: z.enum(memoryKinds).exactOptional(),
  erased: z.boolean().exactOptional(),
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
  turn: Uuid.exactOptional(),
  group: z.array(Uuid).max(1_000).exactOptional(),
  copies: z.array(Uuid).max(1_000).exactOptional(),
  verbatim: z.boolean().exactOptional(),
  attempts: Count,
  timings: z.record(shortText, z.number()),
  tokens: z.object({ prompt: Count, completion: Count }),
  model: shortText.exactOptional(),
  promptVersion: shortText.exactOptional(),
  ignored: z.array(shortText).max(20).exactOptional(),
  redacted: Counts.exactOptional(),
  suspicious: z.array(shortText).max(20).exactOptional(),
  attachments: z
    .array(
      z.object({
        part: Count,
        type: shortText,
        status: z.enum(['pending', 'read', 'kept', 'failed']),
        reason: longText.exactOptional(),
      }),
    )
    .max(100)
    .exactOptional(),
  skipped: z.array(shortText).max(500).exactOptional(),
  error: z.object({ code: shortText, message: longText, retryable: z.boolean() }).exactOptional(),
  written: z.array(Written).max(1_000).exactOptional(),
  profiles: z.record(shortText, JsonValue).exactOptional(),
  counts: z.object({ memories: Count, turns: Count }).exactOptional(),
  learnt: z.object({ added: Count, updated: Count }).exactOptional(),
  follows: z.literal(true).exactOptional(),
  createdAt: Time,
  updatedAt: Time,
  startedAt: Time.exactOptional(),
  completedAt: Time.exactOptional(),
  changes: z.array(Change).max(5_000).exactOptional(),
});

const EndpointSchema = z.object({
  id: z.string().regex(/^whe_[0-9a-f]{32}$/, 'must be the id of an endpoint'),
  name: z.string().max(200),
  description: shortText,
  url: z.string().min(1),
  eventTypes: z.array(z.string().max(100)).max(50),
  filters: z.partialRecord(z.enum(['user', 'agent', 'app', 'run']), z.array(EntityId).max(100)),
  rateLimit: z.number().exactOptional(),
  maxInFlight: z.number(),
  ordered: z.boolean(),
  status: z.enum(['active', 'paused', 'disabled']),
  statusSince: z
    .object({ at: Time, reason: z.enum(['requested', 'gone', 'failing']) })
    .exactOptional(),
  createdAt: Time,
  updatedAt: Time,
}) satisfies z.ZodType<ArchivedEndpoint>;

/** A record of an archive; the parts of files come as `file` of the request. */
export const RecordSchema = z.strictObject({
  entity: ArchivedEntitySchema.optional(),
  memory: MemorySchema.optional(),
  revision: RevisionSchema.optional(),
  event: EventSchema.optional(),
  turn: TurnSchema.optional(),
  endpoint: EndpointSchema.optional(),
});

/** A turn as the service may have written it: the shape of its structured data was validated when the turn was added. */
export const archivedTurn = (turn: z.output<typeof TurnSchema>): ArchivedTurn =>
  turn as unknown as ArchivedTurn;

/** An event as the service may have written it: names in its lists are only shown. */
export const archivedEvent = (event: z.output<typeof EventSchema>): ArchivedEvent =>
  event as unknown as ArchivedEvent;
