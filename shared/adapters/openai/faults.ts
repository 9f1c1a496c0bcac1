import { RetryableError } from '../../domain/errors.ts';

/** What a request was for: names the codes and the sentences of its errors. */
export interface Service {
  kind: 'model' | 'embedder';
  model: string;
  host: string;
  timeoutMs: number;
}

/** The service understood the request and refuses it as it is. `hint` is its own text: for matching only, never shown. */
export class RequestRejected extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, hint: string) {
    super(`The service refused the request (${status}).`);
    this.name = 'RequestRejected';
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** How long the other side asks us to wait: `retry-after-ms`, or `retry-after` in seconds or as a date. */
const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const value = headers.get('retry-after') ?? '';
  const seconds = Number(value === '' ? Number.NaN : value);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

const nouns = { model: 'language model', embedder: 'embedding service' };

const unreachable = (error: unknown, service: Service): string => {
  const cause = field(error, 'cause');
  const code = text(field(cause, 'code')) || text(field(field(cause, 'cause'), 'code'));
  // By its text: class names do not survive minification.
  return /timed out/i.test(text(field(error, 'message')))
    ? `did not answer within ${service.timeoutMs / 1000} s`
    : `cannot be reached or broke off${code ? ` (${code})` : ''}`;
};

const answered = (status: number, error: unknown, service: Service): Error => {
  const { kind, host, model } = service;
  const noun = nouns[kind];
  const headers = field(error, 'headers');
  if (status === 401 || status === 403) {
    return new RetryableError(`${kind}_unauthorized`, `The ${noun} refused the API key.`);
  }
  if (status === 404) {
    return new RetryableError(`${kind}_unknown`, `The ${noun} at ${host} has no "${model}".`);
  }
  if (status === 429) {
    const wait = headers instanceof Headers ? retryAfterMs(headers, Date.now()) : undefined;
    return new RetryableError(`${kind}_rate_limited`, `The ${noun} is limiting requests.`, wait);
  }
  if (status >= 500 || status === 408 || status === 409) {
    const wait = headers instanceof Headers ? retryAfterMs(headers, Date.now()) : undefined;
    const sentence = `The ${noun} at ${host} answered ${status}.`;
    return new RetryableError(`${kind}_unavailable`, sentence, wait);
  }
  const hint = `${text(field(error, 'param'))} ${text(field(error, 'message'))}`;
  return new RequestRejected(status, text(field(error, 'code')), hint);
};

/**
 * Any failure of an SDK call as ours. Neither the provider's text nor a cause goes along: both may quote what was sent.
 * Other 4xx answers become a `RequestRejected`, for the caller to adapt to.
 */
export const faultOf = (error: unknown, service: Service): Error => {
  const status = field(error, 'status');
  if (typeof status === 'number') return answered(status, error, service);
  const noun = nouns[service.kind];
  const sentence = `The ${noun} at ${service.host} ${unreachable(error, service)}.`;
  return new RetryableError(`${service.kind}_unavailable`, sentence);
};
