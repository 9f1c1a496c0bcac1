import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** Creates a client with short timeouts: a lost hint only delays its work until the next sweep. */
export const createSqsClient = (config: SQSClientConfig = {}): SQSClient =>
  new SQSClient({
    retryMode: 'standard',
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 1_000,
      // Longer than the long poll of a receive.
      requestTimeout: 8_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
