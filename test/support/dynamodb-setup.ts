import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from './dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string;
  }
}

let running: Awaited<ReturnType<typeof startDynamoDbLocal>> | undefined;

/** Starts one DynamoDB Local for all tests of the project; every suite creates its own tables. */
export const setup = async (project: TestProject): Promise<void> => {
  running = await startDynamoDbLocal();
  project.provide('dynamoDbEndpoint', running.endpoint);
};

export const teardown = async (): Promise<void> => {
  await running?.stop();
};
