import type { Json } from './memory/turn.ts';

/** Keys counted once for each object: many conditions compare the same one. */
const keyCounts = new WeakMap<object, number>();

const keyCount = (held: object): number => {
  const known = keyCounts.get(held);
  if (known !== undefined) return known;
  const count = Object.keys(held).length;
  keyCounts.set(held, count);
  return count;
};

const sameLists = (held: readonly Json[], wanted: readonly Json[]): boolean =>
  held.length === wanted.length && wanted.every((item, index) => sameJson(held[index], item));

const sameObjects = (
  held: { readonly [key: string]: Json },
  wanted: { readonly [key: string]: Json },
): boolean => {
  if (keyCount(held) !== keyCount(wanted)) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(held, key) && sameJson(held[key], value),
  );
};

/** Whether two values are equal, whatever the order of keys. The work is bounded by the size of `wanted`, not of `held`. */
export const sameJson = (held: Json | undefined, wanted: Json): boolean => {
  if (held === wanted) return true;
  if (typeof held !== 'object' || typeof wanted !== 'object' || held === null || wanted === null)
    return false;
  if (Array.isArray(held)) return Array.isArray(wanted) && sameLists(held, wanted);
  return !Array.isArray(wanted) && sameObjects(held, wanted);
};
