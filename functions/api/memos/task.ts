import type { EventView } from '../../../shared/core/events.ts';
import type { EventStatus } from '../../../shared/domain/memory/event.ts';
import { viewNames } from './items.ts';

/** Word of this surface for the state of a task. */
export const statusOf = (status: EventStatus): 'running' | 'completed' | 'failed' => {
  if (status === 'SUCCEEDED') return 'completed';
  return status === 'FAILED' || status === 'CANCELLED' ? 'failed' : 'running';
};

const cancelled = { code: 'cancelled', message: 'The task was cancelled.', retryable: false };

/** A file of the turn that could not be read; its text was refined all the same. */
const failedFile = ({ attachments = [] }: EventView) =>
  attachments.find(({ status }) => status === 'failed');

const errorOf = (event: EventView) => {
  const file = failedFile(event);
  if (event.error) return event.error;
  if (event.status === 'CANCELLED') return cancelled;
  return file && statusOf(event.status) === 'completed'
    ? { code: 'file_failed', message: file.reason ?? 'A file was not read.', retryable: false }
    : null;
};

/** Counts and ids of what a completed task changed; undefined if nothing. */
const viewsOf = ({ status, changes }: EventView) => {
  const effects = changes.filter(({ type }) => type !== 'NONE');
  if (status !== 'SUCCEEDED' || effects.length === 0) return undefined;
  const count = (type: string): number => effects.filter((change) => change.type === type).length;
  const ids: { [view: string]: { memory_ids: string[] } } = {};
  for (const { memory, kind = 'fact' } of effects) {
    const view = viewNames[kind];
    if (memory !== undefined)
      ids[view] = { memory_ids: [...(ids[view]?.memory_ids ?? []), memory] };
  }
  return { added: count('ADD'), updated: count('UPDATE'), deleted: count('DELETE'), ...ids };
};

/** Body of `get/status`: the documented fields, with reason, progress and times besides. */
export const taskBody = (event: EventView) => {
  const views = viewsOf(event);
  const hasFailedFile = event.status === 'SUCCEEDED' && failedFile(event) !== undefined;
  return {
    task_id: event.id,
    status: hasFailedFile ? 'failed' : statusOf(event.status),
    ...(views === undefined || hasFailedFile ? {} : { memory_views: views }),
    error: errorOf(event),
    stage: event.stage,
    attempt: event.attempts,
    created_at: event.createdAt,
    updated_at: event.updatedAt,
    completed_at: event.completedAt ?? null,
  };
};
