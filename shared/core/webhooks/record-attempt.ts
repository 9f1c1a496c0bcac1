import type { Item, Key } from '../../domain/table/items.ts';
import { attemptKey, deliveryKey } from '../../domain/table/keys.ts';
import { type Attempt, withoutResponse } from '../../domain/webhooks/attempt.ts';
import { type Delivery, deliveryId, isFinal } from '../../domain/webhooks/delivery.ts';
import {
  afterSend,
  cancelled,
  type Transition,
} from '../../domain/webhooks/delivery-transitions.ts';
import { nextDelay } from '../../domain/webhooks/retry-schedule.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import { put } from '../steps.ts';
import { retention } from '../ttl.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { attemptIsCurrent, deliveryIsAt, deliveryIsBlocked } from './conditions.ts';
import { releaseSuccessor } from './ordering.ts';
import type { Sent } from './send-attempt.ts';

type Lease = Pick<AttemptLease, 'delivery' | 'token'>;

const keyOf = ({ project, notification, endpoint }: Delivery) =>
  deliveryKey(project, notification, endpoint);

/** The stored item for a transition: listing and TTL attributes are kept, `dueAt` is taken from the transition. */
const toItem = ({ delivery, dueAt }: Transition): Item<'DELIVERY'> => {
  const { dueAt: _, ...kept }: Item<'DELIVERY'> = delivery;
  return { ...kept, ...(dueAt === undefined ? {} : { dueAt }) };
};

/** Hints at the delivery's next attempt, and at its successor once it is final. The sweeper finds a later or lost one. */
const scheduleNext = async (platform: CorePlatform, transition: Transition): Promise<void> => {
  const { project, id, endpoint, successor } = transition.delivery;
  const delay = (transition.dueAt ?? Number.POSITIVE_INFINITY) - platform.clock.now();
  if (delay <= maxQueueDelayMs)
    await enqueueHints(platform, [hints.delivery(project, id)], Math.max(0, delay));
  if (successor !== undefined && isFinal(transition.delivery))
    await enqueueHints(platform, [hints.delivery(project, deliveryId(successor, endpoint))]);
};

const transitionWrite = (item: Item<'DELIVERY'>, transition: Transition, when: Condition): Step =>
  put(keyOf(item), toItem(transition), when);

const successorWrites = (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  transition: Transition,
): Step[] => (isFinal(transition.delivery) ? releaseSuccessor(item, platform.clock.now()) : []);

/**
 * Writes a delivery's transition, unblocks its successor in order, and commits `extraWrites`, in one transaction. False when
 * `when` or a condition of the extra writes failed.
 */
export const writeOutcome = async (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  transition: Transition,
  when: Condition,
  extraWrites: readonly Step[] = [],
): Promise<boolean> => {
  const steps = [transitionWrite(item, transition, when), ...extraWrites];
  let result = await commit(platform, [...steps, ...successorWrites(platform, item, transition)]);
  const refused = failedConditions(result);
  // The successor no longer exists: commit without unblocking it.
  if (refused.length === 1 && refused[0] === deliveryIsBlocked.name)
    result = await commit(platform, steps);
  if (!result.committed) return false;
  await scheduleNext(platform, transition);
  return true;
};

/** Cancels a delivery that can never be sent. A final one with no extra attempt to come stays as it is. Safe to repeat. */
export const cancelDelivery = async (
  platform: CorePlatform,
  key: Key<'DELIVERY'>,
): Promise<void> => {
  for (;;) {
    const item = await platform.store.get(key);
    if (!item || (isFinal(item) && item.dueAt === undefined)) return;
    const transition = cancelled(item, platform.clock.now());
    if (await writeOutcome(platform, item, transition, deliveryIsAt(item))) return;
  }
};

const attemptWrite = (
  platform: CorePlatform,
  { project, erased }: Delivery,
  attempt: Attempt,
): Step =>
  put(attemptKey(project, attempt.delivery, attempt.number), {
    ...(erased ? withoutResponse(attempt) : attempt),
    ...retention(platform.policy.retainDeliveriesDays, platform.clock.now()),
  });

/**
 * Records an attempt whose lease expired first. A success still ends the delivery; a failure is stored as an attempt only,
 * and neither keeps the response.
 */
const recordAfterLeaseExpiry = async (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  attempt: Attempt,
): Promise<boolean> => {
  const write = attemptWrite(platform, item, withoutResponse(attempt));
  if (!attempt.ok || item.state === 'succeeded') {
    await commit(platform, [write]);
    return true;
  }
  const transition = afterSend(item, attempt, undefined, platform.clock.now());
  return writeOutcome(platform, item, transition, deliveryIsAt(item), [write]);
};

/** The delivery after the attempt; a retry is delayed by the schedule with jitter, or by the receiver's Retry-After. */
const nextState = (
  { clock, ids, policy }: CorePlatform,
  item: Item<'DELIVERY'>,
  { attempt, retryAfterMs }: Sent,
): Transition => {
  const delay = attempt.ok
    ? undefined
    : nextDelay(policy.webhookSchedule, item.scheduledAttempts + 1, ids.random(), retryAfterMs);
  return afterSend(item, attempt, delay, clock.now());
};

/**
 * Writes for one transaction: the attempt, the delivery's state and its next due time. Conditional on the attempt's lease
 * (fencing token), and on no successor, extra attempt or erasure since the claim. Call `afterCommit` after the commit.
 */
export const attemptWrites = (
  platform: CorePlatform,
  { delivery, token }: Lease,
  sent: Sent,
): { steps: Step[]; afterCommit(): Promise<void> } => {
  const transition = nextState(platform, delivery, sent);
  const steps = [
    transitionWrite(delivery, transition, attemptIsCurrent(token, delivery)),
    attemptWrite(platform, delivery, sent.attempt),
    ...successorWrites(platform, delivery, transition),
  ];
  return { steps, afterCommit: () => scheduleNext(platform, transition) };
};

/** Records an attempt in a transaction of its own, on the delivery as stored now. Safe to repeat. */
export const recordAttempt = async (
  platform: CorePlatform,
  { delivery, token }: Lease,
  sent: Sent,
): Promise<void> => {
  const { attempt } = sent;
  for (;;) {
    const item = await platform.store.get(keyOf(delivery));
    if (!item) return;
    if (item.token !== token) {
      if (await recordAfterLeaseExpiry(platform, item, attempt)) return;
      continue;
    }
    const transition = nextState(platform, item, sent);
    const write = attemptWrite(platform, item, attempt);
    const when = attemptIsCurrent(token, item);
    if (await writeOutcome(platform, item, transition, when, [write])) return;
  }
};
