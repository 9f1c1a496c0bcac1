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
 * A single write carries no token. Sent again after a lost answer it could be refused by its own first copy, or undo
 * what another wrote since: the client may only repeat what the service says it did not do. The error has no cause,
 * by which the client would find it worth another try.
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

/** Inside the client's retries, around what reads the answer. */
const insideRetries = { step: 'deserialize', name: 'neverTwice', priority: 'high' } as const;

const dispatch = async (client: DynamoDBClient, request: TransactWriteItem): Promise<void> => {
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

/** One write by itself, at half the price and half the time of a transaction. */
export const writeSingle = async (
  client: DynamoDBClient,
  request: TransactWriteItem,
): Promise<WriteResult> => {
  try {
    await dispatch(client, request);
    return { outcome: 'committed' };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { outcome: 'refused', refused: [{ step: 0, stored: error.Item }] };
  }
};
