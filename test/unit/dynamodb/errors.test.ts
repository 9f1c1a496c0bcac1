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

describe('an error of the table', () => {
  it.each([
    [thrown('ProvisionedThroughputExceededException'), 'store_throttled'],
    [thrown('ThrottlingException'), 'store_throttled'],
    [thrown('RequestLimitExceeded'), 'store_throttled'],
    [thrown('TransactionConflictException'), 'transaction_conflict'],
    [thrown('TransactionInProgressException'), 'store_unavailable'],
    [thrown('ResourceNotFoundException'), 'store_unavailable'],
    [thrown('AccessDeniedException'), 'store_unavailable'],
    [thrown('ExpiredTokenException'), 'store_unavailable'],
    [thrown('InternalServerError', '', 'server'), 'store_unavailable'],
    [network('ECONNRESET'), 'store_unavailable'],
    [Object.assign(new Error('late'), { name: 'TimeoutError' }), 'store_unavailable'],
    ['no error at all', 'store_unavailable'],
  ])('%s may pass: %s', (error, code) => {
    const failure = storeError(error);

    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ code, cause: error });
  });

  it.each([
    'Item size has exceeded the maximum allowed size',
    'Item size to update has exceeded the maximum allowed size',
  ])('%s is final', (message) => {
    const failure = storeError(thrown('ValidationException', message));

    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure).toMatchObject({ code: 'item_too_large' });
  });

  it.each([
    'ValidationException',
    'SerializationException',
    'IdempotentParameterMismatchException',
  ])('%s is a mistake of ours and passes unchanged', (name) => {
    const mistake = thrown(name, 'The expression is wrong.');

    expect(storeError(mistake)).toBe(mistake);
  });

  it('that was told already is not told differently', () => {
    const told = new RetryableError('store_unavailable', 'It was said.');

    expect(storeError(told)).toBe(told);
  });
});
