import * as z from 'zod';
import { redactionModes, sensitiveKinds } from '../../../shared/domain/sensitive/sensitive.ts';
import { Time } from '../http/answers.openapi.ts';

export const OrganizationId = z
  .string()
  .meta({ description: 'Id of the organization of the key, as `GET /v1/ping` shows it.' });

export const Organization = z
  .object({
    id: z.string(),
    org_id: z.string(),
    name: z.string(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Organization' });

/** The one member of an organization and of a project: access is by API keys. */
const Member = z.object({
  user_id: z.string(),
  username: z.string(),
  email: z.string(),
  role: z.literal('OWNER'),
});

export const Members = z.object({ members: z.array(Member) }).meta({ id: 'Members' });

export const Project = z
  .object({
    project_id: z.string(),
    org_id: z.string(),
    name: z.string(),
    description: z.string(),
    created_at: Time,
    updated_at: Time,
    members: z.array(Member),
    custom_instructions: z.string().nullable(),
    agent_custom_instructions: z.string().nullable(),
    custom_categories: z.array(z.record(z.string(), z.string())).nullable(),
    inclusion_prompt: z.string().nullable(),
    exclusion_prompt: z.string().nullable(),
    multilingual: z.boolean(),
    include_messages: z.boolean(),
    redaction: z
      .partialRecord(z.enum(sensitiveKinds), z.enum(redactionModes))
      .nullable()
      .meta({ description: 'What happens to sensitive values in texts before they are stored.' }),
    auto_process: z.boolean(),
    batch_threshold: z.int(),
    idle_seconds: z.int().nullable(),
    usecase: z.null(),
    memory_depth: z.null(),
    retrieval_criteria: z.null(),
    update_custom_instructions: z.null(),
    summary_custom_instructions: z.null(),
    expiration_date: z.null(),
    enable_graph: z.literal(false),
    decay: z.literal(false),
    version: z.string(),
    is_default: z.boolean(),
    settings_version: z.int().meta({ description: 'Rises with every change; 0 before the first.' }),
    user_role: z.enum(['OWNER', 'READER']),
  })
  .meta({ id: 'Project' });

export const ProjectUpdated = z
  .object({
    message: z.string(),
    ignored: z
      .array(z.string())
      .optional()
      .meta({ description: 'Given settings that have no effect here and were not kept.' }),
  })
  .meta({ id: 'ProjectUpdated' });
