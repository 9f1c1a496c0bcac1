import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { ResponseMetadata } from './retrying-fetch.ts';

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** Code of a network error; never the message, which may quote the request. */
const networkCode = (error: unknown): string => {
  for (let cause = error; cause !== undefined; cause = field(cause, 'cause')) {
    const code = field(cause, 'code');
    if (typeof code === 'string') return ` (${code})`;
  }
  return '';
};

const noResponse = (error: unknown, host: string, timedOut: boolean | undefined): Error => {
  const failure = timedOut ? 'did not answer in time' : `broke off${networkCode(error)}`;
  return new RetryableError('index_unavailable', `The vector index at ${host} ${failure}.`);
};

const errorStatus = (status: number, host: string, retryAfterMs: number | undefined): Error => {
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

/** Whether the SDK rejected the arguments, so that nothing was sent: a bug of this adapter. */
const isInvalidCall = (error: unknown): boolean =>
  ['PineconeArgumentError', 'PineconeConfigurationError'].includes(String(field(error, 'name')));

/**
 * Converts a failure of an SDK call. Messages and causes are dropped, since both may quote the request. The response
 * decides, because errors of the SDK carry no status.
 */
export const toIndexError = (error: unknown, host: string, response: ResponseMetadata): unknown => {
  if (isInvalidCall(error)) return error;
  const { status, timedOut, retryAfterMs } = response;
  // An error after a successful status means that the body was no JSON: some other server responded.
  return status !== undefined && status >= 400
    ? errorStatus(status, host, retryAfterMs)
    : noResponse(error, host, timedOut);
};
