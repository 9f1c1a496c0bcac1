import type { Item } from '../../domain/table/items.ts';
import { backlogEntryKey, deliveryKey } from '../../domain/table/keys.ts';
import {
  type Delivery,
  hasManualTrigger,
  orderedScopeOf,
  priorityOf,
  type Trigger,
  triggerOf,
} from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { markQueued, tryAcquire } from '../../domain/webhooks/endpoint-limiter.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { put, remove, update } from '../steps.ts';
import { deliveryIsDue, deliveryIsQueued } from './conditions.ts';
import type { FairShare } from './fair-share.ts';
import type { LimiterSnapshot, LimiterUpdateResult, WithLimiterStore } from './limiter-store.ts';
import type { SlotBlock, SlotBlocks } from './slot-blocks.ts';

/** Lease of one attempt. The token is its fencing token; after `leaseUntil` another worker may claim the attempt. */
export interface AttemptLease {
  /** The delivery as written by this claim; `attempts` is the number of this attempt. */
  delivery: Item<'DELIVERY'>;
  endpoint: Endpoint;
  token: string;
  trigger: Trigger;
  /** The block whose slot the attempt has; absent: the slot is in the limiter. */
  block?: SlotBlock;
  /** The notification as it was read with the delivery. */
  notification?: Notification;
}

/**
 * `queued_limited`: over the endpoint's limits, now in its backlog; the loop that frees a slot reads the backlog.
 * `queued_behind`: within the limits, but older deliveries come first; now in the backlog. `limited`: a manual attempt over
 * the limits; stays due. `lost`: claimed elsewhere, or final. `endpoint_deleted`.
 */
export type ClaimResult =
  | { outcome: 'claimed'; claim: AttemptLease }
  | { outcome: 'queued_limited' | 'queued_behind' | 'limited' | 'lost' | 'endpoint_deleted' };

/** A platform with the state that one dispatcher claims attempts with. */
export type DispatchPlatform = WithLimiterStore<WebhookPlatform> & {
  fairShare: FairShare;
  slotBlocks: SlotBlocks;
};

/** Added to the timeout of a POST: longer than signing and recording take. */
const leaseGraceMs = 15_000;

const withLease = (
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

/**
 * Moves the delivery into the backlog and clears its due time. An expired lease is undone: the delivery returns to its
 * previous state.
 */
const enqueueWrites = (delivery: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, state, previousState = 'pending' } = delivery;
  const priority = priorityOf(delivery);
  return [
    update(
      deliveryKey(project, notification, endpoint),
      { queuedPriority: priority, state: state === 'leased' ? previousState : state },
      when,
      ['dueAt', 'token', 'leaseUntil', 'previousState', 'leaseTrigger'],
    ),
    put(backlogEntryKey(delivery, priority), {
      notification,
      priority,
      ...orderedScopeOf(delivery),
    }),
  ];
};

const claimWrites = (claimed: Delivery, before: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, state, attempts } = claimed;
  const { previousState, leaseTrigger, token, leaseUntil } = claimed;
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
    ...(before.queuedPriority === undefined
      ? []
      : [remove(backlogEntryKey(before, before.queuedPriority))]),
  ];
};

const isStillToClaim = (delivery: Item<'DELIVERY'>, now: number): Condition =>
  delivery.queuedPriority === undefined
    ? deliveryIsDue(delivery, now)
    : deliveryIsQueued(delivery, delivery.queuedPriority);

/** Decides a claim on a snapshot of the limiter: claimed, queued, or left due. */
const decideClaim = (
  fairShare: FairShare,
  delivery: Item<'DELIVERY'>,
  { token, leaseMs }: { token: string; leaseMs: number },
  { limiter, endpoint, now }: LimiterSnapshot,
): LimiterUpdateResult<ClaimResult> => {
  if (!endpoint) return { limiter, value: { outcome: 'endpoint_deleted' } };
  const { queuedPriority } = delivery;
  const until = now + leaseMs;
  const isManual = hasManualTrigger(delivery);
  const place = queuedPriority === undefined ? { priority: priorityOf(delivery) } : {};
  const scope = endpoint.ordered ? orderedScopeOf(delivery) : {};
  const request = { token, until, isManual, ...place, ...scope };
  const acquired = tryAcquire(limiter, fairShare.limit(endpoint), request, now);
  const when = isStillToClaim(delivery, now);
  if (acquired.outcome === 'claimed') {
    const claimed = withLease(delivery, token, until);
    const trigger = claimed.leaseTrigger ?? 'schedule';
    const claim = { delivery: claimed, endpoint, token, trigger };
    const steps = claimWrites(claimed, delivery, when);
    return { limiter: acquired.limiter, steps, value: { outcome: 'claimed', claim } };
  }
  if (isManual) return { limiter, value: { outcome: 'limited' } };
  const value = { outcome: acquired.outcome };
  if (queuedPriority !== undefined) return { limiter, value };
  const after = markQueued(acquired.limiter, priorityOf(delivery));
  return { limiter: after, steps: enqueueWrites(delivery, when), value };
};

/**
 * Claims the next attempt of a delivery together with a slot of its endpoint's limiter, or moves the delivery into the
 * backlog, in one transaction. The claim is conditional on the delivery being due (or queued) with that attempt still to
 * come: of several copies of a hint, one gets the attempt. A manual attempt is never queued; over the limits the delivery
 * stays due. After a crash the lease expires and the delivery is due again.
 */
export const claimAttempt = async (
  platform: DispatchPlatform,
  delivery: Item<'DELIVERY'>,
): Promise<ClaimResult> => {
  const { limiterStore, fairShare, ids, policy } = platform;
  const token = ids.next();
  const leaseMs = policy.webhookTimeoutMs + leaseGraceMs;
  const { project, endpoint } = delivery;
  const updated = await limiterStore.update(project, endpoint, (snapshot) =>
    decideClaim(fairShare, delivery, { token, leaseMs }, snapshot),
  );
  if (updated.outcome === 'refused') return { outcome: 'lost' };
  return updated.outcome === 'endpoint_deleted' ? { outcome: 'endpoint_deleted' } : updated.value;
};

/**
 * Claims the next attempt of a delivery with a slot of this process's block, without a write of the limiter. Conditional like
 * `claimAttempt`. The lease ends with the block at the latest.
 */
export const claimInBlock = async (
  platform: DispatchPlatform,
  block: SlotBlock,
  delivery: Item<'DELIVERY'>,
  notification?: Notification,
): Promise<ClaimResult> => {
  const { clock, ids, policy } = platform;
  const now = clock.now();
  const token = ids.next();
  const until = Math.min(now + policy.webhookTimeoutMs + leaseGraceMs, block.until);
  const claimed = withLease(delivery, token, until);
  let isClaimed = false;
  block.take();
  try {
    const steps = claimWrites(claimed, delivery, isStillToClaim(delivery, now));
    isClaimed = (await commit(platform, steps)).committed;
  } finally {
    if (!isClaimed) block.release();
  }
  if (!isClaimed) return { outcome: 'lost' };
  const trigger = claimed.leaseTrigger ?? 'schedule';
  return {
    outcome: 'claimed',
    claim: {
      delivery: claimed,
      endpoint: block.endpoint,
      token,
      trigger,
      block,
      ...(notification && { notification }),
    },
  };
};
