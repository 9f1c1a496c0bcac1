import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { storeError } from '../../../shared/adapters/dynamodb/errors.ts';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';

const thrown = (
  name: string,
  message = 'as the service says',
  $fault: 'client' | 'server' = 'client',
) => new DynamoDBServiceException({ name, message, $fault, $metadata: {} });

const network = (code: string) => Object.assign(new Error(code), { code });

describe('the errors of DynamoDB', () => {
  it.each([
    [thrown('ProvisionedThroughputExceededException'), 'store_throttled'],
    [thrown('ThrottlingException'), 'store_throttled'],
    [thrown('RequestLimitExceeded'), 'store_throttled'],
    [thrown('TransactionConflictException'), 'transaction_conflict'],
    [thrown('TransactionInProgressException'), 'store_unavailable'],
    [thrown('ResourceNotFoundException'), 'store_misconfigured'],
    [thrown('AccessDeniedException'), 'store_misconfigured'],
    [thrown('ExpiredTokenException'), 'store_unavailable'],
    [thrown('InternalServerError', '', 'server'), 'store_unavailable'],
    [network('ECONNRESET'), 'store_unavailable'],
    [Object.assign(new Error('late'), { name: 'TimeoutError' }), 'store_unavailable'],
    ['no error at all', 'store_unavailable'],
  ])('%s is the retryable error %s', (error, code) => {
    const failure = storeError(error);

    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ code, cause: error });
  });

  it.each([
    'Item size has exceeded the maximum allowed size',
    'Item size to update has exceeded the maximum allowed size',
  ])('the message "%s" is the terminal error item_too_large', (message) => {
    const failure = storeError(thrown('ValidationException', message));

    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure).toMatchObject({ code: 'item_too_large' });
  });

  it.each([
    'ValidationException',
    'SerializationException',
    'IdempotentParameterMismatchException',
  ])('%s is a bug of ours and is rethrown unchanged', (name) => {
    const mistake = thrown(name, 'The expression is wrong.');

    expect(storeError(mistake)).toBe(mistake);
  });

  it('an error of the store is rethrown unchanged', () => {
    const mapped = new RetryableError('store_unavailable', 'The table is unavailable.');

    expect(storeError(mapped)).toBe(mapped);
  });
});
