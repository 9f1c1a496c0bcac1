import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { ResponseMetadata } from './retrying-fetch.ts';

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** Of what the network said, by its code only. */
const networkCode = (error: unknown): string => {
  for (let cause = error; cause !== undefined; cause = field(cause, 'cause')) {
    const code = field(cause, 'code');
    if (typeof code === 'string') return ` (${code})`;
  }
  return '';
};

const unanswered = (error: unknown, host: string, timedOut: boolean | undefined): Error => {
  const what = timedOut ? 'did not answer in time' : `broke off${networkCode(error)}`;
  return new RetryableError('index_unavailable', `The vector index at ${host} ${what}.`);
};

const refused = (status: number, host: string, retryAfterMs: number | undefined): Error => {
  if (status === 401 || status === 403)
    return new RetryableError('index_unauthorized', 'The vector index refused the API key.');
  if (status === 404)
    return new RetryableError('index_missing', `There is no vector index at ${host}.`);
  if (status === 429)
    return new RetryableError(
      'index_rate_limited',
      'The vector index is limiting requests.',
      retryAfterMs,
    );
  const sentence = `The vector index at ${host} answered ${status}.`;
  return status === 402 || status === 408 || status >= 500
    ? new RetryableError('index_unavailable', sentence, retryAfterMs)
    : new TerminalError('index_rejected', sentence);
};

/** The SDK found the request itself wrong: nothing was sent. */
const isOurs = (error: unknown): boolean =>
  ['PineconeArgumentError', 'PineconeConfigurationError'].includes(String(field(error, 'name')));

/**
 * Any failure of an SDK call as ours. Neither the service's text nor a cause goes along: both may quote what was sent.
 * The SDK's errors carry no status, and a 429 is told from others by its text alone, so what was answered decides.
 */
export const faultOf = (error: unknown, host: string, answered: ResponseMetadata): unknown => {
  if (isOurs(error)) return error;
  const { status, timedOut, retryAfterMs } = answered;
  // A good status with an error: what came was no JSON, so it was not the service.
  const isAnswer = status !== undefined && status >= 400;
  return isAnswer ? refused(status, host, retryAfterMs) : unanswered(error, host, timedOut);
};
