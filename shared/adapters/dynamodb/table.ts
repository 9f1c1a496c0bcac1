import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Attributes used by keys, indexes and the time to live. */
export const attribute = {
  partition: 'pk',
  sort: 'sk',
  /** Seconds since 1970. DynamoDB removes the item some time later. */
  timeToLive: 'expiresAt',
  /** Milliseconds since 1970. Reads and conditions treat the item as absent from then on. */
  expiry: 'expiresAtMs',
  listPartition: 'gsi1pk',
  listSort: 'gsi1sk',
  duePartition: 'due',
  dueSort: 'dueAt',
} as const;

export const listIndex = 'GSI1';
export const dueIndex = 'DUE';

/**
 * Partitions of each class in the due index. The number may be raised, but not lowered: entries of the removed shards would never
 * be read.
 */
export const dueShards = 64;

const keySchema = (partition: string, sort: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

/**
 * Builds the request that creates the table without a stack. The time to live on `attribute.timeToLive` is enabled
 * separately.
 */
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
