import type { EventView } from '../../../shared/core/events.ts';
import type { EventStatus } from '../../../shared/domain/memory/event.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { viewNames } from './items.ts';

type TaskStatus = 'running' | 'completed' | 'failed';

/** Word of this surface for the state of an event. */
const statusOf = (status: EventStatus): TaskStatus => {
  if (status === 'SUCCEEDED') return 'completed';
  return status === 'FAILED' || status === 'CANCELLED' ? 'failed' : 'running';
};

const cancelled = { code: 'cancelled', message: 'The task was cancelled.', retryable: false };

/**
 * A file of the turn that could not be read; its text was refined all the same. A file of a knowledge base has no text beside it, so one
 * that was only kept has failed as well.
 */
const failedFile = ({ attachments = [], entities }: EventView) =>
  attachments.find(
    ({ status }) => status === 'failed' || (status === 'kept' && entities.file !== undefined),
  );

const errorOf = (event: EventView) => {
  const file = failedFile(event);
  if (event.error) return event.error;
  if (event.status === 'CANCELLED') return cancelled;
  return file && statusOf(event.status) === 'completed'
    ? { code: 'file_failed', message: file.reason ?? 'A file was not read.', retryable: false }
    : null;
};

/** Counts and ids of what a completed task changed; undefined if nothing. */
const viewsOf = (events: readonly EventView[]) => {
  const effects = events.flatMap(({ changes }) => changes).filter(({ type }) => type !== 'NONE');
  if (effects.length === 0) return undefined;
  const count = (type: string): number => effects.filter((change) => change.type === type).length;
  const ids: { [view: string]: { memory_ids: string[] } } = {};
  for (const { memory, kind = 'fact' } of effects) {
    const view = viewNames[kind];
    if (memory !== undefined)
      ids[view] = { memory_ids: [...(ids[view]?.memory_ids ?? []), memory] };
  }
  return { added: count('ADD'), updated: count('UPDATE'), deleted: count('DELETE'), ...ids };
};

/** Reasons that are shown of a task. */
const maxReasons = 3;

/** Why completed events changed nothing, unless they did, and what of files was left out; null without a reason. */
const reasonOf = (events: readonly EventView[], changed: boolean): string | null => {
  const ofFiles = events.flatMap(({ attachments = [] }) => attachments);
  const reasons = [
    ...events.flatMap(({ skipped = [] }) => skipped),
    ...ofFiles.flatMap(({ reason }) => reason ?? []),
    ...(changed ? [] : events.flatMap(({ changes }) => changes)).flatMap(
      ({ reason }) => reason ?? [],
    ),
  ];
  const shown = [...new Set(reasons)].slice(0, maxReasons);
  return shown.length > 1
    ? shown.map((reason) => reason.replace(/\.$/, '')).join('; ')
    : (shown[0] ?? null);
};

/** Whether a copy ended with its knowledge base, or public memory, which was deleted. */
const isEndedCopy = ({ status, entities }: EventView): boolean =>
  status === 'CANCELLED' &&
  (entities.collection !== undefined || entities.shared !== undefined) &&
  entities.file === undefined;

/** Leaves out copies that a deletion of their store ended: such an end is no failure of the turn that was copied. */
const withoutEndedCopies = (events: readonly EventView[]): EventView[] =>
  events.filter((event, at) => at === 0 || !isEndedCopy(event));

const statusOfEvent = (event: EventView): TaskStatus =>
  event.status === 'SUCCEEDED' && failedFile(event) ? 'failed' : statusOf(event.status);

/** State of the task of these events: it runs until all have ended, and failed if one has. */
export const taskStatus = (events: readonly EventView[]): TaskStatus => {
  const all = withoutEndedCopies(events).map(statusOfEvent);
  if (all.includes('running')) return 'running';
  return all.includes('failed') ? 'failed' : 'completed';
};

/**
 * Body of `get/status`: the documented fields, with reason, progress and times besides. The stage is that of the first event that
 * has not ended.
 */
export const taskBody = (given: readonly [EventView, ...EventView[]]) => {
  const [first] = given;
  const events = withoutEndedCopies(given);
  const status = taskStatus(events);
  const views = status === 'completed' ? viewsOf(events) : undefined;
  const open = events.find((event) => statusOf(event.status) === 'running');
  const ends = events.map(({ completedAt }) => completedAt ?? 0);
  return {
    task_id: first.id,
    status,
    ...(views === undefined ? {} : { memory_views: views }),
    reason: status === 'completed' ? reasonOf(events, views !== undefined) : null,
    ...omitNullish({ attachments: first.attachments }),
    error: events.map(errorOf).find((error) => error !== null) ?? null,
    waiting_for: open?.waitingFor ?? null,
    stage: (open ?? first).stage,
    attempt: Math.max(...events.map(({ attempts }) => attempts)),
    created_at: first.createdAt,
    updated_at: Math.max(...events.map(({ updatedAt }) => updatedAt)),
    completed_at: open ? null : Math.max(...ends),
  };
};
