import type { Clock } from '../../../shared/ports/clock.ts';
import { HttpError } from '../http/http-error.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Counts wrong keys by the address they come from, so that guessing costs the store nothing. */
export interface WrongKeys {
  /** @throws HttpError 429 rate_limited when too many wrong keys came from there lately */
  check(address: string): void;
  note(address: string): void;
}

/** @param perMinute wrong keys that an address may send, at once or spread over a minute */
export const createWrongKeys = (perMinute: number, clock: Pick<Clock, 'now'>): WrongKeys => {
  const buckets = createTokenBuckets({ perSecond: perMinute / 60, burst: perMinute }, clock);
  return {
    check(address) {
      const wait = buckets.secondsUntil(address, 1);
      if (wait === 0) return;
      const sentence = `Too many wrong API keys came from this address: wait ${wait} s.`;
      throw new HttpError(429, 'rate_limited', sentence, {
        headers: { 'Retry-After': String(wait) },
      });
    },
    note: (address) => buckets.take(address, 1),
  };
};
