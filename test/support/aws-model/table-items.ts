import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type Attributes, sizeOf } from '../../../shared/adapters/dynamodb/attribute-value.ts';
import { attribute, dueIndex, listIndex } from '../../../shared/adapters/dynamodb/table.ts';
import { createSortedRows, type SortedRows } from './sorted-rows.ts';

/** Stored item, and its size by the published rules. */
export interface Row {
  item: Attributes;
  bytes: number;
}

/** Position of an item in the table or in an index. */
interface Entry extends Row {
  partition: string;
  sort: string | number;
  pk: string;
  sk: string;
}

export interface QueryResult {
  items: Attributes[];
  last: Attributes | undefined;
  /** Bytes read, by which reads are charged. */
  bytes: number;
}

type Bound = string | number;

const maxPageBytes = 1_048_576;

export const textIn = (attributes: Attributes, name: string): string => attributes[name]?.S ?? '';

export const keyOf = (attributes: Attributes): string =>
  `${textIn(attributes, attribute.partition)}\n${textIn(attributes, attribute.sort)}`;

const compareBounds = (a: Bound, b: Bound): number => (a < b ? -1 : a > b ? 1 : 0);

const compareEntries = (a: Entry, b: Entry): number =>
  compareBounds(a.sort, b.sort) || compareBounds(a.pk, b.pk) || compareBounds(a.sk, b.sk);

const boundOf = (value: AttributeValue | undefined): Bound | undefined =>
  value?.N === undefined ? value?.S : Number(value.N);

const keyCondition =
  /^(#\w+) = (:\w+)(?: AND (?:begins_with\(#\w+, (:\w+)\)|#\w+ (<=|>=) (:\w+)|#\w+ BETWEEN (:\w+) AND (:\w+)))?$/;

/** Part of a partition that a key condition selects. */
interface KeyRange {
  partition: string;
  lower: Bound | undefined;
  upper: Bound | undefined;
}

const rangeOf = ({
  KeyConditionExpression = '',
  ExpressionAttributeValues: values = {},
}: QueryCommandInput): KeyRange => {
  const match = keyCondition.exec(KeyConditionExpression);
  if (!match) throw new TypeError(`unknown key condition ${KeyConditionExpression}`);
  const [, , partition = '', prefix, operator, bound, from, to] = match;
  const boundAt = (name: string | undefined): Bound | undefined =>
    name === undefined ? undefined : boundOf(values[name]);
  const start = boundAt(prefix);
  return {
    partition: String(boundAt(partition)),
    lower: start ?? boundAt(operator === '>=' ? bound : from),
    upper: start === undefined ? boundAt(operator === '<=' ? bound : to) : `${start}\uffff`,
  };
};

/** Key attributes of the table and its indexes; `keysOnly`: entries have no other attributes. */
const indexes = [
  { name: undefined, partition: attribute.partition, sort: attribute.sort, keysOnly: false },
  {
    name: listIndex,
    partition: attribute.listPartition,
    sort: attribute.listSort,
    keysOnly: false,
  },
  { name: dueIndex, partition: attribute.duePartition, sort: attribute.dueSort, keysOnly: true },
] as const;

const isWithin = ({ sort }: Entry, { lower, upper }: KeyRange): boolean =>
  (lower === undefined || compareBounds(sort, lower) >= 0) &&
  (upper === undefined || compareBounds(sort, upper) <= 0);

type IndexKeys = (typeof indexes)[number];

const createIndex = ({ partition, sort, keysOnly }: IndexKeys) => {
  const partitions = new Map<string, SortedRows<Entry>>();
  const names = [...new Set([attribute.partition, attribute.sort, partition, sort])];
  const keysOf = (item: Attributes): Attributes =>
    Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));

  const entryOf = (row: Row | undefined): Entry | undefined => {
    const bound = boundOf(row?.item[sort]);
    if (!row?.item[partition] || bound === undefined) return undefined;
    const pk = textIn(row.item, attribute.partition);
    const sk = textIn(row.item, attribute.sort);
    return { ...row, partition: textIn(row.item, partition), sort: bound, pk, sk };
  };

  const insert = (entry: Entry): void => {
    const rows = partitions.get(entry.partition) ?? createSortedRows(compareEntries);
    partitions.set(entry.partition, rows);
    rows.insert(entry);
  };

  const remove = (entry: Entry): void => {
    const rows = partitions.get(entry.partition);
    rows?.remove(entry);
    if (rows?.size() === 0) partitions.delete(entry.partition);
  };

  const isSamePlace = (a: Entry, b: Entry): boolean =>
    a.partition === b.partition && compareEntries(a, b) === 0;

  const startOf = (
    { partition: name, lower, upper }: KeyRange,
    newestFirst: boolean,
  ): Entry | undefined => {
    const bound = newestFirst ? upper : lower;
    const tie = newestFirst ? '\uffff' : '';
    if (bound === undefined) return undefined;
    return { partition: name, sort: bound, pk: tie, sk: tie, item: {}, bytes: 0 };
  };

  /** Entries that the key condition selects, after `ExclusiveStartKey`, in the direction of reading. */
  function* selected(input: QueryCommandInput): Generator<Entry> {
    const range = rangeOf(input);
    const newestFirst = input.ScanIndexForward === false;
    const after = entryOf(input.ExclusiveStartKey && { item: input.ExclusiveStartKey, bytes: 0 });
    const start = after ?? startOf(range, newestFirst);
    for (const entry of partitions.get(range.partition)?.read(newestFirst, start) ?? []) {
      if (!isWithin(entry, range)) return;
      if (!after || compareEntries(entry, after) !== 0) yield entry;
    }
  }

  return {
    write(before: Row | undefined, after: Row | undefined): void {
      const [old, next] = [entryOf(before), entryOf(after)];
      if (old && !(next && isSamePlace(old, next))) remove(old);
      if (next) insert(next);
    },
    query(input: QueryCommandInput): QueryResult {
      const items: Attributes[] = [];
      let bytes = 0;
      let last: Attributes | undefined;
      for (const entry of selected(input)) {
        if (items.length === input.Limit || bytes >= maxPageBytes) return { items, bytes, last };
        const keys = keysOf(entry.item);
        items.push(keysOnly ? keys : { ...entry.item });
        bytes += entry.bytes;
        last = keys;
      }
      return { items, bytes, last: undefined };
    },
    firsts: (): Entry[] =>
      [...partitions.values()].flatMap((rows) => {
        const first = rows.first();
        return first ? [first] : [];
      }),
  };
};

/** Units of a write that one partition of the table or of an index is charged. */
export interface Charge {
  index: string | undefined;
  partition: string;
  units: number;
}

const sizes = new WeakMap<Attributes, number>();

/** Row of an item, whose size is computed once. */
const rowOf = (item: Attributes): Row => {
  const bytes = sizes.get(item) ?? sizeOf(item);
  sizes.set(item, bytes);
  return { item, bytes };
};

const kilobytes = (row: Row | undefined): number => Math.ceil((row?.bytes ?? 0) / 1_024);

const indexCharges = (
  { name, partition, sort, keysOnly }: IndexKeys,
  before: Row | undefined,
  after: Row | undefined,
): Charge[] => {
  const chargeOf = (row: Row): Charge => ({
    index: name,
    partition: textIn(row.item, partition),
    units: keysOnly ? 1 : kilobytes(row),
  });
  const [old, next] = [before, after].map((row) => (row?.item[partition] ? row : undefined));
  const areSameKeys =
    old &&
    next &&
    textIn(old.item, partition) === textIn(next.item, partition) &&
    boundOf(old.item[sort]) === boundOf(next.item[sort]);
  if (areSameKeys) return keysOnly ? [] : [chargeOf(next)];
  return [...(old ? [chargeOf(old)] : []), ...(next ? [chargeOf(next)] : [])];
};

/** Items of one table with its two indexes, in memory, without latency or limits. */
export const createTableItems = () => {
  const rows = new Map<string, Row>();
  const [table, list, due] = [
    createIndex(indexes[0]),
    createIndex(indexes[1]),
    createIndex(indexes[2]),
  ];

  return {
    get: (key: string): Row | undefined => rows.get(key),
    write(key: string, item: Attributes | undefined): void {
      const before = rows.get(key);
      const after = item && rowOf(item);
      for (const index of [table, list, due]) index.write(before, after);
      if (after) rows.set(key, after);
      else rows.delete(key);
    },
    query({ IndexName: name, ...input }: QueryCommandInput): QueryResult {
      return (name === listIndex ? list : name === dueIndex ? due : table).query(input);
    },
    /**
     * Charges of a write: a unit for each begun kilobyte of the larger of the item before and after, twice in a transaction,
     * and each entry of an index that comes, goes or changes.
     */
    charges(key: string, item: Attributes | undefined, times: 1 | 2): Charge[] {
      const before = rows.get(key);
      const after = item && rowOf(item);
      const [pk = ''] = key.split('\n');
      const own = times * Math.max(1, kilobytes(before), kilobytes(after));
      return [
        { index: undefined, partition: pk, units: own },
        ...indexCharges(indexes[1], before, after),
        ...indexCharges(indexes[2], before, after),
      ];
    },
    /** Earliest due time of all items; undefined if none is due at all. */
    earliestDue: (): number | undefined => {
      const times = due.firsts().map(({ sort }) => Number(sort));
      return times.length > 0 ? Math.min(...times) : undefined;
    },
    keys: (): Iterable<string> => rows.keys(),
  };
};

export type TableItems = ReturnType<typeof createTableItems>;
