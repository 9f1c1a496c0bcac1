import { createHash } from 'node:crypto';
import { type DueClass, dueClassOf } from '../../domain/table/due-class.ts';
import type { Item, ItemKind, Key } from '../../domain/table/items.ts';
import { type Attributes, decode, encode } from './attribute-value.ts';
import { attribute, dueShards } from './table.ts';

/** Fields stored under the attribute name that an index or the expiry uses. */
const renamed = new Map<string, string>([
  ['listPk', attribute.listPartition],
  ['listSk', attribute.listSort],
  ['expiresAt', attribute.expiry],
]);

const fieldOf = new Map([...renamed].map(([field, name]) => [name, field]));

/** Attributes computed from the key or from other fields. */
const derived: readonly string[] = [
  attribute.partition,
  attribute.sort,
  attribute.timeToLive,
  attribute.duePartition,
];

/** Returns the attribute that stores a field. */
export const attributeOf = (field: string): string => renamed.get(field) ?? field;

/** Returns all attributes to remove with a field. */
export const attributesOfRemoved = (field: string): string[] => {
  if (field === 'expiresAt') return [attribute.expiry, attribute.timeToLive];
  if (field === 'dueAt') return [attribute.dueSort, attribute.duePartition];
  return [attributeOf(field)];
};

/** Partition of the due index. Those of work may have upkeep, too, which was written before there were classes. */
export const duePartition = (due: DueClass, shard: number): string =>
  due === 'work' ? `DUE#${shard}` : `DUE#upkeep#${shard}`;

const duePartitionOf = (pk: string): string =>
  duePartition(dueClassOf(pk), (createHash('sha256').update(pk).digest()[0] ?? 0) % dueShards);

/** Computes the attributes that accompany a field. The time to live is rounded up, so that no item is removed early. */
const derivedAttributes = (pk: string, field: string, value: unknown): Attributes => {
  if (field === 'dueAt') return { [attribute.duePartition]: { S: duePartitionOf(pk) } };
  return field === 'expiresAt' && typeof value === 'number'
    ? { [attribute.timeToLive]: encode(Math.ceil(value / 1_000)) }
    : {};
};

/** Encodes the fields of the item at `pk`; undefined values are left out. */
export const attributesOf = (pk: string, fields: object): Attributes => {
  const attributes: Attributes = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    attributes[attributeOf(field)] = encode(value);
    Object.assign(attributes, derivedAttributes(pk, field, value));
  }
  return attributes;
};

export const keyAttributes = ({ pk, sk }: Omit<Key, 'kind'>): Attributes => ({
  [attribute.partition]: { S: pk },
  [attribute.sort]: { S: sk },
});

export const textOf = (attributes: Attributes, name: string): string => attributes[name]?.S ?? '';

/** Returns whether an item has expired. DynamoDB removes such items hours later: until then they count as absent. */
const hasExpired = (attributes: Attributes, now: number): boolean => {
  const expiry = attributes[attribute.expiry]?.N;
  return expiry !== undefined && Number(expiry) <= now;
};

/**
 * Decodes an item as it was written; undefined if absent or expired. The type is safe: items are only written under
 * keys of their kind.
 */
export const itemOf = <K extends ItemKind>(
  attributes: Attributes | undefined,
  now: number,
): Item<K> | undefined => {
  if (!attributes || hasExpired(attributes, now)) return undefined;
  const fields = Object.entries(attributes)
    .filter(([name]) => !derived.includes(name))
    .map(([name, value]) => [fieldOf.get(name) ?? name, decode(value)]);
  return Object.fromEntries(fields) as Item<K>;
};
