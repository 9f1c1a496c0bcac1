import * as z from 'zod';
import { Time, Uuid } from '../../http/answers.openapi.ts';

/** Parameters of the paths of a user, and of a task. */
export const userParams = { id: z.string().meta({ description: 'Id of the user.' }) };
export const taskParams = { id: z.uuid().meta({ description: 'Id of the task.' }) };

export const Task = z
  .object({
    task_id: Uuid,
    user_id: z.string().optional().meta({ description: 'Absent for a key without `read`.' }),
    status: z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']),
    knowledge_count: z
      .int()
      .meta({ description: 'Memories that the turns of the task added and updated so far.' }),
    added: z.int(),
    updated: z.int(),
    error: z
      .object({ code: z.string(), message: z.string().optional(), retryable: z.boolean() })
      .nullable()
      .meta({
        description: 'Of the first turn that failed; without texts for a key without `read`.',
      }),
    done: z.boolean().meta({ description: 'Whether the task has ended, in whatever state.' }),
    created_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
  })
  .meta({ id: 'ProcessTask' });

export const TimedTask = Task.extend({
  timed_out: z
    .boolean()
    .meta({ description: 'Whether the wait ended before the task, which goes on.' }),
}).meta({ id: 'TimedProcessTask' });

export const Settings = z
  .object({
    auto_process: z.boolean(),
    batch_threshold: z.int(),
    idle_seconds: z.int().nullable(),
    own: z
      .array(z.enum(['auto_process', 'batch_threshold', 'idle_seconds']))
      .meta({ description: 'Settings of the user; the others are those of the project.' }),
  })
  .meta({ id: 'UserSettings' });

export const Deleted = z
  .object({
    event_id: Uuid,
    status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']),
    counts: z
      .object({ memories: z.int(), turns: z.int() })
      .nullable()
      .meta({ description: 'What was deleted, once the event has succeeded.' }),
  })
  .meta({ id: 'UserDeleted' });
