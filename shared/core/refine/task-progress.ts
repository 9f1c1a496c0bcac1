import type { ErrorInfo } from '../../domain/errors.ts';
import type { Change } from '../../domain/memory/change.ts';
import type { OpenTask, ScopeTasks } from '../../domain/processing.ts';
import { eventKey, pendingKey, planKey, scopeLeaseKey } from '../../domain/table/keys.ts';
import { scopeTasksKey } from '../../domain/table/processing-keys.ts';
import { taskOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step, TransactResult } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, holdsLease, itemExists, knowsTasks, tasksAreAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { changeTasks, markLease } from '../processing/scope-tasks.ts';
import { endTask } from '../processing/task-end.ts';
import { check, remove, update } from '../steps.ts';
import { fence, type Lease, LeaseLost } from './lease.ts';
import type { PendingWork } from './pending-turns.ts';

/** Conditions that a request to process or its cancellation makes fail. */
const requestNames: readonly string[] = [knowsTasks('', '').name, tasksAreAt('').name];

/** How a turn ended, as far as tasks count it. */
interface TurnOutcome {
  changes?: readonly Pick<Change, 'type'>[];
  error?: ErrorInfo;
}

const counted = (task: OpenTask, { changes = [], error }: TurnOutcome): OpenTask => {
  const count = (type: Change['type']) => changes.filter((change) => change.type === type).length;
  return {
    ...task,
    added: task.added + count('ADD'),
    updated: task.updated + count('UPDATE'),
    ...(error && !task.error && { error }),
  };
};

/**
 * Writes by which a turn leaves the queue of its scope, with its plan, and is counted for every open task that covers it. The
 * transaction that ends the turn has these writes, so each turn is counted once. The store refuses the writes when the lease was lost,
 * and when a request came since the tasks were read (`isOutdated`).
 */
export const leaveQueue = (
  platform: Platform,
  lease: Lease,
  { turn: { id: turn }, hasPlanItem }: Pick<PendingWork, 'turn' | 'hasPlanItem'>,
  tasks: ScopeTasks | undefined,
  outcome: TurnOutcome,
): { steps: Step[]; tasks: ScopeTasks | undefined } => {
  const { project, scope, token } = lease;
  const leave = [
    check(scopeLeaseKey(project, scope), knowsTasks(token, tasks?.mark)),
    remove(pendingKey(project, scope, turn)),
    ...(hasPlanItem ? [remove(planKey(project, scope, turn))] : []),
  ];
  if (!tasks?.open.some(({ through }) => turn <= through)) return { steps: leave, tasks };
  const open = tasks.open.map((task) => (turn <= task.through ? counted(task, outcome) : task));
  const next = changeTasks(platform, lease, tasks, { ...tasks, open });
  return { steps: [...leave, next.step], tasks: next.tasks };
};

/**
 * Whether a transaction with `leaveQueue` was refused because a request to process or its cancellation came since the tasks were read.
 * @throws LeaseLost
 */
export const isOutdated = ({ token, scope }: Lease, result: TransactResult): boolean => {
  if (result.committed) return false;
  const fence = result.refusals.find(({ condition }) => condition === knowsTasks('', '').name);
  const { current } = fence ?? {};
  if (fence && !(current && 'token' in current && current.token === token))
    throw new LeaseLost(scope);
  return result.refusals.some(({ condition }) => requestNames.includes(condition));
};

/** Oldest pending turn of a scope; `isOnHold`: it may not be refined now. */
interface QueueHead {
  oldest: string | undefined;
  isOnHold?: boolean;
}

/**
 * Ends tasks of which no turn is pending, marks the others as running, and forgets releases that are done. While everything waits,
 * tasks that only follow have ended too. Returns the tasks; `changed`: a request came meanwhile, read again. Safe to repeat: each
 * task ends once, in one transaction with its outbox.
 * @throws LeaseLost
 */
export const settleTasks = async (
  platform: Platform,
  lease: Lease,
  tasks: ScopeTasks | undefined,
  { oldest, isOnHold = false }: QueueHead,
): Promise<{ tasks: ScopeTasks | undefined } | 'changed'> => {
  if (!tasks) return { tasks };
  const { project, scope } = lease;
  const isOver = ({ through, releases }: OpenTask): boolean =>
    oldest === undefined || through < oldest || (isOnHold && !releases);
  const ended = tasks.open.filter(isOver);
  const started = tasks.open.filter((task) => !isOver(task) && !task.isRunning);
  const { releasedThrough } = tasks;
  const isReleaseOver =
    releasedThrough !== undefined && (oldest === undefined || releasedThrough < oldest);
  if (ended.length + started.length === 0 && !isReleaseOver) return { tasks };
  const now = platform.clock.now();
  const next = changeTasks(platform, lease, tasks, {
    open: tasks.open.flatMap((task) => (isOver(task) ? [] : [{ ...task, isRunning: true }])),
    releasedThrough: isReleaseOver ? undefined : releasedThrough,
  });
  const running = { status: 'RUNNING', startedAt: now, updatedAt: now } as const;
  const result = await commit(platform, [
    next.tasks ? fence(lease) : markLease(lease, undefined, holdsLease(lease.token)),
    next.step,
    ...started.map(({ id }) => update(eventKey(project, id), running, eventIsOpen)),
    ...ended.flatMap((task) => endTask(platform, lease, task)),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(scope);
  if (!result.committed) return 'changed';
  const outboxes = ended.filter(({ releases }) => releases);
  await enqueueHints(
    platform,
    outboxes.map(({ id }) => hints.outbox(project, scope, taskOutboxId(id))),
  );
  return { tasks: next.tasks };
};

/** Makes the tasks of a scope due when the scope may be claimed again. Safe to repeat. */
export const postponeTasks = async (
  platform: Platform,
  lease: Lease,
  until: number,
): Promise<void> => {
  const key = scopeTasksKey(lease.project, lease.scope);
  if (!(await platform.store.get(key))) return;
  await commit(platform, [fence(lease), update(key, { dueAt: until }, itemExists)]);
};
