import type { Item } from '../../domain/table/items.ts';
import { backlogEntryKey, deliveryKey } from '../../domain/table/keys.ts';
import {
  type Delivery,
  isByHand,
  priorityOf,
  type Trigger,
  triggerOf,
} from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { markQueued, tryAcquire } from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Condition, Step, Store } from '../../ports/store.ts';
import { deliveryIsDue, deliveryIsQueued } from '../conditions.ts';
import { put, remove, update } from '../steps.ts';
import { withinShare } from './fair-share.ts';
import { type LimiterUpdateResult, updateLimiter } from './gate-keeper.ts';
import type { LimiterSnapshot } from './limiter-store.ts';

/** The right to make one attempt. It runs out by itself. */
export interface AttemptLease {
  /** As it stands under this claim; `attempts` is the number of the attempt. */
  delivery: Item<'DELIVERY'>;
  endpoint: Endpoint;
  token: string;
  trigger: Trigger;
}

/**
 * `shut`: the gate is; it stands in line, and whoever opens the gate looks there. `behind`: it stands in line now, and the
 * gate is open. `busy`: the gate is shut, and it stands in no line. `late`: someone else has it, or it is over. `gone`: its
 * endpoint is.
 */
export type ClaimResult =
  | { outcome: 'claimed'; claim: AttemptLease }
  | { outcome: 'queued_limited' | 'queued_behind' | 'limited' | 'lost' | 'endpoint_deleted' };

/** More than an attempt and its recording take. */
const leaseGraceMs = 15_000;

const leased = (
  delivery: Item<'DELIVERY'>,
  token: string,
  leaseUntil: number,
): Item<'DELIVERY'> => {
  const { manualRequested: _, queuedPriority: __, ...rest } = delivery;
  return {
    ...rest,
    state: 'leased',
    previousState:
      delivery.state === 'leased' ? (delivery.previousState ?? 'pending') : delivery.state,
    leaseTrigger: triggerOf(delivery),
    attempts: delivery.attempts + 1,
    token,
    leaseUntil,
    dueAt: leaseUntil,
  };
};

/** Waits no more by itself: it stands in line. One whose attempt was cut off is what it was before. */
const enqueueWrites = (delivery: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, state, previousState = 'pending' } = delivery;
  const rank = priorityOf(delivery);
  return [
    update(
      deliveryKey(project, notification, endpoint),
      { queuedPriority: rank, state: state === 'leased' ? previousState : state },
      when,
      ['dueAt', 'token', 'leaseUntil', 'previousState', 'leaseTrigger'],
    ),
    put(backlogEntryKey(delivery, rank), { notification, rank }),
  ];
};

const claimSteps = (claimed: Delivery, from: Delivery, when: Condition): Step[] => {
  const {
    project,
    notification,
    endpoint,
    state,
    previousState,
    leaseTrigger,
    attempts,
    token,
    leaseUntil,
  } = claimed;
  return [
    update(
      deliveryKey(project, notification, endpoint),
      {
        state,
        attempts,
        ...(previousState === undefined ? {} : { previousState }),
        ...(leaseTrigger === undefined ? {} : { leaseTrigger }),
        ...(token === undefined ? {} : { token }),
        ...(leaseUntil === undefined ? {} : { leaseUntil, dueAt: leaseUntil }),
      },
      when,
      ['manualRequested', 'queuedPriority'],
    ),
    ...(from.queuedPriority === undefined
      ? []
      : [remove(backlogEntryKey(from, from.queuedPriority))]),
  ];
};

/** What the gate makes of a delivery that asks to pass. */
const decideClaim = (
  store: Store,
  delivery: Item<'DELIVERY'>,
  { token, leaseMs }: { token: string; leaseMs: number },
  { limiter, endpoint, now }: LimiterSnapshot,
): LimiterUpdateResult<ClaimResult> => {
  if (!endpoint) return { limiter, value: { outcome: 'endpoint_deleted' } };
  const { queuedPriority, attempts } = delivery;
  const until = now + leaseMs;
  const isManual = isByHand(delivery);
  const place = queuedPriority === undefined ? { priority: priorityOf(delivery) } : {};
  const passed = tryAcquire(
    limiter,
    withinShare(store, endpoint),
    { token, until, isManual, ...place },
    now,
  );
  const when =
    queuedPriority === undefined
      ? deliveryIsDue(delivery, now)
      : deliveryIsQueued(attempts, queuedPriority);
  if (passed.outcome === 'claimed') {
    const claimed = leased(delivery, token, until);
    const claim = {
      delivery: claimed,
      endpoint,
      token,
      trigger: claimed.leaseTrigger ?? 'schedule',
    };
    const steps = claimSteps(claimed, delivery, when);
    return { limiter: passed.limiter, steps, value: { outcome: 'claimed', claim } };
  }
  if (isManual) return { limiter, value: { outcome: 'limited' } };
  const answer = { outcome: passed.outcome };
  if (queuedPriority !== undefined) return { limiter, value: answer };
  const after = markQueued(passed.limiter, priorityOf(delivery));
  return { limiter: after, steps: enqueueWrites(delivery, when), value: answer };
};

/**
 * Claims the next attempt of a delivery and a slot at its endpoint's gate, or puts it in line, in one transaction. Claiming
 * is conditional on the delivery being due (or in line) with that attempt still to come: of several copies of a hint one
 * gets it. What a customer asked for by hand is not put in line: it stays due.
 */
export const claimAttempt = async (
  platform: CorePlatform,
  delivery: Item<'DELIVERY'>,
): Promise<ClaimResult> => {
  const { store, ids, policy } = platform;
  const token = ids.next();
  const leaseMs = policy.webhookTimeoutMs + leaseGraceMs;
  const { project, endpoint } = delivery;
  const changed = await updateLimiter(platform, project, endpoint, (view) =>
    decideClaim(store, delivery, { token, leaseMs }, view),
  );
  if (changed.outcome === 'refused') return { outcome: 'lost' };
  return changed.outcome === 'endpoint_deleted' ? { outcome: 'endpoint_deleted' } : changed.value;
};
