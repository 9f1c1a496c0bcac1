import type { OpenTask, ScopeTasks } from '../../domain/processing.ts';
import { scopeLeaseKey } from '../../domain/table/keys.ts';
import { scopeTasksKey } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { tasksAreAt } from '../conditions.ts';
import { put, remove, update } from '../steps.ts';

/** Next state of the tasks of a scope; undefined when none is open and nothing is released. */
export interface TasksChange {
  tasks: ScopeTasks | undefined;
  step: Step;
}

/** Fields of the next state; `mark` only for a new one. */
interface NextTasks {
  open: OpenTask[];
  releasedThrough?: string | undefined;
  mark?: string | undefined;
}

/** Write of the mark to the lease: in each transaction that changes the mark of the tasks, or removes their item. */
export const markLease = (
  { project, scope }: Pick<ScopeTasks, 'project' | 'scope'>,
  tasks: ScopeTasks | undefined,
  when?: Condition,
): Step => {
  const key = scopeLeaseKey(project, scope);
  return tasks?.mark === undefined
    ? update(key, {}, when, ['mark'])
    : update(key, { mark: tasks.mark }, when);
};

/**
 * Write of the open tasks of a scope, on condition that they are as they were read. The item is due as long as it exists, so the
 * sweeper finds a scope whose process has crashed.
 * @param before tasks as they were read; undefined for no item
 * @param dueAt ms since 1970
 */
export const changeTasks = (
  { clock, ids }: Pick<Platform, 'clock' | 'ids'>,
  { project, scope }: Pick<ScopeTasks, 'project' | 'scope'>,
  before: ScopeTasks | undefined,
  { open, releasedThrough, mark = before?.mark }: NextTasks,
  dueAt = clock.now(),
): TasksChange => {
  const key = scopeTasksKey(project, scope);
  const unchanged = tasksAreAt(before?.revision);
  if (open.length === 0 && releasedThrough === undefined)
    return { tasks: undefined, step: remove(key, unchanged) };
  const tasks: ScopeTasks = {
    project,
    scope,
    revision: ids.next(),
    ...(mark === undefined ? {} : { mark }),
    open,
    ...(releasedThrough === undefined ? {} : { releasedThrough }),
  };
  return { tasks, step: put(key, { ...tasks, dueAt }, unchanged) };
};
