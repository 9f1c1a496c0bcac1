import * as z from 'zod';
import { Time, Uuid } from '../http/answers.openapi.ts';

export const ExportStarted = z
  .object({
    message: z.string(),
    id: Uuid.meta({ description: 'Id of the export, and of its event.' }),
    event_id: Uuid,
  })
  .meta({ id: 'ExportStarted' });

/** The exported object has the form that the caller asked for. */
export const Exported = z
  .looseObject({})
  .meta({ id: 'Exported', description: 'An object that fits the schema of the export.' });

export const JsonSchema = z
  .looseObject({})
  .meta({ description: 'JSON Schema of an object with properties.' });

export const SummaryText = z
  .object({
    summary: z.string().meta({ description: 'Empty if there are no memories.' }),
    degraded: z
      .array(z.literal('model'))
      .optional()
      .meta({ description: 'The language model did not answer: the text is made by rules.' }),
  })
  .meta({ id: 'Summary' });

export const IdempotencyKey = z
  .string()
  .optional()
  .meta({ description: 'A repeated request with the same key finds the first job, for 24 hours.' });

const EntityType = z.enum(['user', 'agent', 'app', 'run']);

export const ProfileOfEntity = z
  .object({
    profile: z.looseObject({}).meta({ description: 'Fits the schema of the settings.' }),
    status: z.enum(['succeeded', 'pending', 'failed', 'not_enabled', 'insufficient_data']),
    entity_type: EntityType,
    entity_id: z.string(),
    updated_at: Time.nullable(),
    generation_count: z.int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Profile' });

const JobStatus = z.enum(['pending', 'running', 'succeeded', 'failed']);

export const ProfileJobStarted = z
  .object({
    job_id: Uuid,
    status: JobStatus,
    status_url: z.string().meta({ description: 'Path of the job.' }),
    operation: z.enum(['trigger', 'sample']),
    entity_type: EntityType,
    entity_count_reserved: z.int(),
    event_id: Uuid,
    replayed: z.boolean(),
    sampled: z.int().optional(),
    entity_ids: z.array(z.string()).optional(),
  })
  .meta({ id: 'ProfileJobStarted' });

export const ProfileJob = z
  .object({
    job: z.object({
      id: Uuid,
      operation: z.enum(['trigger', 'sample']),
      entity_type: EntityType,
      status: JobStatus,
      total: z.int(),
      enumeration_complete: z.boolean(),
      completed: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      skipped: z.int().meta({ description: 'Entities without memories.' }),
    }),
  })
  .meta({ id: 'ProfileJob' });

const EntityForm = z.object({
  schema: z.looseObject({}).nullable(),
  custom_instructions: z.string().nullable(),
});

export const ProfileSettings = z
  .object({
    enabled: z.boolean(),
    entities: z.object({
      user: EntityForm,
      agent: EntityForm,
      app: EntityForm,
      run: EntityForm,
    }),
    capabilities: z.object({ full_rebuild: z.literal(false) }),
  })
  .meta({ id: 'ProfileSettings' });
