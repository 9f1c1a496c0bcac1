import { type Entity, entityKey } from '../../domain/memory/entities.ts';
import type { Event } from '../../domain/memory/event.ts';
import type { OpenTask, ScopeTasks } from '../../domain/processing.ts';
import { eventKey, pendingKey } from '../../domain/table/keys.ts';
import { scopeTasksKey, taskListPk } from '../../domain/table/processing-keys.ts';
import { taskOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, put } from '../steps.ts';
import { findRelease } from './find-release.ts';
import { changeTasks, markLease } from './scope-tasks.ts';
import { finalAttributes, taskOutbox } from './task-end.ts';

/** Open tasks of one scope: each is written with every turn that is refined. */
const maxOpenTasks = 20;

export type ProcessResult =
  | { outcome: 'accepted'; task: string }
  | { outcome: 'too_many'; limit: number };

/** The scope of a request. */
type Owner = Pick<ScopeTasks, 'project' | 'scope'>;

const newestPending = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  scope: string,
): Promise<string | undefined> => {
  const { pk } = pendingKey(project, scope, '');
  let from: { after?: string } = {};
  for (;;) {
    const page = await store.query({
      kind: 'PEND',
      pk,
      prefix: 'PEND#',
      newestFirst: true,
      limit: 1,
      ...from,
    });
    const [first] = page.items;
    if (first) return first.item.turn;
    if (page.next === undefined) return undefined;
    from = { after: page.next };
  }
};

/** The newest pending turn, or the newest that is refined anyway; undefined when there is none. */
const newestCovered = async (
  platform: Platform,
  { project, scope }: Owner,
  tasks: ScopeTasks | undefined,
  releases: boolean,
): Promise<string | undefined> => {
  if (releases) return newestPending(platform, project, scope);
  return (await findRelease(platform, project, scope, tasks)).through;
};

const eventOf = (
  { clock }: Platform,
  project: string,
  entity: Entity,
  { id, releases }: Pick<OpenTask, 'id' | 'releases'>,
): Event & { listPk: string; listSk: string } => {
  const now = clock.now();
  return {
    id,
    project,
    kind: 'PROCESS',
    status: 'PENDING',
    stage: 'queued',
    entities: { [entity.kind]: entity.id },
    attempts: 0,
    timings: {},
    tokens: { prompt: 0, completion: 0 },
    ...(releases ? {} : { follows: true }),
    createdAt: now,
    updatedAt: now,
    listPk: taskListPk(project, entityKey(entity)),
    listSk: id,
  };
};

/** Completes a task that covers nothing. */
const completeAtOnce = async (
  platform: Platform,
  owner: Owner,
  task: OpenTask,
  event: Event,
): Promise<void> => {
  const { project, scope } = owner;
  await commit(platform, [
    put(eventKey(project, task.id), { ...event, ...finalAttributes(platform, task) }),
    ...taskOutbox(platform, owner, task).map((outbox) => newOutbox(scope, outbox)),
  ]);
  if (task.releases)
    await enqueueHints(platform, [hints.outbox(project, scope, taskOutboxId(task.id))]);
};

/** Adds a task to the open ones; false when one of them changed meanwhile. */
const open = async (
  platform: Platform,
  owner: Owner,
  before: ScopeTasks | undefined,
  task: OpenTask,
  event: Event,
): Promise<boolean> => {
  const { project, scope } = owner;
  const next = changeTasks(platform, owner, before, {
    open: [...(before?.open ?? []), task],
    releasedThrough: before?.releasedThrough,
    mark: task.id,
  });
  const { committed } = await commit(platform, [
    markLease(owner, next.tasks),
    next.step,
    put(eventKey(project, task.id), event),
  ]);
  if (committed) await enqueueHints(platform, [hints.refine(project, scope)]);
  return committed;
};

/** Tries once; undefined when the tasks changed meanwhile. */
const tryRequest = async (
  platform: Platform,
  owner: Owner,
  entity: Entity,
  releases: boolean,
): Promise<ProcessResult | undefined> => {
  const { project, scope } = owner;
  const tasks = await platform.store.get(scopeTasksKey(project, scope));
  const covered = await newestCovered(platform, owner, tasks, releases);
  const through = covered ?? '';
  const same = tasks?.open.find((task) => task.through === through && task.releases === releases);
  if (same) return { outcome: 'accepted', task: same.id };
  const task = { id: platform.ids.next(), through, releases, added: 0, updated: 0 };
  const event = eventOf(platform, project, entity, task);
  if (covered === undefined) {
    await completeAtOnce(platform, owner, task, event);
    return { outcome: 'accepted', task: task.id };
  }
  if ((tasks?.open.length ?? 0) >= maxOpenTasks)
    return { outcome: 'too_many', limit: maxOpenTasks };
  const isOpen = await open(platform, owner, tasks, task, event);
  return isOpen ? { outcome: 'accepted', task: task.id } : undefined;
};

/**
 * Asks for the refinement of everything that was accepted of an entity, as the primary owner of its turns, before the call. The task
 * is an event of the kind PROCESS: it ends when none of the turns is pending any more, and counts what they added and updated, those
 * already under way included. A request that covers the same turns as an open one gets the same task. One transaction, which marks
 * the lease as well, so that after it no worker applies a turn uncounted. Repeated after a lost answer, it joins the first one.
 * @param releases false: only follows what is refined anyway, and releases nothing
 */
export const requestProcessing = async (
  platform: Platform,
  project: string,
  entity: Entity,
  { releases }: { releases: boolean },
): Promise<ProcessResult> => {
  const owner = { project, scope: entityKey(entity) };
  for (;;) {
    const result = await tryRequest(platform, owner, entity, releases);
    if (result) return result;
  }
};
