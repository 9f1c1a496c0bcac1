import type { Attempt } from './attempt.ts';
import { type Delivery, isFinal } from './delivery.ts';

/** New state of a delivery; without `dueAt` no attempt is scheduled. */
export interface Transition {
  delivery: Delivery;
  dueAt?: number;
}

/** Removes the lease, the place in the backlog, the block by order and the recovery. */
const withoutLease = (delivery: Delivery): Delivery => {
  const {
    token: _,
    leaseUntil: __,
    leaseTrigger: ___,
    previousState: ____,
    queuedPriority: _____,
    blocked: ______,
    recovery: _______,
    stateBeforeRecovery: ________,
    ...rest
  } = delivery;
  return rest;
};

const ended = (
  delivery: Delivery,
  state: 'succeeded' | 'exhausted' | 'cancelled',
  now: number,
): Transition => {
  const { nextAt: _, manualRequested: __, ...rest } = withoutLease(delivery);
  return { delivery: { ...rest, state, updatedAt: now, completedAt: now } };
};

/** For a delivery whose endpoint or notification is gone. */
export const cancelled = (delivery: Delivery, now: number): Transition =>
  ended(delivery, 'cancelled', now);

/** Ends the delivery, except for an extra attempt requested meanwhile, which is due at once. */
const toFinalUnlessManual = (
  delivery: Delivery,
  state: 'succeeded' | 'exhausted' | 'cancelled',
  now: number,
): Transition => {
  const { manualRequested } = delivery;
  const over = ended(delivery, state, now);
  return manualRequested ? { delivery: { ...over.delivery, manualRequested }, dueAt: now } : over;
};

/** Restores the state before a recovery; a delivery that the recovery created is cancelled. */
export const beforeRecovery = (delivery: Delivery, now: number): Transition =>
  toFinalUnlessManual(delivery, delivery.stateBeforeRecovery ?? 'cancelled', now);

/** Schedules the next attempt; an extra attempt requested meanwhile is due at once. */
const pending = (delivery: Delivery, nextAt: number, now: number): Transition => ({
  delivery: { ...withoutLease(delivery), state: 'pending', nextAt, updatedAt: now },
  dueAt: delivery.manualRequested ? now : nextAt,
});

/** After a failed extra attempt: state and schedule are as before it. */
const restorePrevious = (delivery: Delivery, now: number): Transition => {
  const { previousState = 'pending', nextAt = now } = delivery;
  if (previousState === 'pending') return pending(delivery, nextAt, now);
  return {
    delivery: { ...withoutLease(delivery), state: previousState, updatedAt: now },
    ...(delivery.manualRequested ? { dueAt: now } : {}),
  };
};

/**
 * Applies the result of an attempt to a leased delivery: succeeded, pending with a next attempt, or exhausted.
 * @param delayMs until the next attempt of the schedule; undefined when none is left
 */
export const afterSend = (
  leased: Delivery,
  { ok, status, error }: Pick<Attempt, 'ok' | 'status' | 'error'>,
  delayMs: number | undefined,
  now: number,
): Transition => {
  const { lastStatus: _, lastError: __, ...rest } = leased;
  const delivery: Delivery = {
    ...rest,
    ...(status === undefined ? {} : { lastStatus: status }),
    ...(error === undefined ? {} : { lastError: error }),
  };
  if (ok) return ended(delivery, 'succeeded', now);
  const { previousState = 'pending', leaseTrigger, scheduledAttempts } = leased;
  if (leaseTrigger === 'manual' || isFinal({ state: previousState }))
    return restorePrevious(delivery, now);
  const tried = { ...delivery, scheduledAttempts: scheduledAttempts + 1 };
  if (delayMs !== undefined && leaseTrigger !== 'test') return pending(tried, now + delayMs, now);
  return toFinalUnlessManual(tried, 'exhausted', now);
};
