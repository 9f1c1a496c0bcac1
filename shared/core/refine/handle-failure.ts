import type { ErrorInfo } from '../../domain/errors.ts';
import { eventKey, headKey, pendingKey, planKey, turnKey } from '../../domain/table/keys.ts';
import { failureOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, holdsLease, turnIsPending } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { check, newOutbox, put, remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import type { DecisionFailure } from './decide.ts';
import { type Lease, LeaseLost } from './lease.ts';
import { maxId } from './memory-versions.ts';
import type { PendingWork } from './pending-turns.ts';

/** However long the other side asks us to wait, we look again after this. */
const maxPauseMs = 3_600_000;

/** A step that holds only while the lease does. */
export const fence = (lease: Lease) =>
  check(headKey(lease.project, lease.scope), holdsLease(lease.token));

/**
 * Ends a turn's event as FAILED with its reason; the rough memory stays, and the event can be retried.
 * @param attempts tries the turn spent, this one included
 * @throws LeaseLost
 */
export const fail = async (
  platform: Platform,
  lease: Lease,
  { turn }: PendingWork,
  error: ErrorInfo,
  attempts: number,
): Promise<void> => {
  const { project, scope, id, event } = turn;
  const now = platform.clock.now();
  const failure = platform.ids.next();
  const outbox = failureOutboxId(id, failure);
  const result = await commit(platform, [
    fence(lease),
    update(turnKey(project, id), { state: 'failed', dueAt: now }, turnIsPending),
    update(
      eventKey(project, event),
      {
        status: 'FAILED',
        stage: 'finished',
        error,
        attempts,
        completedAt: now,
        updatedAt: now,
        ...retention(platform.policy.retainEventsDays, now),
      },
      eventIsOpen,
    ),
    remove(pendingKey(project, scope, id)),
    remove(planKey(project, scope, id)),
    newOutbox(scope, {
      id: outbox,
      project,
      entities: turn.entities,
      facts: [{ type: 'event.failed', event, error }],
      order: maxId(failure, id),
      createdAt: now,
    }),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
  if (result.committed)
    platform.telemetry.log('warn', 'turn.failed', { project, eventId: event, code: error.code });
  await enqueueHints(platform, [hints.settle(project, id), hints.outbox(project, scope, outbox)]);
};

/** Everything that waits in the scope waits until then; the oldest turn's work item and event take what is given. */
const reschedule = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  until: number,
  oldest: { error: ErrorInfo; attemptsUsed?: 1; together?: number },
): Promise<void> => {
  const { error, attemptsUsed = 0, together } = oldest;
  const updatedAt = platform.clock.now();
  const result = await commit(platform, [
    fence(lease),
    ...batch.map(({ pending }, index) =>
      put(pendingKey(lease.project, lease.scope, pending.turn), {
        ...pending,
        ...(index === 0 ? { failures: pending.failures + attemptsUsed } : {}),
        ...(index === 0 && together !== undefined ? { together } : {}),
        dueAt: until,
      }),
    ),
    ...batch
      .slice(0, 1)
      .map(({ pending }) =>
        update(
          eventKey(lease.project, pending.event),
          { error, stage: 'queued', attempts: pending.failures + 1, updatedAt },
          eventIsOpen,
        ),
      ),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
};

/**
 * After a try that decided nothing: the oldest turn waits by the schedule, or fails when its budget is spent. Returns when
 * the scope may be claimed again, undefined when it may go on at once.
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
  const pause = platform.policy.refineSchedule[failures];
  if (pause === undefined || !error.retryable) {
    await fail(platform, lease, oldest, error, failures + 1);
    return undefined;
  }
  const delay = Math.min(maxPauseMs, Math.max(pause * 1_000, retryAfterMs));
  const until = platform.clock.now() + delay;
  await reschedule(platform, lease, batch, until, { error, attemptsUsed: 1 });
  return until;
};

/**
 * After a request that failed although the model serves others: half as many turns are decided together, and nothing is
 * spent until a lone turn's request has failed again. Returns as `giveUp` does. It is written down: the time of a worker
 * may be over before the turn that is the cause is found.
 * @param asked turns that the request was about
 * @throws LeaseLost
 */
export const narrow = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  asked: number,
  undecided: DecisionFailure,
): Promise<number | undefined> => {
  const [oldest] = batch;
  if (!oldest) return undefined;
  const isAgain = oldest.pending.together === 1 || oldest.pending.failures > 0;
  if (asked === 1 && isAgain) return backOffOrFail(platform, lease, batch, undecided);
  const { retryAfterMs = 0, ...error } = undecided;
  const [pause = 0] = platform.policy.refineSchedule;
  const delay = Math.min(maxPauseMs, Math.max(pause * 1_000, retryAfterMs));
  const until = platform.clock.now() + (asked === 1 ? delay : 0);
  const together = Math.max(1, Math.ceil(asked / 2));
  await reschedule(platform, lease, batch.slice(0, 1), until, { error, together });
  return asked === 1 ? until : undefined;
};
