import type { Item } from '../../domain/table/items.ts';
import type { Predicate } from '../../ports/store.ts';

const attributeOf = (item: Item | undefined, name: string): unknown =>
  item !== undefined && Object.hasOwn(item, name) ? Reflect.get(item, name) : undefined;

const isAtMost = (value: unknown, bound: string | number): boolean =>
  (typeof value === 'number' && typeof bound === 'number' && value <= bound) ||
  (typeof value === 'string' && typeof bound === 'string' && value <= bound);

/** Evaluates a predicate on the stored item. Values of different types are neither equal nor comparable. */
export const evaluate = (test: Predicate, item: Item | undefined): boolean => {
  if ('any' in test) return test.any.some((part) => evaluate(part, item));
  if ('all' in test) return test.all.every((part) => evaluate(part, item));
  if (!('attribute' in test)) return (item === undefined) === (test.is === 'absent');
  const value = attributeOf(item, test.attribute);
  if ('is' in test) return value === undefined;
  if ('equals' in test) return value === test.equals;
  if ('in' in test) return test.in.some((allowed) => allowed === value);
  return isAtMost(value, test.atMost);
};
