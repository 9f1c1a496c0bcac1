import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ItemKind } from '../../domain/table/items.ts';
import { kindOfKey } from '../../domain/table/kind-of-key.ts';
import type { Page, Range } from '../../ports/store.ts';
import type { Attributes } from './attribute-value.ts';
import { itemOf, keyAttributes, textOf } from './item-mapping.ts';
import { createPlaceholders, type Placeholders } from './placeholders.ts';
import { attribute, listIndex } from './table.ts';

/** A sorted view of the items: where it is kept, and where a page of it ends. */
interface IndexDefinition {
  source: Pick<QueryCommandInput, 'IndexName' | 'ConsistentRead'>;
  partition: string;
  sort: string;
  cursorOf(last: Attributes): string;
  positionOf(cursor: string, partition: string): Attributes;
}

const primary: IndexDefinition = {
  source: { ConsistentRead: true },
  partition: attribute.partition,
  sort: attribute.sort,
  cursorOf: (last) => textOf(last, attribute.sort),
  positionOf: (cursor, pk) => keyAttributes({ pk, sk: cursor }),
};

/** Several items may stand at one place of the listing, so that a place in it needs their keys too. */
const listing: IndexDefinition = {
  source: { IndexName: listIndex },
  partition: attribute.listPartition,
  sort: attribute.listSort,
  cursorOf: (last) =>
    JSON.stringify(
      [attribute.listSort, attribute.partition, attribute.sort].map((name) => textOf(last, name)),
    ),
  positionOf(cursor, listPk) {
    const [listSk = '', pk = '', sk = ''] = (JSON.parse(cursor) as unknown[]).map(String);
    return {
      ...keyAttributes({ pk, sk }),
      [attribute.listPartition]: { S: listPk },
      [attribute.listSort]: { S: listSk },
    };
  },
};

/** No character comes after it. */
const last = '\u{10ffff}';

/** The part of a key condition that bounds the sort key. */
const boundsOf = (
  { prefix, newestFirst = false, from }: Range,
  sort: string,
  { name, value }: Placeholders,
): string => {
  if (from === undefined)
    return prefix && ` AND begins_with(${name(sort)}, ${value({ S: prefix })})`;
  if (prefix === '') return ` AND ${name(sort)} ${newestFirst ? '<=' : '>='} ${value({ S: from })}`;
  const [lower, upper] = newestFirst ? [prefix, from] : [from, prefix + last];
  return ` AND ${name(sort)} BETWEEN ${value({ S: lower })} AND ${value({ S: upper })}`;
};

const inputOf = (table: string, view: IndexDefinition, range: Range): QueryCommandInput => {
  const { pk, newestFirst = false, limit, after } = range;
  const placeholders = createPlaceholders();
  const { name, value, attributes } = placeholders;
  const inPartition = `${name(view.partition)} = ${value({ S: pk })}`;
  const bounds = boundsOf(range, view.sort, placeholders);
  return {
    ...view.source,
    TableName: table,
    KeyConditionExpression: inPartition + bounds,
    ScanIndexForward: !newestFirst,
    ...(limit !== undefined && { Limit: Math.max(1, limit) }),
    ...(after !== undefined && { ExclusiveStartKey: view.positionOf(after, pk) }),
    ...attributes(),
  };
};

const entriesOf = <K extends ItemKind>(found: readonly Attributes[], kind: K, now: number) =>
  found.flatMap((attributes) => {
    const pk = textOf(attributes, attribute.partition);
    const sk = textOf(attributes, attribute.sort);
    const item = kindOfKey({ pk, sk }) === kind ? itemOf<K>(attributes, now) : undefined;
    return item ? [{ key: { kind, pk, sk }, item }] : [];
  });

/** What the table read, less what expired and what is of another kind: a page may be short, and not be the last. */
const createPages =
  (view: IndexDefinition) =>
  async <K extends ItemKind>(
    client: DynamoDBClient,
    table: string,
    range: Range<K>,
    now: () => number,
  ): Promise<Page<K>> => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand(inputOf(table, view, range)),
    );
    const items = entriesOf(Items, range.kind, now());
    return LastEvaluatedKey ? { items, next: view.cursorOf(LastEvaluatedKey) } : { items };
  };

/** Pages by key, strongly consistent. Their cursors are positions: items that come or go in between move nothing. */
export const queryPage = createPages(primary);

/** Pages of the secondary listing, eventually consistent. */
export const listPage = createPages(listing);
