import { RetryableError } from '../../domain/errors.ts';
import { parseRetryAfter } from '../../domain/retry-after.ts';
import { AnswerTooLarge } from './bounded-fetch.ts';

/** Target of a request; determines error codes and error messages. */
export interface Provider {
  kind: 'model' | 'embedder';
  model: string;
  host: string;
  timeoutMs: number;
}

/** The provider refused this request; a different one may succeed. */
export class RequestRejected extends Error {
  readonly status: number;
  readonly code: string;
  /** Text of the provider, for pattern matching only: may quote the request, so never logged or shown. */
  readonly providerMessage: string;
  /** Failure of the provider that the same status may mean, if the request was not the reason. */
  readonly fault: RetryableError | undefined;

  constructor(status: number, code: string, providerMessage: string, fault?: RetryableError) {
    super(`The provider refused the request (${status}).`);
    this.name = 'RequestRejected';
    this.status = status;
    this.code = code;
    this.providerMessage = providerMessage;
    this.fault = fault;
  }
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Requested delay in ms: `retry-after-ms`, or `retry-after` in seconds or as a date. */
const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const value = headers.get('retry-after') ?? '';
  // Some servers send fractions of a second.
  const seconds = Number(value === '' ? Number.NaN : value);
  return seconds >= 0 ? seconds * 1000 : parseRetryAfter(value, now);
};

const nouns = { model: 'language model', embedder: 'embedding provider' };

const causesOf = (error: unknown): unknown[] => {
  const cause = field(error, 'cause');
  return [error, cause, field(cause, 'cause')];
};

const unreachable = (error: unknown, provider: Provider): string => {
  const causes = causesOf(error);
  const messages = causes.map((cause) => text(field(cause, 'message'))).join(' ');
  const code = text(field(causes[1], 'code')) || text(field(causes[2], 'code'));
  // Recognized by the message, because class names do not survive minification.
  if (/timed out/i.test(text(field(error, 'message'))))
    return `did not answer within ${provider.timeoutMs / 1000} s`;
  return /redirect/i.test(messages)
    ? 'answered with a redirect, which is not followed'
    : `cannot be reached or broke off${code ? ` (${code})` : ''}`;
};

/** Statuses of a request that is refused for its content. */
const refusals: readonly number[] = [400, 413, 414, 415, 422];
const quotaExhausted = /insufficient_quota|billing_hard_limit|insufficient[ _](?:balance|credits)/i;
const unknownModel =
  /model_not_found|\bmodel\b[^\n]{0,120}(?:not (?:be )?found|does not exist|unknown|not loaded)|(?:unknown|invalid) model/i;

/** Failure of the provider that a status means. */
const providerFault = (
  status: number,
  words: string,
  wait: number | undefined,
  { kind, host, model }: Provider,
): RetryableError => {
  const noun = nouns[kind];
  if (status === 402 || (quotaExhausted.test(words) && (status === 429 || status === 403)))
    return new RetryableError(
      `${kind}_quota_exhausted`,
      `The account at ${host} has no quota or credit left for the ${noun}.`,
      wait,
    );
  if (status === 401 || status === 403)
    return new RetryableError(`${kind}_unauthorized`, `The ${noun} refused the API key.`, wait);
  if (status === 429)
    return new RetryableError(`${kind}_rate_limited`, `The ${noun} is limiting requests.`, wait);
  if (status === 404 || refusals.includes(status))
    return new RetryableError(`${kind}_unknown`, `The ${noun} at ${host} has no "${model}".`, wait);
  const sentence = `The ${noun} at ${host} answered ${status}.`;
  return new RetryableError(`${kind}_unavailable`, sentence, wait);
};

/** Statuses that some servers also send for an unsupported part of a request. */
const ambiguous: readonly number[] = [404, 405, 500, 501];

const fromStatus = (status: number, error: unknown, provider: Provider): Error => {
  const headers = field(error, 'headers');
  const wait = headers instanceof Headers ? retryAfterMs(headers, Date.now()) : undefined;
  const code = text(field(error, 'code'));
  const providerMessage = `${text(field(error, 'param'))} ${text(field(error, 'message'))}`;
  const words = `${code} ${text(field(error, 'type'))} ${providerMessage}`;
  const fault = providerFault(status, words, wait, provider);
  if (refusals.includes(status))
    return unknownModel.test(words) ? fault : new RequestRejected(status, code, providerMessage);
  return ambiguous.includes(status)
    ? new RequestRejected(status, code, providerMessage, fault)
    : fault;
};

/**
 * Converts a failure of an SDK call. Messages of the provider and causes are dropped, since both may quote the request.
 * Refusals that may be about the request become a `RequestRejected`, to which the caller can adapt.
 */
export const toProviderError = (error: unknown, provider: Provider): Error => {
  if (causesOf(error).some((cause) => cause instanceof AnswerTooLarge))
    return new RetryableError(
      `${provider.kind}_oversized`,
      `The ${nouns[provider.kind]} at ${provider.host} answered more than is read.`,
    );
  const status = field(error, 'status');
  if (typeof status === 'number') return fromStatus(status, error, provider);
  const noun = nouns[provider.kind];
  const sentence = `The ${noun} at ${provider.host} ${unreachable(error, provider)}.`;
  return new RetryableError(`${provider.kind}_unavailable`, sentence);
};
