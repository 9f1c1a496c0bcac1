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

/** A sorted view of the items, the table or its listing index: key attributes and form of a cursor. */
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

/** The listing index. Several items may share a sort key, so that a cursor also holds the key of the item. */
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

/** Last character in the order of DynamoDB: `prefix + lastCharacter` ends the range of a prefix. */
const lastCharacter = '\u{10ffff}';

/** Builds the part of the key condition that bounds the sort key. */
const buildBounds = (
  { prefix, newestFirst = false, from }: Range,
  sort: string,
  { name, value }: Placeholders,
): string => {
  if (from === undefined)
    return prefix && ` AND begins_with(${name(sort)}, ${value({ S: prefix })})`;
  if (prefix === '') return ` AND ${name(sort)} ${newestFirst ? '<=' : '>='} ${value({ S: from })}`;
  const [lower, upper] = newestFirst ? [prefix, from] : [from, prefix + lastCharacter];
  return ` AND ${name(sort)} BETWEEN ${value({ S: lower })} AND ${value({ S: upper })}`;
};

const buildInput = (table: string, index: IndexDefinition, range: Range): QueryCommandInput => {
  const { pk, newestFirst = false, limit, after } = range;
  const placeholders = createPlaceholders();
  const { name, value, attributes } = placeholders;
  const inPartition = `${name(index.partition)} = ${value({ S: pk })}`;
  const bounds = buildBounds(range, index.sort, placeholders);
  return {
    ...index.source,
    TableName: table,
    KeyConditionExpression: inPartition + bounds,
    ScanIndexForward: !newestFirst,
    ...(limit !== undefined && { Limit: Math.max(1, limit) }),
    ...(after !== undefined && { ExclusiveStartKey: index.positionOf(after, pk) }),
    ...attributes(),
  };
};

const parseItems = <K extends ItemKind>(found: readonly Attributes[], kind: K, now: number) =>
  found.flatMap((attributes) => {
    const pk = textOf(attributes, attribute.partition);
    const sk = textOf(attributes, attribute.sort);
    const item = kindOfKey({ pk, sk }) === kind ? itemOf<K>(attributes, now) : undefined;
    return item ? [{ key: { kind, pk, sk }, item }] : [];
  });

/**
 * Creates the read of a page. Expired items and other kinds are filtered after the read, so that a page before the last
 * may be short.
 */
const createPages =
  (index: IndexDefinition) =>
  async <K extends ItemKind>(
    client: DynamoDBClient,
    table: string,
    range: Range<K>,
    now: () => number,
  ): Promise<Page<K>> => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand(buildInput(table, index, range)),
    );
    const items = parseItems(Items, range.kind, now());
    return LastEvaluatedKey ? { items, next: index.cursorOf(LastEvaluatedKey) } : { items };
  };

/**
 * Reads a page by key, strongly consistent. A cursor is a position: inserts and deletes between two pages shift
 * nothing.
 */
export const queryPage = createPages(primary);

/** Reads a page of the secondary listing, eventually consistent. */
export const listPage = createPages(listing);
