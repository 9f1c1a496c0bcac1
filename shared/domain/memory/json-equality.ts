import type { Json, Metadata } from './turn.ts';

/** Number of keys by object: many conditions of a filter compare the same object. */
const keyCounts = new WeakMap<object, number>();

const keyCount = (stored: object): number => {
  const known = keyCounts.get(stored);
  if (known !== undefined) return known;
  const count = Object.keys(stored).length;
  keyCounts.set(stored, count);
  return count;
};

const sameLists = (stored: readonly Json[], wanted: readonly Json[]): boolean =>
  stored.length === wanted.length && wanted.every((item, index) => sameJson(stored[index], item));

const sameObjects = (
  stored: { readonly [key: string]: Json },
  wanted: { readonly [key: string]: Json },
): boolean => {
  if (keyCount(stored) !== keyCount(wanted)) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(stored, key) && sameJson(stored[key], value),
  );
};

/** Whether two values are equal, ignoring the order of keys. The work is bounded by the size of `wanted`, not of `stored`. */
export const sameJson = (stored: Json | undefined, wanted: Json): boolean => {
  if (stored === wanted) return true;
  if (
    typeof stored !== 'object' ||
    typeof wanted !== 'object' ||
    stored === null ||
    wanted === null
  )
    return false;
  if (Array.isArray(stored)) return Array.isArray(wanted) && sameLists(stored, wanted);
  return !Array.isArray(wanted) && sameObjects(stored, wanted);
};

/** Entries of metadata that others are compared with. */
export type WantedEntries = readonly (readonly [key: string, value: Json])[];

/** Whether the metadata has every key of the entries with an equal value. */
export const hasEntries = (metadata: Metadata, wanted: WantedEntries): boolean =>
  wanted.every(([key, value]) => Object.hasOwn(metadata, key) && sameJson(metadata[key], value));

/** Whether the metadata has every key of `wanted` with an equal value. */
export const hasMetadata = (metadata: Metadata, wanted: Metadata): boolean =>
  hasEntries(metadata, Object.entries(wanted));

/** Number of values at any depth, objects and lists included, without the value itself. */
export const countValues = (value: Json): number => {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  for (const part of Object.values(value)) count += 1 + countValues(part);
  return count;
};
