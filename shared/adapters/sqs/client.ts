import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** A client that gives up soon: a hint is worth little waiting. */
export const createSqsClient = (config: SQSClientConfig = {}): SQSClient =>
  new SQSClient({
    retryMode: 'standard',
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 1_000,
      // Above the longest wait of a receive.
      requestTimeout: 8_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
