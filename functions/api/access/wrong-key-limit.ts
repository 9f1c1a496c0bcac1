import type { Clock } from '../../../shared/ports/clock.ts';
import { HttpError } from '../http/http-error.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Limits invalid keys by the caller's address, so that guessing keys causes no load on the store. */
export interface WrongKeyLimit {
  /** @throws HttpError 429 rate_limited if the address has recently sent too many invalid keys */
  check(address: string): void;
  /** Counts an invalid key. */
  record(address: string): void;
}

/** @param perMinute invalid keys that an address may send per minute, also all at once */
export const createWrongKeyLimit = (
  perMinute: number,
  clock: Pick<Clock, 'now'>,
): WrongKeyLimit => {
  const buckets = createTokenBuckets({ perSecond: perMinute / 60, burst: perMinute }, clock);
  return {
    check(address) {
      const wait = buckets.secondsUntil(address, 1);
      if (wait === 0) return;
      const sentence = `Too many invalid API keys from this address: wait ${wait} s.`;
      throw new HttpError(429, 'rate_limited', sentence, {
        headers: { 'Retry-After': String(wait) },
      });
    },
    record: (address) => buckets.take(address, 1),
  };
};
