import * as z from 'zod';
import { memoryKinds } from '../../../shared/domain/memory/description.ts';
import { feedbackValues, roles } from '../../../shared/domain/memory/turn.ts';
import {
  AnyMetadata,
  entityFields,
  MemoryId,
  pageSchema,
  StoredMessage,
  Time,
  Uuid,
} from '../http/answers.openapi.ts';

/** Ids of an answer, with both names of a run. */
const namedEntities = { ...entityFields, session_id: z.string().nullable() };

const coreFields = {
  id: MemoryId,
  memory: z.string(),
  ...namedEntities,
  metadata: AnyMetadata,
  categories: z.array(z.string()).nullable(),
  created_at: Time,
  updated_at: Time,
  expiration_date: z.iso.date().nullable(),
  occurs_on: z.string().optional().meta({
    description:
      'When it happens what the memory says, apart from when it was said: a day, month or year such as `2026-03-02`, `2026-03` or `2026`.',
  }),
  type: z.enum(['rough', 'refined', 'message']).meta({
    description:
      '`rough`: a turn that is not refined yet. `refined`: one memory. `message`: one message of a refined turn.',
  }),
  kind: z.enum(memoryKinds).optional().meta({
    description: 'Of a refined memory: a fact, a preference, or how tools were used.',
  }),
  actor: z
    .enum(roles)
    .nullable()
    .meta({ description: 'Role that the memory was drawn from; null of a rough memory.' }),
  stage: z.string().optional().meta({ description: 'Of a rough memory: `pending` or `failed`.' }),
  event_id: Uuid.nullish().meta({ description: 'Of a rough memory: the event to wait for.' }),
  role: z.string().optional().meta({ description: 'Of a message: who said it.' }),
  name: z.string().nullish().meta({ description: 'Of a message: the name of who said it.' }),
  also: z
    .array(z.record(z.string(), z.string()))
    .optional()
    .meta({ description: 'Further entity ids of a fact that was stated in several runs.' }),
  valid_from: Time.optional().meta({ description: 'Of a closed memory: since when it was true.' }),
  valid_until: Time.optional().meta({ description: 'Of a closed memory: until when.' }),
  replaced_by: MemoryId.nullish().meta({ description: 'The memory that has the newer text.' }),
  lifecycle_state: z.enum(['active', 'superseded', 'retracted']).optional(),
};

const StructuredAttributes = z
  .object({
    day: z.int(),
    hour: z.int(),
    year: z.int(),
    month: z.int(),
    minute: z.int(),
    quarter: z.int(),
    is_weekend: z.boolean(),
    day_of_week: z.string(),
    day_of_year: z.int(),
    week_of_year: z.int(),
  })
  .meta({ id: 'StructuredAttributes', description: 'The parts of a time, in UTC.' });

const feedbackFields = {
  feedback: z.enum(feedbackValues).nullable(),
  feedback_reason: z.string().nullable(),
};

export const GivenFeedback = z
  .object({ id: MemoryId, ...feedbackFields })
  .meta({ id: 'GivenFeedback' });

const memoryFields = {
  ...coreFields,
  structured_attributes: StructuredAttributes,
  immutable: z.boolean(),
  synthesized: z.boolean(),
  ...feedbackFields,
};

const Memory = z.object(memoryFields).meta({ id: 'Memory' });

export const FoundMemory = z
  .object({
    ...memoryFields,
    also_became: z
      .array(MemoryId)
      .optional()
      .meta({ description: 'Where the id is an alias: the other memories of the turn.' }),
  })
  .meta({ id: 'FoundMemory' });

/** Headers of an edit. */
export const updateHeaders = {
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,255}$/)
    .optional()
    .meta({
      description:
        'For 24 hours the same request under this key makes no second edit; another request is a 409.',
    }),
};

export const MemoryOrReceipt = z.union([
  Memory,
  z
    .object({ id: MemoryId, event: z.literal('UPDATE') })
    .meta({ id: 'MemoryReceipt', description: 'The memory for a key without `read`.' }),
]);

const resultFields = {
  ...coreFields,
  score: z.number().meta({ description: '0 to 1; higher is better.' }),
  score_breakdown: z
    .object({
      semantic: z.number(),
      bm25: z.number(),
      entity: z.number(),
      coverage: z.number(),
      identifiers: z.number(),
      rare_words: z.number(),
      context: z.number(),
    })
    .meta({ description: 'Parts of the score.' }),
  source: z
    .object({ id: MemoryId, memory: z.string() })
    .optional()
    .meta({ description: 'The message that the memory was drawn from, if the query matches it.' }),
  recent: z
    .literal(true)
    .optional()
    .meta({ description: 'Said just now; fills a place that was left over.' }),
  duplicates: z
    .array(MemoryId)
    .optional()
    .meta({ description: 'Results that say the same and were left out.' }),
};

const SearchResult = z.object(resultFields).meta({ id: 'SearchResult' });

/** Entries of which `fields` of the request may leave out all but the id. */
const selected = <S extends z.ZodObject>(entry: S, id: string) =>
  z.union([entry, entry.partial().required({ id: true }).meta({ id })]);

export const ListedMemory = selected(Memory, 'SelectedMemory');
export const FoundResult = selected(SearchResult, 'SelectedResult');

const degraded = z
  .array(z.string())
  .optional()
  .meta({ description: 'What the search did without; also the header Turnstone-Degraded.' });

const ignored = z
  .array(z.string())
  .optional()
  .meta({ description: 'Given options that have no effect here.' });

export const MemoryPage = pageSchema(ListedMemory).extend({ ignored }).meta({ id: 'MemoryPage' });

const searchFields = {
  results: z.array(FoundResult),
  degraded,
  ignored,
  event_id: Uuid.optional().meta({ description: 'The event of the search, if asked for.' }),
};

export const SearchAnswer = z.object(searchFields).meta({ id: 'SearchAnswer' });

export const LegacySearchAnswer = z.union([
  z.array(FoundResult),
  z.object({ ...searchFields, relations: z.array(z.never()) }),
]);

export const HistoryEntry = z
  .object({
    id: z.string(),
    memory_id: MemoryId,
    input: z.array(StoredMessage),
    old_memory: z.string().nullable(),
    new_memory: z.string().nullable(),
    ...namedEntities,
    categories: z.array(z.string()),
    event: z.string(),
    prompt_version: z.string().nullable().meta({
      description:
        'Version of the prompt by which the model proposed the change; null for rules and edits.',
    }),
    metadata: AnyMetadata,
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'HistoryEntry' });

const AddedItem = z
  .object({
    id: MemoryId.nullable(),
    event: z.enum(['ADD', 'UPDATE', 'DELETE', 'NONE']),
    memory: z.string().nullish(),
    data: z.object({ memory: z.string().nullable() }).optional(),
    structured_attributes: StructuredAttributes.optional(),
    event_id: Uuid,
    previous_memory: z.string().optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'AddedItem' });

const outcomeFields = {
  event_id: Uuid,
  status: z.enum(['PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED']),
  message: z.string(),
  replayed: z.literal(true).optional(),
};

const reason = z
  .string()
  .optional()
  .meta({ description: 'Why nothing was learnt, and what of the attachments was not read.' });

export const AddAnswer = z
  .object({ ...outcomeFields, results: z.array(AddedItem).optional(), reason })
  .meta({ id: 'AddAnswer' });

const LegacyResults = z.array(
  z.union([AddedItem, z.object(outcomeFields).meta({ id: 'AddOutcome' })]),
);

export const LegacyAddAnswer = z.union([
  LegacyResults,
  z.object({ results: LegacyResults, relations: z.array(z.never()).optional(), reason }),
]);

export const BatchAnswer = z
  .object({
    message: z.string(),
    results: z.array(
      z.object({
        memory_id: MemoryId,
        outcome: z.enum([
          'updated',
          'deleted',
          'not_found',
          'immutable',
          'closed',
          'is_version',
          'is_source',
        ]),
      }),
    ),
  })
  .meta({ id: 'BatchAnswer' });

export const Message = z.object({ message: z.string() }).meta({ id: 'Message' });

export const DeletedMemory = z.object({
  message: z.string(),
  cascade_count: z
    .int()
    .optional()
    .meta({ description: 'With `delete_linked`: earlier versions that went with the memory.' }),
});

export const DeleteStarted = z
  .object({ message: z.string(), event_id: Uuid })
  .meta({ id: 'DeleteStarted' });
