import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Attributes } from './attribute-value.ts';
import { conflict, itemTooLarge } from './errors.ts';

/** A step whose condition did not hold, and what stood there. */
export interface FailedWrite {
  step: number;
  stored: Attributes | undefined;
}

/** What became of one sending; unless committed, nothing was written. */
export type WriteResult =
  | { outcome: 'committed' }
  | { outcome: 'throttled'; cause: unknown }
  | { outcome: 'refused'; refused: FailedWrite[] };

const throttles: readonly unknown[] = ['ThrottlingError', 'ProvisionedThroughputExceeded'];

/**
 * A conflict or a throttle hides whether the other conditions hold: such an answer is none, and is asked for again.
 *
 * @throws RetryableError transaction_conflict, TerminalError item_too_large
 */
const readCancellation = (error: TransactionCanceledException): WriteResult => {
  const reasons = error.CancellationReasons ?? [];
  const codes = reasons.map(({ Code }) => Code);
  if (codes.includes('TransactionConflict')) throw conflict(error);
  if (codes.some((code) => throttles.includes(code))) return { outcome: 'throttled', cause: error };
  const invalid = reasons.find(({ Code }) => Code === 'ValidationError');
  if (invalid?.Message?.includes('size')) throw itemTooLarge('What is written', error);
  const refused = reasons.flatMap(({ Code, Item }, step) =>
    Code === 'ConditionalCheckFailed' ? [{ step, stored: Item }] : [],
  );
  if (invalid || refused.length === 0) throw error;
  return { outcome: 'refused', refused };
};

/** Several writes as one transaction; the token makes it safe for the client to send it again. */
export const writeTransaction = async (
  client: DynamoDBClient,
  requests: TransactWriteItem[],
  token: string,
): Promise<WriteResult> => {
  try {
    await client.send(
      new TransactWriteItemsCommand({ TransactItems: requests, ClientRequestToken: token }),
    );
    return { outcome: 'committed' };
  } catch (error) {
    if (error instanceof TransactionCanceledException) return readCancellation(error);
    throw error;
  }
};
