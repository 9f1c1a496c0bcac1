import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type Projection,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { attribute, tableDefinition } from './table.ts';

const schemaText = (schema: readonly KeySchemaElement[] = []): string =>
  schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');

interface Keys {
  KeySchema?: KeySchemaElement[] | undefined;
  GlobalSecondaryIndexes?:
    | {
        IndexName?: string | undefined;
        KeySchema?: KeySchemaElement[] | undefined;
        Projection?: Projection | undefined;
      }[]
    | undefined;
}

/** Keys of a table and of its indexes, as lines that can be compared. */
const keysOf = ({ KeySchema, GlobalSecondaryIndexes = [] }: Keys): string[] => [
  `keys ${schemaText(KeySchema)}`,
  ...GlobalSecondaryIndexes.map(
    ({ IndexName, KeySchema: keys, Projection: projection }) =>
      `index ${IndexName} of ${schemaText(keys)} with ${projection?.ProjectionType}`,
  ),
];

/**
 * Compares a table that a stack is to use with the one that Turnstone needs. A restored table has keys and indexes, but no time to live.
 * @returns one sentence on what is missing, with the command that mends it; undefined if the table can be used
 */
export const adoptedTableProblem = async (
  client: DynamoDBClient,
  name: string,
): Promise<string | undefined> => {
  const described = await client
    .send(new DescribeTableCommand({ TableName: name }))
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
  if (!described) return `DEPLOY_TABLE names ${name}, and there is no such table in this region.`;
  const found = keysOf(described.Table ?? {});
  const missing = keysOf(tableDefinition(name)).filter((one) => !found.includes(one));
  if (missing.length > 0)
    return `The table ${name} is none of Turnstone: it lacks the ${missing.join(', and the ')}.`;
  const { TimeToLiveDescription: life } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const isOn = ['ENABLED', 'ENABLING'].includes(life?.TimeToLiveStatus ?? '');
  if (isOn && life?.AttributeName === attribute.timeToLive) return undefined;
  return `The table ${name} has no time to live, so nothing in it would expire: aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=${attribute.timeToLive}`;
};
