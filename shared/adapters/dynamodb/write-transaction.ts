import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Attributes } from './attribute-value.ts';
import { conflict, itemTooLarge } from './errors.ts';

/** A step whose condition was false, and the item stored there. */
export interface FailedWrite {
  step: number;
  stored: Attributes | undefined;
}

/** Result of one request. Nothing was written unless `committed`. */
export type WriteResult =
  | { outcome: 'committed' }
  | { outcome: 'throttled'; cause: unknown }
  | { outcome: 'refused'; refused: FailedWrite[] };

const throttles: readonly unknown[] = ['ThrottlingError', 'ProvisionedThroughputExceeded'];

/**
 * Parses the reasons of a cancelled transaction. A conflict or a throttled step hides whether the other conditions are
 * true, so that the transaction must be retried.
 *
 * @throws RetryableError transaction_conflict, TerminalError item_too_large
 */
const parseCancellation = (error: TransactionCanceledException): WriteResult => {
  const reasons = error.CancellationReasons ?? [];
  const codes = reasons.map(({ Code }) => Code);
  if (codes.includes('TransactionConflict')) throw conflict(error);
  if (codes.some((code) => throttles.includes(code))) return { outcome: 'throttled', cause: error };
  const invalid = reasons.find(({ Code }) => Code === 'ValidationError');
  if (invalid?.Message?.includes('size')) throw itemTooLarge('The item written', error);
  const refused = reasons.flatMap(({ Code, Item }, step) =>
    Code === 'ConditionalCheckFailed' ? [{ step, stored: Item }] : [],
  );
  if (invalid || refused.length === 0) throw error;
  return { outcome: 'refused', refused };
};

/**
 * Writes several items in one transaction. `token` is DynamoDB's idempotency token: the SDK may repeat the request
 * after a lost response, and the transaction is still applied once.
 *
 * @throws RetryableError transaction_conflict
 * @throws TerminalError item_too_large
 */
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
    if (error instanceof TransactionCanceledException) return parseCancellation(error);
    throw error;
  }
};
