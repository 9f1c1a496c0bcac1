import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ItemKind, Key } from '../../domain/table/items.ts';
import type { Attributes } from './attribute-value.ts';
import { type StoreCall, throttled } from './errors.ts';
import { itemOf, keyAttributes, textOf } from './item-mapping.ts';
import { attribute } from './table.ts';

const maxKeys = 100;
/** Responses in a row without progress after which the read fails as throttled. */
const maxEmptyResponses = 6;

const toId = (pk: string, sk: string): string => JSON.stringify([pk, sk]);

const toChunks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / maxKeys) }, (_, i) =>
    all.slice(i * maxKeys, (i + 1) * maxKeys),
  );

/** Creates the read of any number of items, strongly consistent, in parallel batches of a hundred. */
export const createGetMany = ({
  client,
  table,
  backoff,
  call,
}: {
  client: DynamoDBClient;
  table: string;
  backoff: (attempt: number) => Promise<void>;
  call: StoreCall;
}) => {
  const readOnce = async (keys: Attributes[]) => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    return { found: Responses?.[table] ?? [], unprocessed: UnprocessedKeys?.[table]?.Keys ?? [] };
  };

  /**
   * Reads all keys. DynamoDB may leave keys unprocessed, for their size or for throttling: these are requested again.
   */
  const read = async (keys: Attributes[]): Promise<Attributes[]> => {
    let { found, unprocessed } = await readOnce(keys);
    for (let emptyResponses = 0; unprocessed.length > 0; ) {
      await backoff(emptyResponses);
      const response = await readOnce(unprocessed);
      found = [...found, ...response.found];
      emptyResponses = response.unprocessed.length < unprocessed.length ? 0 : emptyResponses + 1;
      if (emptyResponses === maxEmptyResponses) throw throttled();
      unprocessed = response.unprocessed;
    }
    return found;
  };

  return async <K extends ItemKind>(keys: readonly Key<K>[], now: () => number) => {
    const distinct = new Map(keys.map((key) => [toId(key.pk, key.sk), keyAttributes(key)]));
    const chunks = await call('getMany', () =>
      Promise.all(toChunks([...distinct.values()]).map(read)),
    );
    const found = new Map(
      chunks
        .flat()
        .map((attributes) => [
          toId(textOf(attributes, attribute.partition), textOf(attributes, attribute.sort)),
          attributes,
        ]),
    );
    return keys.map(({ pk, sk }) => itemOf<K>(found.get(toId(pk, sk)), now()));
  };
};
