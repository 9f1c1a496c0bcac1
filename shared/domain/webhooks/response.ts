import { parseRetryAfter } from '../retry-after.ts';
import { dayMs } from '../time.ts';

/** Why an attempt got no answer. */
export type TransportError =
  | 'dns'
  | 'connect_refused'
  | 'connect_timeout'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'blocked_address';

/** Why an answer is no success. */
export type StatusError = 'redirect' | 'http_4xx' | 'http_5xx';

/** Undefined for a success: 2xx, and nothing else. */
export const errorOfStatus = (status: number): StatusError | undefined => {
  if (status >= 200 && status < 300) return undefined;
  if (status < 400) return 'redirect';
  return status < 500 ? 'http_4xx' : 'http_5xx';
};

/**
 * Returns how long a busy receiver (429, 503) asks to wait, in ms and at most a day; undefined when its header is missing
 * or malformed.
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
