import { RetryableError } from '../../domain/errors.ts';
import { parseRetryAfter } from '../../domain/retry-after.ts';
import { AnswerTooLarge } from './bounded-fetch.ts';

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
  /** Failure of the service that the same answer stands for where the request was not to blame. */
  readonly fault: RetryableError | undefined;

  constructor(status: number, code: string, providerMessage: string, fault?: RetryableError) {
    super(`The service refused the request (${status}).`);
    this.name = 'RequestRejected';
    this.status = status;
    this.code = code;
    this.hint = providerMessage;
    this.fault = fault;
  }
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Returns the time to wait in ms, from `retry-after-ms`, or from `retry-after` in seconds or as a date. */
const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const value = headers.get('retry-after') ?? '';
  // Some servers send fractions of a second.
  const seconds = Number(value === '' ? Number.NaN : value);
  return seconds >= 0 ? seconds * 1000 : parseRetryAfter(value, now);
};

const nouns = { model: 'language model', embedder: 'embedding service' };

const causesOf = (error: unknown): unknown[] => {
  const cause = field(error, 'cause');
  return [error, cause, field(cause, 'cause')];
};

const unreachable = (error: unknown, service: Service): string => {
  const causes = causesOf(error);
  const messages = causes.map((cause) => text(field(cause, 'message'))).join(' ');
  const code = text(field(causes[1], 'code')) || text(field(causes[2], 'code'));
  // By its text: class names do not survive minification.
  if (/timed out/i.test(text(field(error, 'message'))))
    return `did not answer within ${service.timeoutMs / 1000} s`;
  return /redirect/i.test(messages)
    ? 'answered with a redirect, which is not followed'
    : `cannot be reached or broke off${code ? ` (${code})` : ''}`;
};

/** Statuses of a request that is refused for what it holds. */
const refusals: readonly number[] = [400, 413, 414, 415, 422];
const spent = /insufficient_quota|billing_hard_limit|insufficient[ _](?:balance|credits)/i;
const unknownModel =
  /model_not_found|\bmodel\b[^\n]{0,120}(?:not (?:be )?found|does not exist|unknown|not loaded)|(?:unknown|invalid) model/i;

/** The failure that a status stands for, whatever else the request could leave out. */
const serviceFault = (
  status: number,
  words: string,
  wait: number | undefined,
  { kind, host, model }: Service,
): RetryableError => {
  const noun = nouns[kind];
  if (status === 402 || (spent.test(words) && (status === 429 || status === 403)))
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

/** Statuses that some servers also give for parts of a request that they do not understand. */
const ambiguous: readonly number[] = [404, 405, 500, 501];

const answered = (status: number, error: unknown, service: Service): Error => {
  const headers = field(error, 'headers');
  const wait = headers instanceof Headers ? retryAfterMs(headers, Date.now()) : undefined;
  const code = text(field(error, 'code'));
  const providerMessage = `${text(field(error, 'param'))} ${text(field(error, 'message'))}`;
  const words = `${code} ${text(field(error, 'type'))} ${providerMessage}`;
  const fault = serviceFault(status, words, wait, service);
  if (refusals.includes(status))
    return unknownModel.test(words) ? fault : new RequestRejected(status, code, providerMessage);
  return ambiguous.includes(status)
    ? new RequestRejected(status, code, providerMessage, fault)
    : fault;
};

/**
 * Any failure of an SDK call as ours. Neither the provider's text nor a cause goes along: both may quote what was sent.
 * Answers that may be about the request become a `RequestRejected`, for the caller to adapt to.
 */
export const toProviderError = (error: unknown, service: Service): Error => {
  if (causesOf(error).some((cause) => cause instanceof AnswerTooLarge))
    return new RetryableError(
      `${service.kind}_oversized`,
      `The ${nouns[service.kind]} at ${service.host} answered more than is read.`,
    );
  const status = field(error, 'status');
  if (typeof status === 'number') return answered(status, error, service);
  const noun = nouns[service.kind];
  const sentence = `The ${noun} at ${service.host} ${unreachable(error, service)}.`;
  return new RetryableError(`${service.kind}_unavailable`, sentence);
};
