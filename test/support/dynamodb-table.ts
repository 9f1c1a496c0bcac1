import { randomUUID } from 'node:crypto';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/client.ts';
import { tableDefinition } from '../../shared/adapters/dynamodb/table.ts';
import './dynamodb-setup.ts';

/** A client of DynamoDB Local, which may have to wait for a busy machine. */
export const localClient = (config: Parameters<typeof createDynamoDbClient>[0] = {}) =>
  createDynamoDbClient({
    endpoint: inject('dynamoDbEndpoint'),
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 30_000 },
    ...config,
  });

/** An empty table of a test's own, and a client for it. */
export const openTable = async () => {
  const client = localClient();
  const table = `turnstone-${randomUUID()}`;
  await client.send(new CreateTableCommand(tableDefinition(table)));
  return { client, table };
};
