import type { Fault } from '../../domain/errors.ts';
import { eventKey, headKey, outboxKey, pendingKey, planKey, turnKey } from '../../domain/keys.ts';
import { failureOutboxId } from '../../domain/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit, refusedBy } from '../commit.ts';
import { eventIsOpen, holdsLease, turnIsPending } from '../conditions.ts';
import { hint } from '../hint.ts';
import { retention } from '../retention.ts';
import { check, erase, put, update } from '../steps.ts';
import type { Undecided } from './decide.ts';
import { type Lease, LeaseLost } from './lease.ts';
import { laterOf } from './memory-of-change.ts';
import type { Work } from './work.ts';

/** However long the other side asks us to wait, we look again after this. */
const maxPauseMs = 3_600_000;

/** The operator has yet to put in a key: nobody's turn is to fail for that. */
const noKeyYet = 'model_key_missing';
const untilKeyMs = 60_000;

const fence = (lease: Lease) => check(headKey(lease.project, lease.scope), holdsLease(lease.token));

/** The budget is spent: the event fails with its reason; the rough memory stays, and the event can be retried. */
const fail = async (platform: Platform, lease: Lease, { turn, pending }: Work, error: Fault) => {
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
        attempts: pending.failures + 1,
        completedAt: now,
        updatedAt: now,
        ...retention(platform.policy.retainEventsDays, now),
      },
      eventIsOpen,
    ),
    erase(pendingKey(project, scope, id)),
    erase(planKey(project, scope, id)),
    put(outboxKey(project, scope, outbox), {
      id: outbox,
      project,
      entities: turn.entities,
      facts: [{ type: 'event.failed', event, error }],
      order: laterOf(failure, id),
      createdAt: now,
      dueAt: now,
    }),
  ]);
  if (refusedBy(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
  if (result.committed)
    platform.telemetry.log('warn', 'turn.failed', { project, eventId: event, code: error.code });
  await hint(platform, [
    { v: 1, kind: 'settle', project, turn: id },
    { v: 1, kind: 'outbox', project, scope, outbox },
  ]);
};

/** Everything that waits in the scope waits until then, the oldest turn having spent that many tries. */
const wait = async (
  platform: Platform,
  lease: Lease,
  batch: readonly Work[],
  error: Fault,
  { until, spent }: { until: number; spent: number },
): Promise<void> => {
  const told = { error, stage: 'queued', updatedAt: platform.clock.now() } as const;
  // What spent nothing has not begun.
  const waiting = spent === 0 ? batch : batch.slice(0, 1);
  const result = await commit(platform, [
    fence(lease),
    ...batch.map(({ pending }, index) =>
      put(pendingKey(lease.project, lease.scope, pending.turn), {
        ...pending,
        failures: pending.failures + (index === 0 ? spent : 0),
        dueAt: until,
      }),
    ),
    ...waiting.map(({ pending }) =>
      update(
        eventKey(lease.project, pending.event),
        spent === 0 ? { ...told, status: 'PENDING', attempts: pending.failures } : told,
        eventIsOpen,
      ),
    ),
  ]);
  if (refusedBy(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
};

/**
 * After a try that decided nothing: the oldest turn waits by the schedule, or fails when its budget is spent. Returns when
 * the scope may be claimed again, undefined when it may go on at once. While there is no key to the model, no turn
 * spends a try: all wait for the key.
 * @throws LeaseLost
 */
export const giveUp = async (
  platform: Platform,
  lease: Lease,
  batch: readonly Work[],
  { retryAfterMs = 0, ...error }: Undecided,
): Promise<number | undefined> => {
  const [oldest] = batch;
  if (!oldest) return undefined;
  if (error.code === noKeyYet) {
    const until = platform.clock.now() + untilKeyMs;
    await wait(platform, lease, batch, error, { until, spent: 0 });
    return until;
  }
  const { refineSchedule } = platform.policy;
  const pause = refineSchedule[oldest.pending.failures];
  if (pause === undefined || !error.retryable) {
    await fail(platform, lease, oldest, error);
    return undefined;
  }
  const delay = Math.min(maxPauseMs, Math.max(pause * 1000, retryAfterMs));
  const until = platform.clock.now() + delay;
  await wait(platform, lease, batch, error, { until, spent: 1 });
  return until;
};
