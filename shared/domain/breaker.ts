/** Whether an endpoint is worth trying. While `open` nobody tries it; then one probe decides. */
export interface Breaker {
  /** Connection failures in a row. */
  streak: number;
  /** Outcomes of the last minute, in spans of ten seconds; `at` is the start of the span. */
  spans: { at: number; good: number; bad: number }[];
  /** Times it opened since it was last fully closed. */
  opened: number;
  /** Nobody tries before; gone once closed. */
  openUntil?: number;
  /** In-flight cap while it is closing; gone once fully closed. */
  ramp?: number;
}

/** What an attempt says about its endpoint. */
export interface Verdict {
  ok: boolean;
  /** No HTTP answer came at all. */
  unreachable: boolean;
  /** It was let through to find out; whatever else fails while the breaker is open had begun before. */
  probe: boolean;
}

const streakToOpen = 5;
const spanMs = 10_000;
const windowMs = 60_000;
const sampleToOpen = 20;
const firstOpenMs = 30_000;
const longestOpenMs = 900_000;

export const closedBreaker = (): Breaker => ({ streak: 0, spans: [], opened: 0 });

const counted = (spans: Breaker['spans'], { ok }: Verdict, now: number): Breaker['spans'] => {
  const at = now - (now % spanMs);
  const recent = spans.filter((span) => span.at > now - windowMs && span.at !== at);
  const current = spans.find((span) => span.at === at) ?? { at, good: 0, bad: 0 };
  return [...recent, { at, good: current.good + (ok ? 1 : 0), bad: current.bad + (ok ? 0 : 1) }];
};

const isFailing = ({ streak, spans }: Breaker): boolean => {
  const bad = spans.reduce((sum, span) => sum + span.bad, 0);
  const all = spans.reduce((sum, span) => sum + span.bad + span.good, 0);
  return streak >= streakToOpen || (all >= sampleToOpen && bad * 2 > all);
};

const opened = (breaker: Breaker, now: number): Breaker => {
  const pause = Math.min(longestOpenMs, firstOpenMs * 2 ** Math.min(breaker.opened, 10));
  return { streak: 0, spans: [], opened: breaker.opened + 1, openUntil: now + pause };
};

/** After the probe succeeded the cap doubles with every success until it is the endpoint's own again. */
const closing = (breaker: Breaker, limit: number): Breaker => {
  const ramp = (breaker.ramp ?? 1) * 2;
  if (ramp >= limit) return { ...closedBreaker(), spans: breaker.spans };
  return { streak: 0, spans: breaker.spans, opened: breaker.opened, ramp };
};

/** A failed probe, or any failure before it has closed fully, opens it again, and for longer. */
export const judged = (
  breaker: Breaker,
  verdict: Verdict,
  { now, limit }: { now: number; limit: number },
): Breaker => {
  const isOpen = breaker.openUntil !== undefined;
  const isMending = isOpen || breaker.ramp !== undefined;
  if (isMending && !verdict.ok) return isOpen && !verdict.probe ? breaker : opened(breaker, now);
  const next: Breaker = {
    ...breaker,
    streak: verdict.unreachable ? breaker.streak + 1 : 0,
    spans: counted(breaker.spans, verdict, now),
  };
  if (isMending) return closing(next, limit);
  return isFailing(next) ? opened(next, now) : next;
};
