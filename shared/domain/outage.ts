import type { ErrorInfo } from './errors.ts';

/**
 * An outage of the language model: the state of the installation's circuit breaker. The breaker is closed when there is no
 * record or the record has ended. Times in ms since 1970.
 */
export interface Outage {
  /** Rises with every write, for optimistic concurrency: each transition is decided on the newest state. */
  version: number;
  since: number;
  /** Consecutive failures: of the request that opened the breaker, and of probes. */
  failures: number;
  /** Earliest time of the next probe. No turn is decided until a probe succeeds. */
  retryAt: number;
  /** Lease of the probe in flight: from then on another process may probe. */
  probeUntil?: number;
  error: ErrorInfo;
  endedAt?: number;
}

/** A failure of the model that is not caused by the turn. */
export interface ServiceFailure {
  code: string;
  message: string;
  retryAfterMs?: number;
}

const firstPauseMs = 1_000;
const maxPauseMs = 60_000;
/** Bound of the pause that the model's server may ask for. */
const maxRetryAfterMs = 900_000;
/** Time limit of a probe. The probe's lease is somewhat longer. */
export const probeMs = 30_000;
const probeLeaseMs = probeMs + 10_000;
/** Share of the pause over which waiting scopes are spread, so that they do not retry all at once. */
const jitter = 0.25;
const minJitterMs = 250;

const backoffMs = (failures: number): number =>
  Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));

const pauseMs = (failures: number, retryAfterMs = 0): number =>
  Math.min(maxRetryAfterMs, Math.max(retryAfterMs, backoffMs(failures)));

export const isOpen = (outage: Outage | undefined): outage is Outage =>
  outage !== undefined && outage.endedAt === undefined;

/** Whether a failure continues the outage: the model worked for less time than the last pause. */
const isRelapse = ({ endedAt, failures }: Outage, now: number): boolean =>
  endedAt === undefined || now < endedAt + backoffMs(failures);

/** Returns the outage after one more failure, of a turn's request or of a probe. */
export const afterFailure = (
  before: Outage | undefined,
  { code, message, retryAfterMs }: ServiceFailure,
  now: number,
): Outage => {
  const ongoing = before && isRelapse(before, now) ? before : undefined;
  const failures = (ongoing?.failures ?? 0) + 1;
  return {
    version: (before?.version ?? 0) + 1,
    since: ongoing?.since ?? now,
    failures,
    retryAt: now + pauseMs(failures, retryAfterMs),
    error: { code, message, retryable: true },
  };
};

/** Returns the outage with the lease of a probe; undefined when it is too early or another process is probing. */
export const claimedForProbe = (outage: Outage, now: number): Outage | undefined =>
  outage.retryAt <= now && (outage.probeUntil ?? 0) <= now
    ? { ...outage, version: outage.version + 1, probeUntil: now + probeLeaseMs }
    : undefined;

/** Returns the outage after an interrupted probe: any process may probe at once. */
export const afterBrokenProbe = ({ probeUntil: _, ...outage }: Outage): Outage => ({
  ...outage,
  version: outage.version + 1,
});

/** Returns the outage after a probe that succeeded: the breaker is closed. */
export const afterGoodProbe = ({ probeUntil: _, ...outage }: Outage, now: number): Outage => ({
  ...outage,
  version: outage.version + 1,
  endedAt: now,
});

/** Returns when a waiting scope checks the breaker again: after the next probe, with jitter. */
export const nextCheckAt = (outage: Outage, now: number, random: number): number => {
  const probing = outage.probeUntil === undefined ? now : now + backoffMs(outage.failures);
  const at = Math.max(outage.retryAt, probing);
  return Math.ceil(at + random * Math.max(minJitterMs, jitter * (at - now)));
};
