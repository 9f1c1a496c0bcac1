import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { arnOf, type OpenTemplate } from './template.ts';

const Key = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });

/** Properties common to AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable; others do not affect the tests. */
const Table = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: z.array(Key),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: z.array(Key),
        Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']) }),
      }),
    )
    .optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  TimeToLiveSpecification: z.object({
    AttributeName: z.literal('expiresAt'),
    Enabled: z.literal(true),
  }),
});

export interface CreatedTable {
  name: string;
  /** Name of the partition key. */
  partition: string;
}

/** Creates the single table of the template. */
export const createTable = async (
  template: OpenTemplate,
  client: DynamoDBClient,
): Promise<CreatedTable> => {
  const [table] = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'].flatMap((type) =>
    template.all(type, Table),
  );
  if (!table) throw new Error('the template has no table');
  const { TimeToLiveSpecification: _, ...definition } = table.properties;
  const name = `turnstone-${randomUUID()}`;
  await client.send(new CreateTableCommand({ TableName: name, ...definition }));
  template.make(table.id, { ref: name, attributes: { Arn: arnOf('dynamodb', `table/${name}`) } });
  const hash = definition.KeySchema.find(({ KeyType }) => KeyType === 'HASH');
  return { name, partition: hash?.AttributeName ?? '' };
};

/** Counts the items whose sort keys start with a text. */
export const countItems = async (
  client: DynamoDBClient,
  table: string,
  prefix: string,
): Promise<number> => {
  let count = 0;
  for await (const page of paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'begins_with(#sk, :prefix)',
      ExpressionAttributeNames: { '#sk': 'sk' },
      ExpressionAttributeValues: { ':prefix': { S: prefix } },
      Select: 'COUNT',
    },
  ))
    count += page.Count ?? 0;
  return count;
};
