import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Key } from '../../domain/table/items.ts';
import { kindOfKey } from '../../domain/table/kind-of-key.ts';
import type { Attributes } from './attribute-value.ts';
import { duePartition, textOf } from './item-mapping.ts';
import { attribute, dueIndex, dueShards } from './table.ts';

interface Due {
  key: Key;
  dueAt: number;
}

/** Undefined for a kind that only a newer version knows. */
const dueOf = (attributes: Attributes): Due | undefined => {
  const pk = textOf(attributes, attribute.partition);
  const sk = textOf(attributes, attribute.sort);
  const kind = kindOfKey({ pk, sk });
  return kind && { key: { kind, pk, sk }, dueAt: Number(attributes[attribute.dueSort]?.N) };
};

const readShard = async (
  client: DynamoDBClient,
  request: QueryCommandInput,
  limit: number,
): Promise<Due[]> => {
  const found: Due[] = [];
  let after: Attributes | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        ...request,
        Limit: limit - found.length,
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    found.push(...Items.map(dueOf).filter((due) => due !== undefined));
    after = LastEvaluatedKey;
  } while (after && found.length < limit);
  return found;
};

/**
 * Keys of what is due, of every shard of the index, the longest due first. The index holds keys only: an item that
 * expired while it was due is among them until the table removes it.
 */
export const readDue = async (
  client: DynamoDBClient,
  table: string,
  { until, limit }: { until: number; limit: number },
): Promise<Due[]> => {
  const shards = await Promise.all(
    Array.from({ length: dueShards }, (_, shard) => {
      const request = {
        TableName: table,
        IndexName: dueIndex,
        KeyConditionExpression: '#due = :shard AND #dueAt <= :until',
        ExpressionAttributeNames: { '#due': attribute.duePartition, '#dueAt': attribute.dueSort },
        ExpressionAttributeValues: {
          ':shard': { S: duePartition(shard) },
          ':until': { N: String(until) },
        },
      };
      return readShard(client, request, limit);
    }),
  );
  return shards
    .flat()
    .sort((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit);
};
