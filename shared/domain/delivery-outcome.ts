import type { Attempt } from './attempt.ts';
import { type Delivery, isOver } from './delivery.ts';

/** A delivery after an attempt; `dueAt` is when it goes on by itself. */
export interface Outcome {
  delivery: Delivery;
  dueAt?: number;
}

/** Nobody works on it any more, and it stands nowhere. */
const atRest = (delivery: Delivery): Delivery => {
  const {
    token: _,
    leaseUntil: __,
    trying: ___,
    before: ____,
    parked: _____,
    waits: ______,
    recovery: _______,
    recovered: ________,
    ...rest
  } = delivery;
  return rest;
};

const ended = (
  delivery: Delivery,
  state: 'succeeded' | 'exhausted' | 'cancelled',
  now: number,
): Outcome => {
  const { nextAt: _, extra: __, ...rest } = atRest(delivery);
  return { delivery: { ...rest, state, updatedAt: now, completedAt: now } };
};

/** It will never be tried: its endpoint or its notification is gone, or the recovery that made it was cancelled. */
export const cancelled = (delivery: Delivery, now: number): Outcome =>
  ended(delivery, 'cancelled', now);

/** Its life is over, but for the attempt that was asked for by hand meanwhile. */
const endedUnlessAsked = (
  delivery: Delivery,
  state: 'succeeded' | 'exhausted' | 'cancelled',
  now: number,
): Outcome => {
  const { extra } = delivery;
  const over = ended(delivery, state, now);
  return extra ? { delivery: { ...over.delivery, extra }, dueAt: now } : over;
};

/** As it was before the recovery that put it in line. */
export const unrecovered = (delivery: Delivery, now: number): Outcome =>
  endedUnlessAsked(delivery, delivery.recovered ?? 'cancelled', now);

/** Waits for the next attempt; one that was asked for meanwhile comes at once. */
const pending = (delivery: Delivery, nextAt: number, now: number): Outcome => ({
  delivery: { ...atRest(delivery), state: 'pending', nextAt, updatedAt: now },
  dueAt: delivery.extra ? now : nextAt,
});

/** An extra attempt that failed leaves everything as it was. */
const asBefore = (delivery: Delivery, now: number): Outcome => {
  const { before = 'pending', nextAt = now } = delivery;
  if (before === 'pending') return pending(delivery, nextAt, now);
  return {
    delivery: { ...atRest(delivery), state: before, updatedAt: now },
    ...(delivery.extra ? { dueAt: now } : {}),
  };
};

/**
 * What an attempt makes of a leased delivery.
 * @param delayMs until the next attempt of the schedule; undefined when none is left
 */
export const afterAttempt = (
  leased: Delivery,
  { ok, status, error }: Pick<Attempt, 'ok' | 'status' | 'error'>,
  delayMs: number | undefined,
  now: number,
): Outcome => {
  const { lastStatus: _, lastError: __, ...rest } = leased;
  const delivery: Delivery = {
    ...rest,
    ...(status === undefined ? {} : { lastStatus: status }),
    ...(error === undefined ? {} : { lastError: error }),
  };
  if (ok) return ended(delivery, 'succeeded', now);
  const { before = 'pending', trying, tries } = leased;
  if (trying === 'manual' || isOver({ state: before })) return asBefore(delivery, now);
  const tried = { ...delivery, tries: tries + 1 };
  if (delayMs !== undefined && trying !== 'test') return pending(tried, now + delayMs, now);
  return endedUnlessAsked(tried, 'exhausted', now);
};
