import { parseRetryAfter } from '../retry-after.ts';
import { dayMs } from '../time.ts';

/** Cause of an attempt without a response. */
export type TransportError =
  | 'dns'
  | 'connect_refused'
  | 'connect_timeout'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'blocked_address';

/** Class of a response that is not a success. */
export type StatusError = 'redirect' | 'http_4xx' | 'http_5xx';

/** Undefined for a success, which only 2xx is. */
export const errorOfStatus = (status: number): StatusError | undefined => {
  if (status >= 200 && status < 300) return undefined;
  if (status < 400) return 'redirect';
  return status < 500 ? 'http_4xx' : 'http_5xx';
};

/**
 * Delay that a busy receiver (429, 503) requests by Retry-After, in ms, at most a day; undefined when absent or invalid.
 * @param header whole seconds, or any of the three forms of an HTTP date
 * @param now ms since 1970
 */
export const retryAfterMs = (
  status: number,
  header: string | undefined,
  now: number,
): number | undefined => {
  if (header === undefined || (status !== 429 && status !== 503)) return undefined;
  const wait = parseRetryAfter(header, now);
  return wait === undefined ? undefined : Math.min(wait, dayMs);
};
