/**
 * Circuit breaker of an endpoint. Closed: attempts are made. Open: none is made until `openUntil`, then one probe decides.
 * Half-open, after a successful probe: attempts are made up to `halfOpenLimit`.
 */
export interface Breaker {
  /** Connection failures in a row; any HTTP response resets the count. */
  consecutiveFailures: number;
  /** Sliding window: outcomes of the last minute in spans of ten seconds; `at` is the start of the span. */
  buckets: { at: number; successes: number; failures: number }[];
  /** Times the breaker opened since it was last fully closed. */
  opened: number;
  /** No attempt before this time but manual ones; absent when closed or half-open. */
  openUntil?: number;
  /** Limit on attempts in flight while half-open. */
  halfOpenLimit?: number;
}

/** Result of an attempt, as far as it concerns the endpoint. */
export interface CallResult {
  ok: boolean;
  /** There was no HTTP response. */
  unreachable: boolean;
  /** The attempt was the probe of an open breaker; any other result while open is of an attempt that began earlier. */
  probe: boolean;
}

const failureThreshold = 5;
const spanMs = 10_000;
const windowMs = 60_000;
const minCalls = 20;
const firstOpenMs = 30_000;
const maxOpenMs = 900_000;

export const closedBreaker = (): Breaker => ({ consecutiveFailures: 0, buckets: [], opened: 0 });

const counted = (
  buckets: Breaker['buckets'],
  { ok }: Pick<CallResult, 'ok'>,
  now: number,
  calls = 1,
): Breaker['buckets'] => {
  const at = now - (now % spanMs);
  const recent = buckets.filter((span) => span.at > now - windowMs && span.at !== at);
  const current = buckets.find((span) => span.at === at) ?? { at, successes: 0, failures: 0 };
  return [
    ...recent,
    {
      at,
      successes: current.successes + (ok ? calls : 0),
      failures: current.failures + (ok ? 0 : calls),
    },
  ];
};

/** Counts successes of a closed breaker, which never open it. */
export const recordSuccesses = (breaker: Breaker, calls: number, now: number): Breaker => ({
  ...breaker,
  consecutiveFailures: 0,
  buckets: counted(breaker.buckets, { ok: true }, now, calls),
});

const isFailing = ({ consecutiveFailures, buckets }: Breaker): boolean => {
  const failures = buckets.reduce((sum, span) => sum + span.failures, 0);
  const calls = buckets.reduce((sum, span) => sum + span.failures + span.successes, 0);
  return consecutiveFailures >= failureThreshold || (calls >= minCalls && failures * 2 > calls);
};

const opened = (breaker: Breaker, now: number): Breaker => {
  const pause = Math.min(maxOpenMs, firstOpenMs * 2 ** Math.min(breaker.opened, 10));
  return {
    consecutiveFailures: 0,
    buckets: [],
    opened: breaker.opened + 1,
    openUntil: now + pause,
  };
};

/** Doubles the limit with every success until it reaches the endpoint's own, which closes the breaker. */
const halfOpenStep = (breaker: Breaker, limit: number): Breaker => {
  const halfOpenLimit = (breaker.halfOpenLimit ?? 1) * 2;
  if (halfOpenLimit >= limit) return { ...closedBreaker(), buckets: breaker.buckets };
  return {
    consecutiveFailures: 0,
    buckets: breaker.buckets,
    opened: breaker.opened,
    halfOpenLimit,
  };
};

/** Records a result. A failed probe, or any failure while half-open, opens the breaker again, twice as long. */
export const recordResult = (
  breaker: Breaker,
  result: CallResult,
  { now, limit }: { now: number; limit: number },
): Breaker => {
  const isOpen = breaker.openUntil !== undefined;
  const isHalfOpen = isOpen || breaker.halfOpenLimit !== undefined;
  if (isHalfOpen && !result.ok) return isOpen && !result.probe ? breaker : opened(breaker, now);
  const next: Breaker = {
    ...breaker,
    consecutiveFailures: result.unreachable ? breaker.consecutiveFailures + 1 : 0,
    buckets: counted(breaker.buckets, result, now),
  };
  if (isHalfOpen) return halfOpenStep(next, limit);
  return isFailing(next) ? opened(next, now) : next;
};
