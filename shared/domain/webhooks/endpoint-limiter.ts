import { type Breaker, type CallResult, closedBreaker, recordResult } from './breaker.ts';
import type { Endpoint } from './endpoint.ts';
import { afterAttempt, freshHealth, type Health } from './endpoint-health.ts';

/** Lease of one attempt in flight, or of several that a process has (bulkhead); expires, so that a crash leaks nothing. */
export interface Slot {
  token: string;
  until: number;
  /** Attempts that a block allows; 0: a process waits for one. Absent: the slot of one attempt. */
  count?: number;
  /** The probe of an open breaker. */
  probe?: boolean;
  /** The ordered scope of the delivery, as a digest: no other attempt of it may start. */
  scope?: string;
}

/**
 * Decides whether an attempt may start at an endpoint: in-flight limit, rate limit, circuit breaker and backlog in one row.
 * While the backlog is not empty and the endpoint is active, the row has a due time for the whole backlog.
 */
export interface EndpointLimiter {
  endpoint: string;
  project: string;
  /** Increases with every write (optimistic concurrency). */
  version: number;
  slots: readonly Slot[];
  /** With a rate limit: start of the next attempt. */
  nextAllowedAt?: number;
  breaker: Breaker;
  health: Health;
  /** Smallest priority that the backlog may contain; absent when it is empty. */
  headPriority?: number;
  /** Increases with every delivery queued, so that a reader of an empty backlog notices a concurrent one. */
  backlogVersion: number;
  /** The endpoint was deleted, and the backlog is to be cancelled. */
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

/** Forgets breaker, health and rate limit, after a change of URL or a resumption. */
export const resetLimiter = (
  { nextAllowedAt: _, ...limiter }: EndpointLimiter,
  now: number,
): EndpointLimiter => ({
  ...limiter,
  breaker: closedBreaker(),
  health: freshHealth(now),
});

/** Request for a slot. A manual one ignores pause, breaker and backlog. */
export interface AcquireRequest {
  /** Priority of a delivery that is not queued yet: deliveries queued at this or a smaller one come first. */
  priority?: number;
  token: string;
  /** Expiry of the slot. */
  until: number;
  isManual: boolean;
  /** The ordered scope of the delivery, as a digest; absent at an endpoint without order. */
  scope?: string;
}

/** Attempts that unexpired slots and blocks allow. */
export const slotsTaken = (slots: readonly Slot[]): number =>
  slots.reduce((sum, { count = 1 }) => sum + count, 0);

export const withoutExpired = (limiter: EndpointLimiter, now: number): EndpointLimiter => ({
  ...limiter,
  slots: limiter.slots.filter(({ until }) => until > now),
});

const limitOf = (limiter: EndpointLimiter, endpoint: Endpoint): number =>
  Math.min(endpoint.maxInFlight, limiter.breaker.halfOpenLimit ?? Number.POSITIVE_INFINITY);

/** Earliest start by open breaker and rate limit. */
const notBefore = (
  { breaker, nextAllowedAt }: EndpointLimiter,
  now: number,
  isManual: boolean,
): number => Math.max(isManual ? now : (breaker.openUntil ?? now), nextAllowedAt ?? now);

/** Whether all slots are taken, or the only one that a probe may have. */
const isFull = (limiter: EndpointLimiter, endpoint: Endpoint, isManual: boolean): boolean => {
  const isProbing =
    limiter.breaker.openUntil !== undefined && limiter.slots.some(({ probe }) => probe === true);
  return slotsTaken(limiter.slots) >= limitOf(limiter, endpoint) || (isProbing && !isManual);
};

/** Ordered scopes with an attempt in flight, as digests. */
export const busyScopes = (
  { slots }: Pick<EndpointLimiter, 'slots'>,
  now: number,
): ReadonlySet<string | undefined> =>
  new Set(slots.flatMap(({ until, scope }) => (scope !== undefined && until > now ? [scope] : [])));

/**
 * Acquires a slot. `queued_limited`: the endpoint is inactive, the breaker, in-flight limit or rate limit refuses, or an
 * attempt of the same ordered scope is in flight.
 * `queued_behind`: the backlog has deliveries of this or a smaller priority, which come first.
 */
export const tryAcquire = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  { priority, token, until, isManual, scope }: AcquireRequest,
  now: number,
): { outcome: 'claimed' | 'queued_limited' | 'queued_behind'; limiter: EndpointLimiter } => {
  const limiter = withoutExpired(before, now);
  const isInactive = endpoint.status !== 'active' && !isManual;
  const isScopeBusy = !isManual && busyScopes(limiter, now).has(scope);
  if (
    isInactive ||
    isScopeBusy ||
    isFull(limiter, endpoint, isManual) ||
    notBefore(limiter, now, isManual) > now
  )
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
      slots: [
        ...limiter.slots,
        { token, until, ...(probe ? { probe } : {}), ...(scope === undefined ? {} : { scope }) },
      ],
      ...(rateLimit === undefined ? {} : { nextAllowedAt: now + Math.ceil(1_000 / rateLimit) }),
    },
  };
};

/** Slots that the backlog may take now; `availableAt`: with none, the time at which one is available by the clock alone. */
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
  return { freeSlots: isSingle ? 1 : limitOf(limiter, endpoint) - slotsTaken(limiter.slots) };
};

/**
 * Number of buffered deliveries that may try to claim. If a pause, the rate limit or an open breaker blocks, all of them: the
 * claim then moves them to the backlog.
 */
export const freeSlotsForBuffer = (
  before: EndpointLimiter,
  endpoint: Endpoint,
  now: number,
): number => {
  const limiter = withoutExpired(before, now);
  const isBlocked = endpoint.status !== 'active' || notBefore(limiter, now, false) > now;
  return isBlocked
    ? Number.POSITIVE_INFINITY
    : Math.max(0, limitOf(limiter, endpoint) - slotsTaken(limiter.slots));
};

/** Notes that a delivery of this priority is queued. */
export const markQueued = (limiter: EndpointLimiter, priority: number): EndpointLimiter => ({
  ...limiter,
  headPriority: Math.min(priority, limiter.headPriority ?? priority),
  backlogVersion: limiter.backlogVersion + 1,
});

/** Notes the smallest priority of the backlog as read at `backlogVersion`; ignored if a delivery was queued since. */
export const setHeadPriority = (
  limiter: EndpointLimiter,
  headPriority: number | undefined,
  backlogVersion: number,
): EndpointLimiter => {
  if (limiter.backlogVersion !== backlogVersion) return limiter;
  const { headPriority: _, ...rest } = limiter;
  return headPriority === undefined ? rest : { ...rest, headPriority };
};

/** Releases a slot without a result. */
export const withoutSlot = (limiter: EndpointLimiter, token: string): EndpointLimiter => ({
  ...limiter,
  slots: limiter.slots.filter((slot) => slot.token !== token),
});

/** Releases a slot and records the result in breaker and health. */
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
      { now, limit: endpoint.maxInFlight },
    ),
    health: afterAttempt(limiter.health, outcome, now),
  };
};

/** The process that released a slot is expected to serve the backlog. If it died, the sweeper takes over after this. */
const successorGraceMs = 5_000;

/** When to check the backlog. `onTimer`: maybe no attempt is in flight whose end triggers the check, so a delayed hint has to. */
export interface Wakeup {
  at: number;
  onTimer: boolean;
}

/** Undefined when the backlog is empty, or only a resumption can unblock it. */
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
      // The process that has a block may be idle.
      onTimer: limiter.slots.some(({ count }) => count !== undefined),
    };
  return timed > now
    ? { at: timed, onTimer: true }
    : { at: now + successorGraceMs, onTimer: false };
};
