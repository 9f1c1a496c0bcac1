import type { Item, ItemKind } from '../domain/table/items.ts';
import type { Condition, Predicate } from '../ports/store.ts';

type Scalar = string | number | boolean;

/** Name of an attribute that some kind of item has: a condition on any other name would never hold. */
type Attribute = { [K in ItemKind]: keyof Item<K> }[ItemKind];

/** A predicate of the store, with attributes that exist. */
type Test =
  | Exclude<Predicate, { attribute: string } | { any: unknown } | { all: unknown }>
  | (Extract<Predicate, { attribute: string }> & { attribute: Attribute })
  | { any: readonly Test[] }
  | { all: readonly Test[] };

/** Names a predicate on the item that a write is about. */
export const condition = (name: string, test: Test): Condition => ({ name, test });

/** The attribute has that value, or is missing when the value is undefined. */
export const equalsOrMissing = (attribute: Attribute, value: Scalar | undefined): Test =>
  value === undefined ? { attribute, is: 'missing' } : { attribute, equals: value };

/** The lease was never taken, was given back, or has expired. */
export const leaseIsFree = (now: number): Test => ({
  any: [
    { attribute: 'leaseUntil', is: 'missing' },
    { attribute: 'leaseUntil', atMost: now },
  ],
});
