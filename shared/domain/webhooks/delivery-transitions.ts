import type { Attempt } from './attempt.ts';
import { type Delivery, isFinal } from './delivery.ts';

/** A delivery after an attempt; `dueAt` is when it goes on by itself. */
export interface Transition {
  delivery: Delivery;
  dueAt?: number;
}

/** Nobody works on it any more, and it stands nowhere. */
const withoutLease = (delivery: Delivery): Delivery => {
  const {
    token: _,
    leaseUntil: __,
    leaseTrigger: ___,
    previousState: ____,
    queuedPriority: _____,
    waits: ______,
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

/** It will never be tried: its endpoint or its notification is gone, or the recovery that made it was cancelled. */
export const cancelled = (delivery: Delivery, now: number): Transition =>
  ended(delivery, 'cancelled', now);

/** Its life is over, but for the attempt that was asked for by hand meanwhile. */
const toFinalUnlessManual = (
  delivery: Delivery,
  state: 'succeeded' | 'exhausted' | 'cancelled',
  now: number,
): Transition => {
  const { manualRequested } = delivery;
  const over = ended(delivery, state, now);
  return manualRequested ? { delivery: { ...over.delivery, manualRequested }, dueAt: now } : over;
};

/** As it was before the recovery that put it in line. */
export const unrecovered = (delivery: Delivery, now: number): Transition =>
  toFinalUnlessManual(delivery, delivery.stateBeforeRecovery ?? 'cancelled', now);

/** Waits for the next attempt; one that was asked for meanwhile comes at once. */
const pending = (delivery: Delivery, nextAt: number, now: number): Transition => ({
  delivery: { ...withoutLease(delivery), state: 'pending', nextAt, updatedAt: now },
  dueAt: delivery.manualRequested ? now : nextAt,
});

/** An extra attempt that failed leaves everything as it was. */
const asBefore = (delivery: Delivery, now: number): Transition => {
  const { previousState = 'pending', nextAt = now } = delivery;
  if (previousState === 'pending') return pending(delivery, nextAt, now);
  return {
    delivery: { ...withoutLease(delivery), state: previousState, updatedAt: now },
    ...(delivery.manualRequested ? { dueAt: now } : {}),
  };
};

/**
 * What an attempt makes of a leased delivery.
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
    return asBefore(delivery, now);
  const tried = { ...delivery, scheduledAttempts: scheduledAttempts + 1 };
  if (delayMs !== undefined && leaseTrigger !== 'test') return pending(tried, now + delayMs, now);
  return toFinalUnlessManual(tried, 'exhausted', now);
};
