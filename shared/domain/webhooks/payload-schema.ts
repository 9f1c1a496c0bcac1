import * as z from 'zod';
import type { Metadata } from '../memory/turn.ts';

/** Fields of `data` in every notification but a test. */
const common = {
  project: z.string(),
  user_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  app_id: z.string().nullable(),
  run_id: z.string().nullable(),
};

const timestamp = z.iso.datetime().meta({ description: 'When the fact became true.' });

const noData = z.object({});

/** Body of a notification about an event. */
export const EventPayload = z.object({
  type: z.enum(['event.pending', 'event.succeeded', 'event.failed']),
  timestamp,
  data: z.object({
    ...common,
    event_id: z.string(),
    error: z
      .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
      .optional()
      .meta({ description: 'Why the event failed.' }),
  }),
  event_details: z.object({
    id: z.string(),
    data: noData,
    event: z.enum(['PENDING', 'SUCCEEDED', 'FAILED']),
  }),
});
export type EventPayload = z.output<typeof EventPayload>;

/** Body of a notification that a request to process has ended. */
export const TaskPayload = z.object({
  type: z.enum(['task.succeeded', 'task.failed']),
  timestamp,
  data: z.object({
    ...common,
    task_id: z.string(),
    added: z.int().meta({ description: 'Memories that its turns added.' }),
    updated: z.int().meta({ description: 'Memories that its turns updated.' }),
    error: z
      .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
      .optional()
      .meta({ description: 'Why the first of its turns failed.' }),
  }),
  event_details: z.object({ id: z.string(), data: noData, event: z.enum(['SUCCEEDED', 'FAILED']) }),
});
export type TaskPayload = z.output<typeof TaskPayload>;

/** Body of a notification about a memory. */
export const MemoryPayload = z.object({
  type: z.enum(['memory_add', 'memory_update', 'memory_delete']),
  timestamp,
  data: z.object({
    ...common,
    event_id: z.string().nullable().meta({
      description:
        'Event of the turn, or the event that reports a change through the API. Null for facts of earlier versions.',
    }),
    memory_id: z.string(),
    new_text: z.string().optional(),
    old_text: z.string().nullish(),
    occurs_on: z.string().optional().meta({
      description:
        'When it happens what `new_text` says, apart from when it was said: a day, month or year such as `2026-03-02`, `2026-03` or `2026`.',
    }),
    metadata: z.custom<Metadata>().meta({ description: 'Any JSON object.' }),
    categories: z.array(z.string()),
    truncated: z
      .array(z.string())
      .optional()
      .meta({ description: 'Fields that were cut to fit: get the memory by its id.' }),
    erased: z
      .literal(true)
      .optional()
      .meta({ description: 'The texts were erased before the delivery.' }),
  }),
  event_details: z.object({
    id: z.string(),
    data: z.object({ memory: z.string().nullable() }),
    event: z.enum(['ADD', 'UPDATE', 'DELETE']),
  }),
});
export type MemoryPayload = z.output<typeof MemoryPayload>;

/** Body of a notification that a memory got its categories, or other ones. */
export const CategoriesPayload = z.object({
  type: z.literal('memory_categorize'),
  timestamp,
  data: z.object({
    ...common,
    event_id: z.string().nullable(),
    memory_id: z.string(),
    categories: z.array(z.string()),
    truncated: z
      .array(z.string())
      .optional()
      .meta({ description: 'Fields that were cut to fit: get the memory by its id.' }),
    erased: z
      .literal(true)
      .optional()
      .meta({ description: 'The memory was deleted before the delivery.' }),
  }),
  event_details: z.object({
    event: z.literal('CATEGORIZE'),
    memory_id: z.string(),
    categories: z.array(z.string()),
  }),
});
export type CategoriesPayload = z.output<typeof CategoriesPayload>;

/** Body of a notification that an endpoint was disabled. */
export const DisabledPayload = z.object({
  type: z.literal('endpoint.disabled'),
  timestamp,
  data: z.object({
    ...common,
    endpoint_id: z.string(),
    url: z.string(),
    reason: z.enum(['gone', 'failing']),
  }),
  event_details: z.object({ id: z.string(), data: noData, event: z.literal('DISABLED') }),
});
export type DisabledPayload = z.output<typeof DisabledPayload>;

/** Body of a test. */
export const TestPayload = z.object({
  type: z.literal('endpoint.test'),
  timestamp,
  data: z.object({ project: z.string(), endpoint_id: z.string() }),
  event_details: z.object({ id: z.string(), data: noData, event: z.literal('TEST') }),
});
export type TestPayload = z.output<typeof TestPayload>;
