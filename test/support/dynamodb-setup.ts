import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from './dynamodb-local.ts';

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string;
  }
}

let running: Awaited<ReturnType<typeof startDynamoDbLocal>> | undefined;

/** One DynamoDB Local for all tests of the project; every suite makes tables of its own. */
export const setup = async (project: TestProject): Promise<void> => {
  running = await startDynamoDbLocal();
  project.provide('dynamoDbEndpoint', running.endpoint);
};

export const teardown = async (): Promise<void> => {
  await running?.stop();
};
