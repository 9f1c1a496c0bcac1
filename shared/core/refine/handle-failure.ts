import type { ErrorInfo } from '../../domain/errors.ts';
import { eventKey, pendingKey, turnKey } from '../../domain/table/keys.ts';
import { scopeTasksKey } from '../../domain/table/processing-keys.ts';
import { failureOutboxId } from '../../domain/webhooks/outbox.ts';
import type { ModelFailure } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { commitTogether } from '../commit-together.ts';
import { eventIsOpen, turnIsPendingAt, workIsLeft } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, update } from '../steps.ts';
import { jsonBytes } from '../store-limits.ts';
import { retention } from '../ttl.ts';
import { commitUnderLease, type Lease } from './lease.ts';
import { maxId } from './memory-versions.ts';
import type { PendingWork } from './pending-turns.ts';
import { isOutdated, leaveQueue } from './task-progress.ts';

/** Upper bound of a backoff, whatever Retry-After the model's server sent. */
const maxBackoffMs = 3_600_000;

/** Why a batch was not decided. */
type DecisionFailure = Omit<ModelFailure, 'about'>;

/** Writes by which a failed turn leaves the queue, with the error for the tasks that cover it. */
const leaving = async (
  platform: Platform,
  lease: Lease,
  item: Pick<PendingWork, 'turn' | 'hasPlanItem'>,
  error: ErrorInfo,
) => {
  const { project, scope } = lease;
  const tasks = await platform.store.get(scopeTasksKey(project, scope));
  return leaveQueue(platform, lease, item, tasks, { error }).steps;
};

/**
 * Ends a turn and its event as failed; the rough memory stays visible, and the event can be retried. A turn that has
 * ended otherwise or was corrected meanwhile is left as it is.
 * @param attempts tries the turn used, this one included
 * @throws LeaseLost
 */
export const failTurn = async (
  platform: Platform,
  lease: Lease,
  item: Pick<PendingWork, 'turn' | 'hasPlanItem'>,
  error: ErrorInfo,
  attempts: number,
): Promise<void> => {
  const { turn } = item;
  const { project, scope, id, event } = turn;
  const now = platform.clock.now();
  const failure = platform.ids.next();
  const outbox = failureOutboxId(id, failure);
  const result = await commit(platform, [
    update(
      turnKey(project, id),
      { state: 'failed', dueAt: now },
      turnIsPendingAt(turn.revision ?? 0),
    ),
    update(
      eventKey(project, event),
      {
        status: 'FAILED',
        stage: 'finished',
        error,
        failure,
        attempts,
        completedAt: now,
        updatedAt: now,
        ...retention(platform.policy.retainEventsDays, now),
      },
      eventIsOpen,
    ),
    ...(await leaving(platform, lease, item, error)),
    newOutbox(scope, {
      id: outbox,
      project,
      entities: turn.entities,
      facts: [{ type: 'event.failed', event, error }],
      order: maxId(failure, id),
      createdAt: now,
    }),
  ]);
  // A request to process came meanwhile, and has to learn of the failure.
  if (isOutdated(lease, result)) return failTurn(platform, lease, item, error, attempts);
  if (result.committed)
    platform.telemetry.log('warn', 'turn.failed', { project, eventId: event, code: error.code });
  await enqueueHints(platform, [hints.finish(project, id), hints.outbox(project, scope, outbox)]);
};

/**
 * Commits the writes of each turn of a batch. Turns whose writes are refused ended meanwhile, and are left out.
 * @throws LeaseLost
 */
export const commitOfOpen = async (
  platform: Platform,
  lease: Lease,
  batch: readonly (readonly Step[])[],
): Promise<void> => {
  const writes = batch.map((steps) => ({ subject: steps, steps, bytes: jsonBytes(steps) }));
  await commitTogether(platform, writes, (steps) => commitUnderLease(platform, lease, steps));
};

/** Moves the due times of a batch to `until`; the attempt and the error are recorded for its oldest turn only. */
const reschedule = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  until: number,
  oldest: { error: ErrorInfo; attemptsUsed?: 1; maxBatchSize?: number },
): Promise<void> => {
  const { error, attemptsUsed = 0, maxBatchSize } = oldest;
  const updatedAt = platform.clock.now();
  const writes = batch.map(({ pending: { turn, event, failures } }, index) => {
    const key = pendingKey(lease.project, lease.scope, turn);
    if (index > 0) return [update(key, { dueAt: until }, workIsLeft)];
    const tries = {
      failures: failures + attemptsUsed,
      ...(maxBatchSize === undefined ? {} : { maxBatchSize }),
    };
    const failed = { error, stage: 'queued', attempts: failures + 1, updatedAt } as const;
    return [
      update(key, { ...tries, dueAt: until }, workIsLeft),
      update(eventKey(lease.project, event), failed, eventIsOpen),
    ];
  });
  await commitOfOpen(platform, lease, writes);
};

/**
 * Spends a retry of the oldest turn: the batch backs off by the schedule, or the turn fails when none is left. Returns when
 * the scope may be claimed again; undefined: at once.
 * @throws LeaseLost
 */
export const backOffOrFail = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  { retryAfterMs = 0, ...error }: DecisionFailure,
): Promise<number | undefined> => {
  const [oldest] = batch;
  if (!oldest) return undefined;
  const { failures } = oldest.pending;
  const pauseSeconds = platform.policy.refineSchedule[failures];
  if (pauseSeconds === undefined || !error.retryable) {
    await failTurn(platform, lease, oldest, error, failures + 1);
    return undefined;
  }
  const delayMs = Math.min(maxBackoffMs, Math.max(pauseSeconds * 1_000, retryAfterMs));
  const until = platform.clock.now() + delayMs;
  await reschedule(platform, lease, batch, until, { error, attemptsUsed: 1 });
  return until;
};

/**
 * Halves the batch after a request that failed although the model answers others (bisection). No retry is spent until the
 * request of a lone turn has failed twice. The new size is stored, so that the bisection goes on after a crash. Returns when
 * the scope may be claimed again; undefined: at once.
 * @param asked number of turns that the request was about
 * @throws LeaseLost
 */
export const halveBatch = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  asked: number,
  failure: DecisionFailure,
): Promise<number | undefined> => {
  const [oldest] = batch;
  if (!oldest) return undefined;
  const hasFailedAlone = oldest.pending.maxBatchSize === 1 || oldest.pending.failures > 0;
  if (asked === 1 && hasFailedAlone) return backOffOrFail(platform, lease, batch, failure);
  const { retryAfterMs = 0, ...error } = failure;
  const [pauseSeconds = 0] = platform.policy.refineSchedule;
  const delayMs = Math.min(maxBackoffMs, Math.max(pauseSeconds * 1_000, retryAfterMs));
  const until = platform.clock.now() + (asked === 1 ? delayMs : 0);
  const maxBatchSize = Math.max(1, Math.ceil(asked / 2));
  await reschedule(platform, lease, batch.slice(0, 1), until, { error, maxBatchSize });
  return asked === 1 ? until : undefined;
};
