import type { TaskView } from '../../../../shared/core/processing/tasks.ts';
import { type EventStatus, isFinal } from '../../../../shared/domain/memory/event.ts';
import { isoTime, isoTimeOrNull } from '../../http/instant.ts';

/** Words of tasks for the states of their events. */
const statusWords = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const satisfies { readonly [status in EventStatus]: string };

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
