import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { kindOfKey } from '../../domain/table/kind-of-key.ts';
import type { DueItem, DueQuery } from '../../ports/store.ts';
import type { Attributes } from './attribute-value.ts';
import { duePartition, textOf } from './item-mapping.ts';
import { attribute, dueIndex, dueShards } from './table.ts';

/** Parses an entry of the index; undefined for a kind that only a newer version knows. */
const parseDue = (attributes: Attributes): DueItem | undefined => {
  const pk = textOf(attributes, attribute.partition);
  const sk = textOf(attributes, attribute.sort);
  const kind = kindOfKey({ pk, sk });
  return kind && { key: { kind, pk, sk }, dueAt: Number(attributes[attribute.dueSort]?.N) };
};

/** The longest due items of a shard; `isCut`: there are more. */
interface Shard {
  found: DueItem[];
  isCut: boolean;
}

/** Items read of each shard at least, and so returned if there are more: as many as are asked for, if these are few. */
const minPerShard = 100;
/** Share of the items asked for that is read of each shard. Due items spread evenly over the shards. */
const partPerShard = 1 / 16;

const readShard = async (
  client: DynamoDBClient,
  request: QueryCommandInput,
  limit: number,
): Promise<Shard> => {
  const found: DueItem[] = [];
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
  return { found, isCut: after !== undefined };
};

/**
 * Reads the keys of due items from all shards of the class, the longest due first. Eventually consistent. The index
 * holds keys only: an item that expired while due is included until DynamoDB removes the item. Of a shard with more items than are
 * read, later ones of the other shards are left to the next read.
 */
export const readDue = async (
  client: DynamoDBClient,
  table: string,
  { class: due, from, until, limit }: DueQuery,
): Promise<DueItem[]> => {
  const perShard = Math.min(limit, Math.max(minPerShard, Math.ceil(limit * partPerShard)));
  const shards = await Promise.all(
    Array.from({ length: dueShards }, (_, shard) => {
      const request = {
        TableName: table,
        IndexName: dueIndex,
        KeyConditionExpression:
          from === undefined
            ? '#due = :shard AND #dueAt <= :until'
            : '#due = :shard AND #dueAt BETWEEN :from AND :until',
        ExpressionAttributeNames: { '#due': attribute.duePartition, '#dueAt': attribute.dueSort },
        ExpressionAttributeValues: {
          ':shard': { S: duePartition(due, shard) },
          ':until': { N: String(until) },
          ...(from !== undefined && { ':from': { N: String(from) } }),
        },
      };
      return readShard(client, request, perShard);
    }),
  );
  const ends = shards.flatMap(({ found, isCut }) => {
    const last = found.at(-1);
    return isCut && last ? [last.dueAt] : [];
  });
  const complete = Math.min(until, ...ends);
  return shards
    .flatMap(({ found }) => found)
    .filter(({ dueAt }) => dueAt <= complete)
    .sort((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit);
};
