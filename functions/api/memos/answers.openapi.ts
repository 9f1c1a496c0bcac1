import * as z from 'zod';
import { AnyMetadata, AttachmentOutcomes } from '../http/answers.openapi.ts';

const envelope = <S extends z.ZodType>(data: S) =>
  z.object({ code: z.literal(0), data, message: z.literal('ok') });

/** Body of an error of this surface. */
export const MemosError = z
  .looseObject({
    code: z.int().meta({ description: 'Number of the error, as documented by MemOS.' }),
    data: z.null(),
    message: z.string().meta({ description: 'One sentence.' }),
    reason: z.string().meta({ description: 'Stable code of the service.' }),
    field: z.string().optional().meta({ description: 'Part of the request that was refused.' }),
  })
  .meta({ id: 'MemosError' });

const Milliseconds = z.int().meta({ description: 'Milliseconds since 1970.' });
const TaskStatus = z.enum(['running', 'completed', 'failed']);

export const StartedTask = envelope(
  z.object({
    success: z.literal(true),
    task_id: z.uuid(),
    status: TaskStatus,
    remaining: z.int().optional(),
  }),
);

const View = z.object({ memory_ids: z.array(z.string()) });

export const Task = envelope(
  z.object({
    task_id: z.uuid(),
    status: TaskStatus,
    memory_views: z
      .object({
        added: z.int(),
        updated: z.int(),
        deleted: z.int(),
        detail_factual: View.optional(),
        preference: View.optional(),
        tool_memory: View.optional(),
      })
      .optional(),
    reason: z.string().nullable(),
    attachments: AttachmentOutcomes.optional(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
    waiting_for: z.enum(['model', 'budget']).nullable(),
    stage: z.string(),
    attempt: z.int(),
    created_at: Milliseconds,
    updated_at: Milliseconds,
    completed_at: Milliseconds.nullable(),
  }),
);

const Sources = z.array(z.object({ message_id: z.string(), content: z.string() }));

const common = {
  id: z.string(),
  create_time: Milliseconds,
  update_time: Milliseconds,
  conversation_id: z.string(),
  store: z
    .enum(['user', 'agent', 'public', 'knowledgebase'])
    .meta({ description: 'Where the memory belongs, in the words of filters.' }),
  status: z.enum(['activated', 'archived']),
  relativity: z.number(),
};

const MemoryItem = z
  .object({
    ...common,
    memory_key: z.string(),
    memory_value: z.string(),
    memory_type: z.enum(['WorkingMemory', 'LongTermMemory', 'UserMemory']),
    confidence: z.number(),
    tags: z.array(z.string()),
    sources: Sources,
    info: AnyMetadata,
  })
  .meta({ id: 'MemosMemory' });

const PreferenceItem = z
  .object({
    ...common,
    preference: z.string(),
    preference_type: z.enum(['explicit_preference', 'implicit_preference']),
    reasoning: z.string(),
    sources: Sources,
    info: AnyMetadata,
  })
  .meta({ id: 'MemosPreference' });

const ToolItem = z
  .object({
    ...common,
    tool_type: z.literal('ToolTrajectoryMemory'),
    tool_value: z.string(),
    tool_used_status: z.array(z.never()),
    experience: z.string(),
  })
  .meta({ id: 'MemosTool' });

const lists = {
  memory_detail_list: z.array(MemoryItem),
  preference_detail_list: z.array(PreferenceItem),
  tool_memory_detail_list: z.array(ToolItem),
  skill_detail_list: z.array(z.never()),
  profile_detail_list: z.array(z.never()),
  event_detail_list: z.array(z.never()),
  preference_note: z.string(),
};

export const SearchAnswer = envelope(z.object(lists));

export const ListAnswer = envelope(
  z.object({ ...lists, total: z.int(), size: z.int(), current: z.int(), pages: z.int() }),
);

export const OneMemory = envelope(
  z.object({
    id: z.string(),
    memory_view: z.enum(['detail_factual', 'preference', 'tool_memory']),
    title: z.string(),
    content: z.string(),
    conversation_id: z.string(),
    message_ids: z.array(z.string()),
    status: z.enum(['activated', 'archived']),
    algorithm_updatable: z.boolean(),
    created_at: Milliseconds,
    updated_at: Milliseconds,
    user_id: z.string().nullable(),
    agent_id: z.string().nullable(),
    tags: z.array(z.string()),
    info: AnyMetadata,
  }),
);

export const Done = envelope(z.object({ success: z.literal(true) }));

export const Deleted = envelope(
  z.object({
    success: z.literal(true),
    task_id: z.uuid().optional(),
    deleted: z.int().optional(),
    remaining: z.int().optional(),
  }),
);

export const Extracted = envelope(
  z.object({
    memory_detail_list: z.array(
      z.object({
        memory_key: z.string(),
        memory_value: z.string(),
        memory_type: z.literal('UserMemory'),
        tags: z.array(z.string()),
      }),
    ),
    preference_detail_list: z.array(
      z.object({
        preference: z.string(),
        reasoning: z.string(),
        preference_type: z.enum(['explicit_preference', 'implicit_preference']),
      }),
    ),
  }),
);

/** Answer of `rerank`, which alone has no envelope. */
export const Reranked = z.object({
  id: z.string(),
  model: z.string(),
  usage: z.object({ total_tokens: z.int() }),
  results: z.array(
    z.object({
      index: z.int(),
      document: z.object({ text: z.string() }),
      relevance_score: z.number(),
    }),
  ),
});

/** Task of the message that is kept; null without one. */
const KeptTask = z.uuid().nullable();

export const ChatAnswered = envelope(z.object({ response: z.string(), task_id: KeptTask }));

export const MessagesAnswer = envelope(
  z.object({
    message_detail_list: z.array(
      z.object({
        role: z.string(),
        content: z.string(),
        create_time: Milliseconds,
        update_time: Milliseconds,
      }),
    ),
  }),
);

export const KnowledgebaseCreated = envelope(z.object({ id: z.string() }));

const FileStatus = z.enum(['running', 'completed', 'failed']);
const file = { id: z.string(), type: z.literal('document'), name: z.string(), status: FileStatus };

export const FilesAdded = envelope(
  z.array(z.object({ ...file, sizeMB: z.number(), task_id: z.string() })),
);

const FileDetails = z.object({
  file_detail_list: z.array(
    z.object({
      ...file,
      size: z.number().meta({ description: 'Megabytes; 0 for a link.' }),
      create_time: Milliseconds,
      error: z.string().optional().meta({ description: 'Why the file was not read.' }),
      reason: z.string().optional().meta({ description: 'What of the file was left out.' }),
    }),
  ),
  total: z.int(),
});

export const FilesAnswer = envelope(FileDetails);

const page = { page: z.int(), size: z.int() };

export const FilePage = envelope(FileDetails.extend(page));

export const KnowledgebaseList = envelope(
  z.object({
    knowledgebase_list: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        description: z.string().optional(),
        create_time: Milliseconds,
      }),
    ),
    total: z.int(),
    ...page,
  }),
);

export const FilesDeleted = envelope(
  z.object({ success: z.literal(true), task_ids: z.array(z.string()) }),
);
