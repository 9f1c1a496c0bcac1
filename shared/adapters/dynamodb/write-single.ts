import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { RetryableError } from '../../domain/errors.ts';
import { isRefusedRequest } from './errors.ts';
import type { WriteResult } from './write-transaction.ts';

/**
 * Prevents a retry by the SDK when the outcome is unknown. A single write has no idempotency token: a repeated write
 * could be refused because of its own first copy, or overwrite a later write of another process. Only a write that the
 * service rejected is repeated. The error has no cause, from which the SDK would decide to retry.
 */
const noRetryOnUnknownOutcome =
  <Call, Answer>(next: (call: Call) => Promise<Answer>) =>
  async (call: Call): Promise<Answer> => {
    try {
      return await next(call);
    } catch (error) {
      if (isRefusedRequest(error)) throw error;
      const name = error instanceof Error ? error.name : typeof error;
      throw new RetryableError('store_unavailable', `A write was not answered: ${name}.`);
    }
  };

/** Position in the middleware stack: inside the SDK's retries, around the parsing of the response. */
const insideRetries = {
  step: 'deserialize',
  name: 'noRetryOnUnknownOutcome',
  priority: 'high',
} as const;

const sendCommand = async (client: DynamoDBClient, request: TransactWriteItem): Promise<void> => {
  if (request.Put) {
    const command = new PutItemCommand(request.Put);
    command.middlewareStack.add(noRetryOnUnknownOutcome, insideRetries);
    await client.send(command);
  } else if (request.Update) {
    const command = new UpdateItemCommand(request.Update);
    command.middlewareStack.add(noRetryOnUnknownOutcome, insideRetries);
    await client.send(command);
  } else if (request.Delete) {
    const command = new DeleteItemCommand(request.Delete);
    command.middlewareStack.add(noRetryOnUnknownOutcome, insideRetries);
    await client.send(command);
  }
};

/**
 * Writes one item without a transaction, at half the price and latency. Sent at most once unless the service rejected
 * the write; after a lost response the outcome is unknown.
 *
 * @throws RetryableError store_unavailable
 */
export const writeSingle = async (
  client: DynamoDBClient,
  request: TransactWriteItem,
): Promise<WriteResult> => {
  try {
    await sendCommand(client, request);
    return { outcome: 'committed' };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { outcome: 'refused', refused: [{ step: 0, stored: error.Item }] };
  }
};
