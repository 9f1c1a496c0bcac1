import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The attributes the table knows by name. The rest of an item is its own. */
export const attribute = {
  partition: 'pk',
  sort: 'sk',
  /** Seconds since 1970; the table removes the item some time after. */
  timeToLive: 'expiresAt',
  /** Milliseconds since 1970; what reads and conditions go by. */
  expiry: 'expiresAtMs',
  listPartition: 'gsi1pk',
  listSort: 'gsi1sk',
  duePartition: 'due',
  dueSort: 'dueAt',
} as const;

export const listIndex = 'GSI1';
export const dueIndex = 'DUE';

/** Partitions of the due index; more of them can be read beside the old ones, fewer would lose sight of items. */
export const dueShards = 8;

const keySchema = (partition: string, sort: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

/** What creates the table where no stack does. Its time to live is switched on apart, for `attribute.timeToLive`. */
export const tableDefinition = (name: string): CreateTableCommandInput => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: attribute.partition, AttributeType: 'S' },
    { AttributeName: attribute.sort, AttributeType: 'S' },
    { AttributeName: attribute.listPartition, AttributeType: 'S' },
    { AttributeName: attribute.listSort, AttributeType: 'S' },
    { AttributeName: attribute.duePartition, AttributeType: 'S' },
    { AttributeName: attribute.dueSort, AttributeType: 'N' },
  ],
  KeySchema: keySchema(attribute.partition, attribute.sort),
  GlobalSecondaryIndexes: [
    {
      IndexName: listIndex,
      KeySchema: keySchema(attribute.listPartition, attribute.listSort),
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: dueIndex,
      KeySchema: keySchema(attribute.duePartition, attribute.dueSort),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});
