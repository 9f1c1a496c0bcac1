import { isUuid } from '../../domain/ids.ts';
import { type Entity, entityKey, scopeOf } from '../../domain/memory/entities.ts';
import { type Event, isFinal } from '../../domain/memory/event.ts';
import { eventKey } from '../../domain/table/keys.ts';
import { scopeTasksKey, taskListPk } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { eventIsOpen } from '../conditions.ts';
import { waitForEvent } from '../events.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { changeTasks, markLease } from './scope-tasks.ts';

/** A task: its event, with what its turns added and updated so far. */
export type TaskView = Event & { learnt: { added: number; updated: number } };

const nothing = { added: 0, updated: 0 };

/** Adds the counts and the error so far of a task that is open. */
const viewOf = async (platform: Pick<Platform, 'store'>, event: Event): Promise<TaskView> => {
  const { store } = platform;
  const { learnt = nothing } = event;
  if (isFinal(event.status)) return { ...event, learnt };
  const tasks = await store.get(scopeTasksKey(event.project, scopeOf(event.entities)));
  const task = tasks?.open.find(({ id }) => id === event.id);
  if (task) {
    const { added, updated, error } = task;
    return { ...event, learnt: { added, updated }, ...(error && { error }) };
  }
  // The task ended between the two reads.
  const ended = await store.get(eventKey(event.project, event.id));
  return { ...(ended ?? event), learnt: ended?.learnt ?? learnt };
};

/** Reads a task, strongly consistent; undefined when there is none with that id. */
export const getTask = async (
  platform: Pick<Platform, 'store'>,
  project: string,
  id: string,
): Promise<TaskView | undefined> => {
  const event = await platform.store.get(eventKey(project, id));
  return event?.kind === 'PROCESS' ? viewOf(platform, event) : undefined;
};

/**
 * Polls until the task is final, `ms` have passed or `signal` aborts. Returns its state then; writes nothing, so the end of the wait
 * ends no work.
 */
export const waitForTask = async (
  platform: Platform,
  project: string,
  id: string,
  ms: number,
  signal?: AbortSignal,
): Promise<TaskView | undefined> => {
  await waitForEvent(platform, project, id, ms, signal);
  return getTask(platform, project, id);
};

/**
 * Lists tasks of an entity, newest first; eventually consistent. Tasks that only follow are left out, so a page may be empty and have
 * a `next`.
 * @param page `after`: the `next` of the page before
 */
export const listTasks = async (
  platform: Pick<Platform, 'store'>,
  project: string,
  entity: Entity,
  { limit, after }: { limit: number; after?: string },
): Promise<{ tasks: TaskView[]; next?: string } | 'bad_cursor'> => {
  if (after !== undefined && !isUuid(after)) return 'bad_cursor';
  const pk = taskListPk(project, entityKey(entity));
  const start = after === undefined ? {} : { from: after };
  const range = {
    kind: 'EVENT',
    pk,
    prefix: '',
    newestFirst: true,
    // Reads one more than the page, and the task of the cursor itself.
    limit: limit + (after === undefined ? 1 : 2),
    ...start,
  } as const;
  const page = await platform.store.list(range);
  const found = page.items.map(({ item }) => item).filter(({ id }) => id !== after);
  const events = found.slice(0, limit);
  const hasMore = page.next !== undefined || found.length > limit;
  const shown = events.filter(({ follows }) => !follows);
  const tasks = await Promise.all(shown.map((event) => viewOf(platform, event)));
  const next = hasMore ? events.at(-1)?.id : undefined;
  return { tasks, ...(next === undefined ? {} : { next }) };
};

/** Ends an open task as cancelled; false when it has ended meanwhile. One transaction, so it ends once. */
const cancel = async (platform: Platform, event: Event): Promise<boolean> => {
  const { project, id, entities } = event;
  const scope = scopeOf(entities);
  for (;;) {
    const tasks = await platform.store.get(scopeTasksKey(project, scope));
    const task = tasks?.open.find((one) => one.id === id);
    if (!tasks || !task) return false;
    const now = platform.clock.now();
    const open = tasks.open.filter((one) => one.id !== id);
    const next = changeTasks(platform, tasks, tasks, { ...tasks, open });
    const ended = {
      status: 'CANCELLED',
      stage: 'finished',
      learnt: { added: task.added, updated: task.updated },
      completedAt: now,
      updatedAt: now,
      ...retention(platform.policy.retainEventsDays, now),
    } as const;
    const { committed } = await commit(platform, [
      next.step,
      ...(next.tasks ? [] : [markLease(tasks, undefined)]),
      update(eventKey(project, id), ended, eventIsOpen),
    ]);
    if (!committed) continue;
    await enqueueHints(platform, [hints.refine(project, scope)]);
    return true;
  }
};

/**
 * Cancels a task. A batch of turns under way is finished; turns that only the task released wait again. Safe to repeat, also after a
 * lost answer.
 */
export const cancelTask = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<'cancelled' | 'not_found' | 'final'> => {
  const event = await platform.store.get(eventKey(project, id));
  if (event?.kind !== 'PROCESS') return 'not_found';
  if (isFinal(event.status)) return 'final';
  return (await cancel(platform, event)) ? 'cancelled' : 'final';
};

/** Cancels every open task of an entity, before its data is deleted. Safe to repeat, also after a crash. */
export const cancelTasks = async (
  platform: Platform,
  project: string,
  entity: Entity,
): Promise<void> => {
  const tasks = await platform.store.get(scopeTasksKey(project, entityKey(entity)));
  for (const { id } of tasks?.open ?? []) await cancelTask(platform, project, id);
};
