import type { Clock } from '../../../shared/ports/clock.ts';

/** Units that flow back each second, and the most that can be saved up. */
export interface Rate {
  perSecond: number;
  burst: number;
}

interface Bucket {
  /** Below zero when more was taken than was there. */
  tokens: number;
  /** ms since 1970: `tokens` is of this moment. */
  at: number;
}

/** Callers remembered; the least recently used one is forgotten first, and begins again with a full bucket. */
const maxBuckets = 10_000;

/** A token bucket for each caller, in the memory of this process. */
export interface TokenBuckets {
  rate: Rate;
  /** Units that can be taken now; below zero while a debt is paid back. */
  left(caller: string): number;
  /** Takes units though they may not be there; a debt is at most one burst. */
  take(caller: string, units: number): void;
  /** Seconds until so many units can be taken, rounded up; of more than a full bucket holds, until it is full. */
  secondsUntil(caller: string, units: number): number;
}

export const createTokenBuckets = (rate: Rate, clock: Pick<Clock, 'now'>): TokenBuckets => {
  const buckets = new Map<string, Bucket>();

  const left = (caller: string): number => {
    const bucket = buckets.get(caller);
    if (!bucket) return rate.burst;
    // A clock that is set back gives nothing and takes nothing.
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
