/** Whether an endpoint is worth trying. While `open` nobody tries it; then one probe decides. */
export interface Breaker {
  /** Connection failures in a row. */
  consecutiveFailures: number;
  /** Outcomes of the last minute, in spans of ten seconds; `at` is the start of the span. */
  buckets: { at: number; successes: number; bad: number }[];
  /** Times it opened since it was last fully closed. */
  opened: number;
  /** Nobody tries before; gone once closed. */
  openUntil?: number;
  /** In-flight cap while it is closing; gone once fully closed. */
  halfOpenLimit?: number;
}

/** What an attempt says about its endpoint. */
export interface CallResult {
  ok: boolean;
  /** No HTTP answer came at all. */
  unreachable: boolean;
  /** It was let through to find out; whatever else fails while the breaker is open had begun before. */
  probe: boolean;
}

const failureThreshold = 5;
const spanMs = 10_000;
const windowMs = 60_000;
const minCalls = 20;
const firstOpenMs = 30_000;
const longestOpenMs = 900_000;

export const closedBreaker = (): Breaker => ({ consecutiveFailures: 0, buckets: [], opened: 0 });

const counted = (
  buckets: Breaker['buckets'],
  { ok }: CallResult,
  now: number,
): Breaker['buckets'] => {
  const at = now - (now % spanMs);
  const recent = buckets.filter((span) => span.at > now - windowMs && span.at !== at);
  const current = buckets.find((span) => span.at === at) ?? { at, successes: 0, bad: 0 };
  return [
    ...recent,
    { at, successes: current.successes + (ok ? 1 : 0), bad: current.bad + (ok ? 0 : 1) },
  ];
};

const isFailing = ({ consecutiveFailures, buckets }: Breaker): boolean => {
  const bad = buckets.reduce((sum, span) => sum + span.bad, 0);
  const all = buckets.reduce((sum, span) => sum + span.bad + span.successes, 0);
  return consecutiveFailures >= failureThreshold || (all >= minCalls && bad * 2 > all);
};

const opened = (breaker: Breaker, now: number): Breaker => {
  const pause = Math.min(longestOpenMs, firstOpenMs * 2 ** Math.min(breaker.opened, 10));
  return {
    consecutiveFailures: 0,
    buckets: [],
    opened: breaker.opened + 1,
    openUntil: now + pause,
  };
};

/** After the probe succeeded the cap doubles with every success until it is the endpoint's own again. */
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

/** A failed probe, or any failure before it has closed fully, opens it again, and for longer. */
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
