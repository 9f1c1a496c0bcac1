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

/** Parses an entry of the index; undefined for a kind that only a newer version knows. */
const parseDue = (attributes: Attributes): Due | undefined => {
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
    found.push(...Items.map(parseDue).filter((due) => due !== undefined));
    after = LastEvaluatedKey;
  } while (after && found.length < limit);
  return found;
};

/**
 * Reads the keys of due items from all shards of the index, the longest due first. Eventually consistent. The index
 * holds keys only: an item that expired while due is included until DynamoDB removes the item.
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
