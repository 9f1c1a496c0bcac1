import type { ErrorInfo } from './errors.ts';

/**
 * An outage of the language model: the state of the installation's circuit breaker. No record, or one that ended, is a
 * closed breaker. Times in ms since 1970.
 */
export interface Outage {
  /** Rises with every write: each transition is decided on the newest state. */
  version: number;
  since: number;
  /** Failures in a row: of the request that opened it, and of probes. */
  failures: number;
  /** Earliest time of the next probe; no turn is decided before one succeeded. */
  retryAt: number;
  /** A probe is under way until then at the latest. */
  probeUntil?: number;
  error: ErrorInfo;
  endedAt?: number;
}

/** A failure of the model that says nothing about a turn. */
export interface ServiceFailure {
  code: string;
  message: string;
  retryAfterMs?: number;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Longest pause that the model's server may ask for. */
const longestAskedMs = 900_000;
/** A probe is over by then; its lease runs somewhat longer. */
export const probeMs = 30_000;
const probeLeaseMs = probeMs + 10_000;
/** Share of a pause by which scopes come back spread out. */
const jitter = 0.25;
const leastJitterMs = 250;

const backoffMs = (failures: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));

const pauseMs = (failures: number, retryAfterMs = 0): number =>
  Math.min(longestAskedMs, Math.max(retryAfterMs, backoffMs(failures)));

export const isOpen = (outage: Outage | undefined): outage is Outage =>
  outage !== undefined && outage.endedAt === undefined;

/** A model that worked for less time than it was last left alone has not come back. */
const isRelapse = ({ endedAt, failures }: Outage, now: number): boolean =>
  endedAt === undefined || now < endedAt + backoffMs(failures);

/** The outage after one more failure, of a turn's request or of a probe. */
export const afterFailure = (
  before: Outage | undefined,
  { code, message, retryAfterMs }: ServiceFailure,
  now: number,
): Outage => {
  const goesOn = before && isRelapse(before, now) ? before : undefined;
  const failures = (goesOn?.failures ?? 0) + 1;
  return {
    version: (before?.version ?? 0) + 1,
    since: goesOn?.since ?? now,
    failures,
    retryAt: now + pauseMs(failures, retryAfterMs),
    error: { code, message, retryable: true },
  };
};

/** The outage while one process probes; undefined while it is too early, or another one does. */
export const claimedForProbe = (outage: Outage, now: number): Outage | undefined =>
  outage.retryAt <= now && (outage.probeUntil ?? 0) <= now
    ? { ...outage, version: outage.version + 1, probeUntil: now + probeLeaseMs }
    : undefined;

/** The outage after a probe that was broken off: anybody may probe at once. */
export const afterBrokenProbe = ({ probeUntil: _, ...outage }: Outage): Outage => ({
  ...outage,
  version: outage.version + 1,
});

export const afterGoodProbe = ({ probeUntil: _, ...outage }: Outage, now: number): Outage => ({
  ...outage,
  version: outage.version + 1,
  endedAt: now,
});

/** When a scope that waits for the model looks again: spread out, so that not all come at once. */
export const nextLook = (outage: Outage, now: number, random: number): number => {
  const probing = outage.probeUntil === undefined ? now : now + backoffMs(outage.failures);
  const at = Math.max(outage.retryAt, probing);
  return Math.ceil(at + random * Math.max(leastJitterMs, jitter * (at - now)));
};
