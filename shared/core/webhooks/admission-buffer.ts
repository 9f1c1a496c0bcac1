import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, deliveryKeyOf, endpointKey, limiterKey } from '../../domain/table/keys.ts';
import { freeSlotsForBuffer } from '../../domain/webhooks/endpoint-limiter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import { type AttemptLease, claimAttempt, type DispatchPlatform } from './claim-attempt.ts';
import { cancelDelivery } from './record-attempt.ts';

/** How long a delivery waits in memory for a slot before it is moved to the backlog. */
const maxWaitMs = 2_000;
/** Once one delivery has timed out, younger ones of this age go with it, in the same transaction. */
const timeoutBatchMs = 250;
/** Deliveries claimed concurrently. */
const maxPerRound = 64;
/** When a manual attempt over the limits is tried again. */
const manualRetryDelayMs = 1_000;

/** Buffer of deliveries whose hints arrived, in memory only. Each delivery stays due in the store, so a crash loses none. */
export interface AdmissionBuffer {
  add(delivery: string): void;
  /** Removes and returns the first `freeSlots` ids and every id that has timed out, at most `max`. */
  take(freeSlots: number, max: number): string[];
  /** Returns the first ids without removing them. */
  first(max: number): string[];
  size(): number;
  /** When the oldest id times out. */
  nextTimeoutAt(): number;
}

export const createAdmissionBuffer = ({ now }: Pick<Clock, 'now'>): AdmissionBuffer => {
  const enqueuedAt = new Map<string, number>();
  return {
    add(delivery) {
      if (!enqueuedAt.has(delivery)) enqueuedAt.set(delivery, now());
    },
    take(freeSlots, max) {
      const taken: string[] = [];
      let timeout = maxWaitMs;
      for (const [delivery, at] of enqueuedAt) {
        const hasTimedOut = at + timeout <= now();
        if (hasTimedOut) timeout = timeoutBatchMs;
        if (taken.length === max || (taken.length >= freeSlots && !hasTimedOut)) break;
        taken.push(delivery);
        enqueuedAt.delete(delivery);
      }
      return taken;
    },
    first: (max) => [...enqueuedAt.keys()].slice(0, max),
    size: () => enqueuedAt.size,
    nextTimeoutAt() {
      const [first = Number.POSITIVE_INFINITY] = enqueuedAt.values();
      return first + maxWaitMs;
    },
  };
};

/** Auto-reset event for one waiter. A `set()` between two waits is not lost: the next wait returns at once. */
export interface AutoResetEvent {
  set(): void;
  wait(timeout?: Promise<void>): Promise<void>;
  isSet(): boolean;
}

export const createAutoResetEvent = (): AutoResetEvent => {
  let isSet = false;
  let wake = (): void => {};
  return {
    set() {
      isSet = true;
      wake();
    },
    async wait(timeout) {
      const signalled = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!isSet) await (timeout ? Promise.race([signalled, timeout]) : signalled);
      isSet = false;
    },
    isSet: () => isSet,
  };
};

const requeueLater = async (
  platform: WebhookPlatform,
  { project, id }: Item<'DELIVERY'>,
  delayMs: number,
): Promise<void> => {
  if (delayMs > maxQueueDelayMs) return;
  await enqueueHints(platform, [hints.delivery(project, id)], delayMs);
};

const claimNow = async (
  platform: DispatchPlatform,
  delivery: Item<'DELIVERY'>,
): Promise<AttemptLease[]> => {
  const { project, notification, endpoint } = delivery;
  const result = await claimAttempt(platform, delivery);
  if (result.outcome === 'claimed') return [result.claim];
  if (result.outcome === 'limited') await requeueLater(platform, delivery, manualRetryDelayMs);
  if (result.outcome === 'endpoint_deleted')
    await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  return [];
};

/**
 * Claims the attempt a delivery is due for. Returns nothing when another worker has it, the delivery is final, or it was
 * moved to the backlog. Safe to repeat and to run concurrently: the claim is conditional.
 */
export const claimIfDue = async (
  platform: DispatchPlatform,
  delivery: Item<'DELIVERY'>,
): Promise<AttemptLease[]> => {
  if (delivery.dueAt === undefined) return [];
  const wait = delivery.dueAt - platform.clock.now();
  if (wait <= 0) return claimNow(platform, delivery);
  if (delivery.state !== 'leased') await requeueLater(platform, delivery, wait);
  return [];
};

/**
 * Takes as many deliveries from the buffer as there are free slots, and every one that has waited too long or is blocked by
 * a pause, the rate limit or the breaker: the claim moves these to the backlog.
 * @param slotsAboutToFree slots that finished attempts are about to release
 */
export const takeBuffered = async (
  { store, clock, fairShare }: DispatchPlatform,
  project: string,
  endpoint: string,
  buffer: AdmissionBuffer,
  slotsAboutToFree: number,
): Promise<Item<'DELIVERY'>[]> => {
  const [limiter, stored] = await Promise.all([
    store.get(limiterKey(project, endpoint)),
    store.get(endpointKey(project, endpoint)),
  ]);
  const freeSlots =
    limiter && stored
      ? freeSlotsForBuffer(limiter, fairShare.limit(stored), clock.now())
      : maxPerRound;
  const taken = buffer.take(freeSlots + slotsAboutToFree, maxPerRound);
  const keys = taken.flatMap((delivery) => deliveryKeyOf(project, delivery) ?? []);
  return (await store.getMany(keys)).filter((delivery) => delivery !== undefined);
};
