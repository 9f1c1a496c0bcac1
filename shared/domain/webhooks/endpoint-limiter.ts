import { type Breaker, type CallResult, closedBreaker, recordResult } from './breaker.ts';
import { type Endpoint, inFlightLimit } from './endpoint.ts';
import { afterAttempt, freshHealth, type Health } from './endpoint-health.ts';

/** The right to have one attempt in flight. It runs out by itself, so a crash leaks nothing. */
interface Slot {
  token: string;
  until: number;
  /** Let through by an open breaker, to find out. */
  probe?: boolean;
}

/**
 * What decides whether an endpoint may be tried now. While anything is parked behind it, and its endpoint is active, it
 * has the one due time for all of that.
 */
export interface EndpointLimiter {
  endpoint: string;
  project: string;
  /** Rises with every write. */
  version: number;
  slots: readonly Slot[];
  /** With a rate limit: when the next attempt may begin. */
  nextAllowedAt?: number;
  breaker: Breaker;
  health: Health;
  /** Deliveries of this rank in line, or of higher ones, may be parked behind it; absent when none is. */
  headPriority?: number;
  /** How often something was: whoever finds nothing parked must know that nothing came meanwhile. */
  backlogVersion: number;
  /** Its endpoint was deleted: what is parked is cancelled. */
  endpointDeleted?: boolean;
}

export const newLimiter = ({ id, project }: Endpoint, now: number): EndpointLimiter => ({
  endpoint: id,
  project,
  version: 1,
  slots: [],
  breaker: closedBreaker(),
  health: freshHealth(now),
  backlogVersion: 0,
});

/** As after a change of URL or a re-enabling: what was held against the endpoint is forgotten. */
export const resetLimiter = (
  { nextAllowedAt: _, ...limiter }: EndpointLimiter,
  now: number,
): EndpointLimiter => ({
  ...limiter,
  breaker: closedBreaker(),
  health: freshHealth(now),
});

/** Who asks to pass. What a customer asks for by hand is not held back by a pause or a breaker. */
export interface AcquireRequest {
  /** Rank in line, for those who are not in it yet: they stay behind those who are. */
  priority?: number;
  token: string;
  /** When its slot runs out. */
  until: number;
  isManual: boolean;
}

const withoutExpired = (limiter: EndpointLimiter, now: number): EndpointLimiter => ({
  ...limiter,
  slots: limiter.slots.filter(({ until }) => until > now),
});

const limitOf = (limiter: EndpointLimiter, endpoint: Endpoint): number =>
  Math.min(inFlightLimit(endpoint), limiter.breaker.halfOpenLimit ?? Number.POSITIVE_INFINITY);

/** From when on time alone lets one pass: an open breaker and the rate limit have a say. */
const notBefore = (
  { breaker, nextAllowedAt }: EndpointLimiter,
  now: number,
  isManual: boolean,
): number => Math.max(isManual ? now : (breaker.openUntil ?? now), nextAllowedAt ?? now);

/** All slots are taken, or the only one that a probe may have. */
const isFull = (limiter: EndpointLimiter, endpoint: Endpoint, isManual: boolean): boolean => {
  const isProbing =
    limiter.breaker.openUntil !== undefined && limiter.slots.some(({ probe }) => probe === true);
  return limiter.slots.length >= limitOf(limiter, endpoint) || (isProbing && !isManual);
};

/**
 * Lets an attempt pass, with a slot of its own, or not: because the gate is `shut`, by pause, breaker, in-flight cap or
 * rate limit, or because others stand in line before it.
 */
export const tryAcquire = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  { priority, token, until, isManual }: AcquireRequest,
  now: number,
): { outcome: 'claimed' | 'queued_limited' | 'queued_behind'; limiter: EndpointLimiter } => {
  const limiter = withoutExpired(before, now);
  const isHeld = endpoint.status !== 'active' && !isManual;
  if (isHeld || isFull(limiter, endpoint, isManual) || notBefore(limiter, now, isManual) > now)
    return { outcome: 'queued_limited', limiter };
  if (
    priority !== undefined &&
    limiter.headPriority !== undefined &&
    priority >= limiter.headPriority &&
    !isManual
  )
    return { outcome: 'queued_behind', limiter };
  const probe = limiter.breaker.openUntil !== undefined && !isManual;
  const { rateLimit } = endpoint;
  return {
    outcome: 'claimed',
    limiter: {
      ...limiter,
      slots: [...limiter.slots, { token, until, ...(probe ? { probe } : {}) }],
      ...(rateLimit === undefined ? {} : { nextAllowedAt: now + Math.ceil(1_000 / rateLimit) }),
    },
  };
};

/** How many may pass now, and, when the clock alone keeps them from it, from when on one may. */
export const availableSlots = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  now: number,
): { freeSlots: number; availableAt?: number } => {
  const limiter = withoutExpired(before, now);
  if (endpoint.status !== 'active' || isFull(limiter, endpoint, false)) return { freeSlots: 0 };
  const timed = notBefore(limiter, now, false);
  if (timed > now) return { freeSlots: 0, availableAt: timed };
  const isSingle = endpoint.rateLimit !== undefined || limiter.breaker.openUntil !== undefined;
  return { freeSlots: isSingle ? 1 : limitOf(limiter, endpoint) - limiter.slots.length };
};

/** How many of those that just came may ask to pass; where not a slot but the clock or the customer is waited for, all. */
export const freeSlotsForBuffer = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  now: number,
): number => {
  const limiter = withoutExpired(before, now);
  const isHeld = endpoint.status !== 'active' || notBefore(limiter, now, false) > now;
  return isHeld
    ? Number.POSITIVE_INFINITY
    : Math.max(0, limitOf(limiter, endpoint) - limiter.slots.length);
};

/** Takes note that something of that rank is parked from now on. */
export const markQueued = (limiter: EndpointLimiter, priority: number): EndpointLimiter => ({
  ...limiter,
  headPriority: Math.min(priority, limiter.headPriority ?? priority),
  backlogVersion: limiter.backlogVersion + 1,
});

/** Takes note of what stands first in line, if nothing joined since it was looked at. */
export const setHeadPriority = (
  limiter: EndpointLimiter,
  headPriority: number | undefined,
  backlogVersion: number,
): EndpointLimiter => {
  if (limiter.backlogVersion !== backlogVersion) return limiter;
  const { headPriority: _, ...rest } = limiter;
  return headPriority === undefined ? rest : { ...rest, headPriority };
};

/** Gives a slot back of which nothing came. */
export const withoutSlot = (limiter: EndpointLimiter, token: string): EndpointLimiter => ({
  ...limiter,
  slots: limiter.slots.filter((slot) => slot.token !== token),
});

/** Gives a slot back and takes in how the attempt went. */
export const release = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  token: string,
  outcome: Omit<CallResult, 'probe'> & { notification: string },
  now: number,
): EndpointLimiter => {
  const probe = before.slots.some((slot) => slot.token === token && slot.probe === true);
  const limiter = withoutExpired(before, now);
  return {
    ...withoutSlot(limiter, token),
    breaker: recordResult(
      limiter.breaker,
      { ...outcome, probe },
      { now, limit: inFlightLimit(endpoint) },
    ),
    health: afterAttempt(limiter.health, outcome, now),
  };
};

/** Whoever gave a slot back goes on with what is parked; should it have died, it is missed after this. */
const successorGraceMs = 5_000;

/** When to look at what is parked. `opens`: by the clock alone, with nobody at work who would look by himself. */
export interface Wakeup {
  at: number;
  onTimer: boolean;
}

/** Undefined when nothing is parked, or only a resumption can help. */
export const nextWakeup = (
  before: EndpointLimiter,
  endpoint: Endpoint | undefined,
  now: number,
): Wakeup | undefined => {
  if (!endpoint) return before.endpointDeleted ? { at: now, onTimer: true } : undefined;
  if (before.headPriority === undefined || endpoint.status !== 'active') return undefined;
  const limiter = withoutExpired(before, now);
  const timed = notBefore(limiter, now, false);
  if (isFull(limiter, endpoint, false))
    return {
      at: Math.max(timed, Math.min(...limiter.slots.map(({ until }) => until))),
      onTimer: false,
    };
  return timed > now
    ? { at: timed, onTimer: true }
    : { at: now + successorGraceMs, onTimer: false };
};
