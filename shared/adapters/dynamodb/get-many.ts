import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ItemKind, Key } from '../../domain/table/items.ts';
import type { withStoreErrors } from './attempt.ts';
import type { Attributes } from './attribute-value.ts';
import { throttled } from './errors.ts';
import { itemOf, keyAttributes, textOf } from './item-mapping.ts';
import { attribute } from './table.ts';

const maxKeys = 100;
/** Answers in a row that may bring nothing. */
const maxEmptyAnswers = 6;

const placeOf = (pk: string, sk: string): string => JSON.stringify([pk, sk]);

const chunksOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / maxKeys) }, (_, i) =>
    all.slice(i * maxKeys, (i + 1) * maxKeys),
  );

/** Reads any number of items, strongly consistent, a hundred at a time. */
export const createGetMany = ({
  client,
  table,
  pause,
  attempt,
}: {
  client: DynamoDBClient;
  table: string;
  pause: (attempt: number) => Promise<void>;
  attempt: withStoreErrors;
}) => {
  const readOnce = async (keys: Attributes[]) => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    return { found: Responses?.[table] ?? [], left: UnprocessedKeys?.[table]?.Keys ?? [] };
  };

  /** The table may leave keys out, for their size or for want of throughput: they are asked for again. */
  const read = async (keys: Attributes[]): Promise<Attributes[]> => {
    let { found, left } = await readOnce(keys);
    for (let empty = 0; left.length > 0; ) {
      await pause(empty);
      const more = await readOnce(left);
      found = [...found, ...more.found];
      empty = more.left.length < left.length ? 0 : empty + 1;
      if (empty === maxEmptyAnswers) throw throttled();
      left = more.left;
    }
    return found;
  };

  return async <K extends ItemKind>(keys: readonly Key<K>[], now: () => number) => {
    const distinct = new Map(keys.map((key) => [placeOf(key.pk, key.sk), keyAttributes(key)]));
    const chunks = await attempt('getMany', () =>
      Promise.all(chunksOf([...distinct.values()]).map(read)),
    );
    const found = new Map(
      chunks
        .flat()
        .map((one) => [
          placeOf(textOf(one, attribute.partition), textOf(one, attribute.sort)),
          one,
        ]),
    );
    return keys.map(({ pk, sk }) => itemOf<K>(found.get(placeOf(pk, sk)), now()));
  };
};
