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
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { put, remove, update } from '../steps.ts';
import { deliveryIsDue, deliveryIsQueued } from './conditions.ts';
import type { LimiterSnapshot, LimiterUpdateResult, WithLimiterStore } from './limiter-store.ts';

/** Lease of one attempt. The token is its fencing token; after `leaseUntil` another worker may claim the attempt. */
export interface AttemptLease {
  /** The delivery as written by this claim; `attempts` is the number of this attempt. */
  delivery: Item<'DELIVERY'>;
  endpoint: Endpoint;
  token: string;
  trigger: Trigger;
}

/**
 * `queued_limited`: over the endpoint's limits, now in its backlog; the loop that frees a slot reads the backlog.
 * `queued_behind`: within the limits, but older deliveries come first; now in the backlog. `limited`: a manual attempt over
 * the limits; stays due. `lost`: claimed elsewhere, or final. `endpoint_deleted`.
 */
export type ClaimResult =
  | { outcome: 'claimed'; claim: AttemptLease }
  | { outcome: 'queued_limited' | 'queued_behind' | 'limited' | 'lost' | 'endpoint_deleted' };

/** Limit on the attempts in flight of a process, shared equally by its active endpoints. */
export interface FairShare {
  /** Counts an endpoint as active until the returned function is called. */
  join(): () => void;
  /** The endpoint with `maxInFlight` reduced to its share. */
  limit(endpoint: Endpoint): Endpoint;
}

/** Attempts in flight in one process. Every active endpoint may have one, even beyond this. */
const maxInFlightOfProcess = 1_024;

/** Bulkhead: receivers that never answer cannot take the sockets and memory of the others. */
export const createFairShare = (): FairShare => {
  let activeEndpoints = 0;
  return {
    join() {
      activeEndpoints += 1;
      return () => {
        activeEndpoints -= 1;
      };
    },
    limit(endpoint) {
      const share = Math.max(1, Math.floor(maxInFlightOfProcess / Math.max(1, activeEndpoints)));
      return share < endpoint.maxInFlight ? { ...endpoint, maxInFlight: share } : endpoint;
    },
  };
};

/** A platform with the state that one dispatcher claims attempts with. */
export type DispatchPlatform = WithLimiterStore<WebhookPlatform> & { fairShare: FairShare };

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

/** Decides a claim on a snapshot of the limiter: claimed, queued, or left due. */
const decideClaim = (
  fairShare: FairShare,
  delivery: Item<'DELIVERY'>,
  { token, leaseMs }: { token: string; leaseMs: number },
  { limiter, endpoint, now }: LimiterSnapshot,
): LimiterUpdateResult<ClaimResult> => {
  if (!endpoint) return { limiter, value: { outcome: 'endpoint_deleted' } };
  const { queuedPriority, attempts } = delivery;
  const until = now + leaseMs;
  const isManual = hasManualTrigger(delivery);
  const place = queuedPriority === undefined ? { priority: priorityOf(delivery) } : {};
  const scope = endpoint.ordered ? orderedScopeOf(delivery) : {};
  const request = { token, until, isManual, ...place, ...scope };
  const acquired = tryAcquire(limiter, fairShare.limit(endpoint), request, now);
  const when =
    queuedPriority === undefined
      ? deliveryIsDue(delivery, now)
      : deliveryIsQueued(attempts, queuedPriority);
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
