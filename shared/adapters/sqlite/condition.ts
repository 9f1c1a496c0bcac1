import type { Item } from '../../domain/table/items.ts';
import type { Predicate } from '../../ports/store.ts';

const attributeOf = (item: Item | undefined, name: string): unknown =>
  item !== undefined && Object.hasOwn(item, name) ? Reflect.get(item, name) : undefined;

const atMost = (held: unknown, bound: string | number): boolean =>
  (typeof held === 'number' && typeof bound === 'number' && held <= bound) ||
  (typeof held === 'string' && typeof bound === 'string' && held <= bound);

/** Whether a test holds of the item that stands there; values of different types are never equal nor in order. */
export const holds = (test: Predicate, item: Item | undefined): boolean => {
  if ('any' in test) return test.any.some((part) => holds(part, item));
  if ('all' in test) return test.all.every((part) => holds(part, item));
  if (!('attribute' in test)) return (item === undefined) === (test.is === 'absent');
  const held = attributeOf(item, test.attribute);
  if ('is' in test) return held === undefined;
  if ('equals' in test) return held === test.equals;
  if ('in' in test) return test.in.some((value) => value === held);
  return atMost(held, test.atMost);
};
