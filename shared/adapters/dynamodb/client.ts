import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Creates a client with timeouts far below those of our own requests. The client retries throttled and unanswered
 * requests with backoff and jitter. Transactions carry an idempotency token, which makes that safe; single writes are
 * exempt, see `writeSingle`.
 */
export const createDynamoDbClient = (config: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({
    retryMode: 'standard',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
