import { randomUUID } from 'node:crypto';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/client.ts';
import { tableDefinition } from '../../shared/adapters/dynamodb/table.ts';
import './dynamodb-setup.ts';

/** Creates a client of DynamoDB Local, with long timeouts for a busy machine. */
export const localClient = (config: Parameters<typeof createDynamoDbClient>[0] = {}) =>
  createDynamoDbClient({
    endpoint: inject('dynamoDbEndpoint'),
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 30_000 },
    ...config,
  });

/** Creates an empty table and a client. */
export const openTable = async () => {
  const client = localClient();
  const table = `turnstone-${randomUUID()}`;
  await client.send(new CreateTableCommand(tableDefinition(table)));
  return { client, table };
};
