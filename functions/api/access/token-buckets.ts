import type { Clock } from '../../../shared/ports/clock.ts';

/** Refill rate and size of a token bucket, in cost units. */
export interface Rate {
  perSecond: number;
  burst: number;
}

interface Bucket {
  /** Negative if more was taken than was available. */
  tokens: number;
  /** Time in ms since 1970 for which `tokens` is exact. */
  at: number;
}

/** Maximum number of buckets. The least recently used one is dropped first; that caller starts again with a full bucket. */
const maxBuckets = 10_000;

/** Token bucket per caller, in the memory of this process. */
export interface TokenBuckets {
  rate: Rate;
  /** Returns the units available now; negative while a debt is being refilled. */
  left(caller: string): number;
  /** Takes units even if they are not available; the debt is at most one burst. */
  take(caller: string, units: number): void;
  /** Returns the seconds until the units are available, rounded up. For more than one burst: until the bucket is full. */
  secondsUntil(caller: string, units: number): number;
}

export const createTokenBuckets = (rate: Rate, clock: Pick<Clock, 'now'>): TokenBuckets => {
  const buckets = new Map<string, Bucket>();

  const left = (caller: string): number => {
    const bucket = buckets.get(caller);
    if (!bucket) return rate.burst;
    // If the clock was set back, no time has passed.
    const seconds = Math.max(0, clock.now() - bucket.at) / 1_000;
    return Math.min(rate.burst, bucket.tokens + seconds * rate.perSecond);
  };

  return {
    rate,
    left,
    take(caller, units) {
      const tokens = Math.max(-rate.burst, left(caller) - units);
      buckets.delete(caller);
      buckets.set(caller, { tokens, at: clock.now() });
      const [oldest] = buckets.keys();
      if (buckets.size > maxBuckets && oldest !== undefined) buckets.delete(oldest);
    },
    secondsUntil(caller, units) {
      const missing = Math.min(units, rate.burst) - left(caller);
      return missing <= 0 ? 0 : Math.ceil(missing / rate.perSecond);
    },
  };
};
