import { type Attempt, withoutAnswer } from '../../domain/attempt.ts';
import { type Delivery, deliveryId, isOver } from '../../domain/delivery.ts';
import { afterAttempt, type Outcome } from '../../domain/delivery-outcome.ts';
import type { Item } from '../../domain/items.ts';
import { attemptKey, deliveryKey } from '../../domain/keys.ts';
import { nextDelay } from '../../domain/retry-schedule.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit, refusedBy } from '../commit.ts';
import { attemptIsCurrent, deliveryIsAt, deliveryWaits } from '../conditions.ts';
import { hint } from '../hint.ts';
import { retention } from '../retention.ts';
import { put } from '../steps.ts';
import type { Claim } from './admission.ts';
import { wakeNext } from './lane.ts';
import type { Posted } from './post.ts';

const keyOf = ({ project, notification, endpoint }: Delivery) =>
  deliveryKey(project, notification, endpoint);

/** What an item becomes. The marks that list and keep it come along; it is due when the outcome says so, or not at all. */
const itemOf = ({ delivery, dueAt }: Outcome): Item<'DELIVERY'> => {
  const { dueAt: _, ...kept }: Item<'DELIVERY'> = delivery;
  return { ...kept, ...(dueAt === undefined ? {} : { dueAt }) };
};

/** Hints at what goes on by itself; what is farther away than a queue can wait is found by the sweeper. */
const longestHintMs = 900_000;

const hintNext = async (platform: Backstage, outcome: Outcome): Promise<void> => {
  const { project, id, endpoint, next } = outcome.delivery;
  const wait = (outcome.dueAt ?? Number.POSITIVE_INFINITY) - platform.clock.now();
  if (wait <= longestHintMs)
    await hint(platform, [{ v: 1, kind: 'delivery', project, delivery: id }], Math.max(0, wait));
  if (next !== undefined && isOver(outcome.delivery))
    await hint(platform, [
      { v: 1, kind: 'delivery', project, delivery: deliveryId(next, endpoint) },
    ]);
};

const concluding = (item: Item<'DELIVERY'>, outcome: Outcome, when: Condition): Step =>
  put(keyOf(item), itemOf(outcome), when);

const waking = (platform: Backstage, item: Item<'DELIVERY'>, outcome: Outcome): Step[] =>
  isOver(outcome.delivery) ? wakeNext(item, platform.clock.now()) : [];

/**
 * Writes what became of a delivery, what waits behind it and whatever belongs to it, in one transaction. False when the
 * condition did not hold.
 */
export const conclude = async (
  platform: Backstage,
  item: Item<'DELIVERY'>,
  outcome: Outcome,
  when: Condition,
  besides: readonly Step[] = [],
): Promise<boolean> => {
  const steps = [concluding(item, outcome, when), ...besides];
  let result = await commit(platform, [...steps, ...waking(platform, item, outcome)]);
  const refused = refusedBy(result);
  // Who waited has gone: nothing is left to wake.
  if (refused.length === 1 && refused[0] === deliveryWaits.name)
    result = await commit(platform, steps);
  if (!result.committed) return false;
  await hintNext(platform, outcome);
  return true;
};

const rowOf = (platform: Backstage, { project, erased }: Delivery, attempt: Attempt): Step =>
  put(attemptKey(project, attempt.delivery, attempt.number), {
    ...(erased ? withoutAnswer(attempt) : attempt),
    ...retention(platform.policy.retainDeliveriesDays, platform.clock.now()),
  });

/** The lease ran out before this was recorded. What arrived has arrived; what failed is only noted, and no answer is kept. */
const recordLate = async (
  platform: Backstage,
  item: Item<'DELIVERY'>,
  attempt: Attempt,
): Promise<boolean> => {
  const row = rowOf(platform, item, withoutAnswer(attempt));
  if (!attempt.ok || item.state === 'succeeded') {
    await commit(platform, [row]);
    return true;
  }
  const outcome = afterAttempt(item, attempt, undefined, platform.clock.now());
  return conclude(platform, item, outcome, deliveryIsAt(item), [row]);
};

/** What an attempt makes of the delivery it was claimed from; its next try, if any, comes after some jitter. */
const judge = (
  { clock, ids, policy }: Backstage,
  item: Item<'DELIVERY'>,
  { attempt, retryAfterMs }: Posted,
): Outcome => {
  const delay = attempt.ok
    ? undefined
    : nextDelay(policy.webhookSchedule, item.tries + 1, ids.random(), retryAfterMs);
  return afterAttempt(item, attempt, delay, clock.now());
};

/**
 * The attempt, the delivery's state and its next due time, to be written in ONE transaction: on condition of the
 * attempt's lease, and that nothing was asked for since it was claimed. `told` is for afterwards.
 */
export const recording = (
  platform: Backstage,
  { delivery, token }: Pick<Claim, 'delivery' | 'token'>,
  posted: Posted,
): { steps: Step[]; told(): Promise<void> } => {
  const outcome = judge(platform, delivery, posted);
  const steps = [
    concluding(delivery, outcome, attemptIsCurrent(token, delivery)),
    rowOf(platform, delivery, posted.attempt),
    ...waking(platform, delivery, outcome),
  ];
  return { steps, told: () => hintNext(platform, outcome) };
};

/** The same by itself, as the delivery stands now. Repeating it does no harm. */
export const record = async (
  platform: Backstage,
  { delivery, token }: Pick<Claim, 'delivery' | 'token'>,
  posted: Posted,
): Promise<void> => {
  const { attempt } = posted;
  for (;;) {
    const item = await platform.store.get(keyOf(delivery));
    if (!item) return;
    if (item.token !== token) {
      if (await recordLate(platform, item, attempt)) return;
      continue;
    }
    const outcome = judge(platform, item, posted);
    const row = rowOf(platform, item, attempt);
    if (await conclude(platform, item, outcome, attemptIsCurrent(token, item), [row])) return;
  }
};
