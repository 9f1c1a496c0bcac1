import * as z from 'zod';
import type { TaskView } from '../../../../shared/core/processing/tasks.ts';
import { type EventStatus, isFinal } from '../../../../shared/domain/memory/event.ts';
import { Time, Uuid } from '../../http/answers.openapi.ts';
import { isoTime, isoTimeOrNull } from '../../http/instant.ts';

/** Words of tasks for the states of their events. */
const statusWords = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const satisfies { readonly [status in EventStatus]: string };

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

/** @param mayRead whether the key may see ids of users and texts */
export const taskBody = (task: TaskView, mayRead: boolean) => {
  const { id, status, entities, learnt, error } = task;
  const { added, updated } = learnt;
  const { user } = entities;
  return {
    task_id: id,
    ...(mayRead && user !== undefined ? { user_id: user } : {}),
    status: statusWords[status],
    knowledge_count: added + updated,
    added,
    updated,
    error: error
      ? {
          code: error.code,
          ...(mayRead ? { message: error.message } : {}),
          retryable: error.retryable,
        }
      : null,
    done: isFinal(status),
    created_at: isoTime(task.createdAt),
    started_at: isoTimeOrNull(task.startedAt),
    completed_at: isoTimeOrNull(task.completedAt),
  };
};
