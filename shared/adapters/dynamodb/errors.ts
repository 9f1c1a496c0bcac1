import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { RetryableError, TerminalError } from '../../domain/errors.ts';

const throttles: readonly string[] = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
];

/** Requests that are wrong in themselves: our bug. */
const mistakes: readonly string[] = [
  'ValidationException',
  'SerializationException',
  'IdempotentParameterMismatchException',
];

const tooLarge = /size.{0,200}(exceed|larger)|exceed.{0,200}size/i;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** The service itself refused the request, so it did nothing; of any other failure the outcome is unknown. */
export const isRefusedRequest = (error: unknown): boolean =>
  error instanceof DynamoDBServiceException && error.$fault === 'client';

export const throttled = (cause?: unknown): RetryableError =>
  new RetryableError(
    'store_throttled',
    'The table takes no more requests at the moment.',
    undefined,
    cause,
  );

export const conflict = (cause?: unknown): RetryableError =>
  new RetryableError(
    'transaction_conflict',
    'Another transaction is writing the same items; nothing was written.',
    undefined,
    cause,
  );

const unavailable = (cause: unknown): RetryableError =>
  new RetryableError(
    'store_unavailable',
    `The table cannot be used now: ${nameOf(cause)}.`,
    undefined,
    cause,
  );

export const itemTooLarge = (what: string, cause?: unknown): TerminalError =>
  new TerminalError(
    'item_too_large',
    `${what} is larger than the 400 KB that an item may have.`,
    cause,
  );

/** What a caller is told of an error of the service or of the way to it. Our own mistakes pass unchanged. */
export const storeError = (error: unknown): unknown => {
  if (error instanceof RetryableError || error instanceof TerminalError) return error;
  const name = nameOf(error);
  if (throttles.includes(name)) return throttled(error);
  if (name === 'TransactionConflictException') return conflict(error);
  if (name === 'ValidationException' && error instanceof Error && tooLarge.test(error.message))
    return itemTooLarge('What is written', error);
  return mistakes.includes(name) ? error : unavailable(error);
};
