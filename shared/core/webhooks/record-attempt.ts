import type { Item } from '../../domain/table/items.ts';
import { attemptKey, deliveryKey } from '../../domain/table/keys.ts';
import { type Attempt, withoutResponse } from '../../domain/webhooks/attempt.ts';
import { type Delivery, deliveryId, isFinal } from '../../domain/webhooks/delivery.ts';
import { afterSend, type Transition } from '../../domain/webhooks/delivery-transitions.ts';
import { nextDelay } from '../../domain/webhooks/retry-schedule.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { attemptIsCurrent, deliveryIsAt, deliveryIsBlocked } from '../conditions.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import { put } from '../steps.ts';
import { retention } from '../ttl.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { releaseSuccessor } from './ordering.ts';
import type { Sent } from './post.ts';

const keyOf = ({ project, notification, endpoint }: Delivery) =>
  deliveryKey(project, notification, endpoint);

/** What an item becomes. The marks that list and keep it come along; it is due when the outcome says so, or not at all. */
const itemOf = ({ delivery, dueAt }: Transition): Item<'DELIVERY'> => {
  const { dueAt: _, ...kept }: Item<'DELIVERY'> = delivery;
  return { ...kept, ...(dueAt === undefined ? {} : { dueAt }) };
};

const scheduleNext = async (platform: CorePlatform, outcome: Transition): Promise<void> => {
  const { project, id, endpoint, successor } = outcome.delivery;
  const wait = (outcome.dueAt ?? Number.POSITIVE_INFINITY) - platform.clock.now();
  if (wait <= maxQueueDelayMs)
    await enqueueHints(platform, [hints.delivery(project, id)], Math.max(0, wait));
  if (successor !== undefined && isFinal(outcome.delivery))
    await enqueueHints(platform, [hints.delivery(project, deliveryId(successor, endpoint))]);
};

const outcomeWrite = (item: Item<'DELIVERY'>, outcome: Transition, when: Condition): Step =>
  put(keyOf(item), itemOf(outcome), when);

const successorWrites = (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  outcome: Transition,
): Step[] => (isFinal(outcome.delivery) ? releaseSuccessor(item, platform.clock.now()) : []);

/**
 * Writes what became of a delivery, what waits behind it and whatever belongs to it, in one transaction. False when the
 * condition did not hold.
 */
export const writeOutcome = async (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  outcome: Transition,
  when: Condition,
  extraWrites: readonly Step[] = [],
): Promise<boolean> => {
  const steps = [outcomeWrite(item, outcome, when), ...extraWrites];
  let result = await commit(platform, [...steps, ...successorWrites(platform, item, outcome)]);
  const refused = failedConditions(result);
  // Who waited has gone: nothing is left to wake.
  if (refused.length === 1 && refused[0] === deliveryIsBlocked.name)
    result = await commit(platform, steps);
  if (!result.committed) return false;
  await scheduleNext(platform, outcome);
  return true;
};

const rowOf = (platform: CorePlatform, { project, erased }: Delivery, attempt: Attempt): Step =>
  put(attemptKey(project, attempt.delivery, attempt.number), {
    ...(erased ? withoutResponse(attempt) : attempt),
    ...retention(platform.policy.retainDeliveriesDays, platform.clock.now()),
  });

/** The lease ran out before this was recorded. What arrived has arrived; what failed is only noted, and no answer is kept. */
const recordAfterLeaseExpiry = async (
  platform: CorePlatform,
  item: Item<'DELIVERY'>,
  attempt: Attempt,
): Promise<boolean> => {
  const row = rowOf(platform, item, withoutResponse(attempt));
  if (!attempt.ok || item.state === 'succeeded') {
    await commit(platform, [row]);
    return true;
  }
  const outcome = afterSend(item, attempt, undefined, platform.clock.now());
  return writeOutcome(platform, item, outcome, deliveryIsAt(item), [row]);
};

/** What an attempt makes of the delivery it was claimed from; its next try, if any, comes after some jitter. */
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
 * The attempt, the delivery's state and its next due time, to be written in ONE transaction: on condition of the
 * attempt's lease, and that nothing was asked for since it was claimed. `told` is for afterwards.
 */
export const attemptWrites = (
  platform: CorePlatform,
  { delivery, token }: Pick<AttemptLease, 'delivery' | 'token'>,
  posted: Sent,
): { steps: Step[]; afterCommit(): Promise<void> } => {
  const outcome = nextState(platform, delivery, posted);
  const steps = [
    outcomeWrite(delivery, outcome, attemptIsCurrent(token, delivery)),
    rowOf(platform, delivery, posted.attempt),
    ...successorWrites(platform, delivery, outcome),
  ];
  return { steps, afterCommit: () => scheduleNext(platform, outcome) };
};

/** The same by itself, as the delivery stands now. Repeating it does no harm. */
export const recordAttempt = async (
  platform: CorePlatform,
  { delivery, token }: Pick<AttemptLease, 'delivery' | 'token'>,
  posted: Sent,
): Promise<void> => {
  const { attempt } = posted;
  for (;;) {
    const item = await platform.store.get(keyOf(delivery));
    if (!item) return;
    if (item.token !== token) {
      if (await recordAfterLeaseExpiry(platform, item, attempt)) return;
      continue;
    }
    const outcome = nextState(platform, item, posted);
    const row = rowOf(platform, item, attempt);
    if (await writeOutcome(platform, item, outcome, attemptIsCurrent(token, item), [row])) return;
  }
};
