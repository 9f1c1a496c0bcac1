import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

const throttles: readonly string[] = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
];

/** Errors of an invalid request: a bug of ours. */
const bugs: readonly string[] = [
  'ValidationException',
  'SerializationException',
  'IdempotentParameterMismatchException',
];

/** Errors of a deployment: the table is absent, or the role of the function lacks a permission. */
const deploymentErrors: readonly string[] = ['AccessDeniedException', 'ResourceNotFoundException'];

const sizeMessage = /size.{0,200}(exceed|larger)|exceed.{0,200}size/i;

const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/**
 * Returns whether the service rejected the request, so that nothing was written. After any other failure the outcome is
 * unknown.
 */
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
    `The table cannot be used now: ${errorName(cause)}.`,
    undefined,
    cause,
  );

/** Retryable, since it says nothing about the work. An alarm watches its code in the log. */
const misconfigured = (cause: unknown): RetryableError =>
  new RetryableError(
    'store_misconfigured',
    `The table is absent, or this function may not use it: ${errorName(cause)}.`,
    undefined,
    cause,
  );

export const itemTooLarge = (what: string, cause?: unknown): TerminalError =>
  new TerminalError(
    'item_too_large',
    `${what} is larger than the 400 KB that an item may have.`,
    cause,
  );

/** Maps an error of the service or the network to an error of the `Store` port. Bugs of ours are returned unchanged. */
export const storeError = (error: unknown): unknown => {
  if (error instanceof RetryableError || error instanceof TerminalError) return error;
  const name = errorName(error);
  if (throttles.includes(name)) return throttled(error);
  if (name === 'TransactionConflictException') return conflict(error);
  if (deploymentErrors.includes(name)) return misconfigured(error);
  if (name === 'ValidationException' && error instanceof Error && sizeMessage.test(error.message))
    return itemTooLarge('The item written', error);
  return bugs.includes(name) ? error : unavailable(error);
};

/** Runs a call of the service, logs its failure and throws its error as an error of the `Store` port. */
export type StoreCall = <T>(operation: string, work: () => Promise<T>) => Promise<T>;

export const createStoreCall =
  (telemetry: Telemetry | undefined): StoreCall =>
  async (operation, work) => {
    try {
      return await work();
    } catch (error) {
      const failure = storeError(error);
      const code =
        failure instanceof Error && 'code' in failure ? String(failure.code) : 'internal';
      const severity = code === 'store_misconfigured' ? 'error' : 'warn';
      telemetry?.log(severity, 'store.failed', { operation, code, cause: errorName(error) });
      throw failure;
    }
  };
