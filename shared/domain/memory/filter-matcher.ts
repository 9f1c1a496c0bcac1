import { type EntityKind, hasEntity } from './entities.ts';
import type { Comparison, Filter, FilterTarget } from './filter.ts';
import type { Json } from './turn.ts';

/** A memory that is being matched. Lower-case forms are computed once, even when several conditions use them. */
interface Subject {
  target: FilterTarget;
  foldedText?: string;
  foldedCategories?: readonly string[];
  /** Lower-case strings by metadata key. */
  foldedMetadata?: Map<string, string>;
}

type Condition = (subject: Subject) => boolean;

const compare = (op: Comparison, left: number | string, right: number | string): boolean => {
  switch (op) {
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
  }
};

const foldedText = (subject: Subject): string => {
  subject.foldedText ??= subject.target.text.toLowerCase();
  return subject.foldedText;
};

const foldedCategories = (subject: Subject): readonly string[] => {
  subject.foldedCategories ??= subject.target.categories.map((name) => name.toLowerCase());
  return subject.foldedCategories;
};

const foldedMetadata = (subject: Subject, key: string, value: string): string => {
  subject.foldedMetadata ??= new Map();
  const folded = subject.foldedMetadata.get(key) ?? value.toLowerCase();
  subject.foldedMetadata.set(key, folded);
  return folded;
};

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
const sameJson = (stored: Json | undefined, wanted: Json): boolean => {
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

const everyOf = (parts: readonly Filter[]): Condition => {
  const conditions = parts.map(conditionOf);
  return (subject) => conditions.every((holds) => holds(subject));
};

const someOf = (parts: readonly Filter[]): Condition => {
  const conditions = parts.map(conditionOf);
  return (subject) => conditions.some((holds) => holds(subject));
};

const ofEntity = (filter: Extract<Filter, { entity: EntityKind }>): Condition => {
  const isWanted = !('isNot' in filter);
  const entity = { kind: filter.entity, id: 'isNot' in filter ? filter.isNot : filter.is };
  return ({ target }) => hasEntity(target, entity) === isWanted;
};

const ofMetadata = ({
  metadata: key,
  op,
  value,
}: Extract<Filter, { metadata: string }>): Condition => {
  const storedIn = ({ target: { metadata } }: Subject): Json | undefined =>
    Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (op !== 'contains') return (subject) => sameJson(storedIn(subject), value) === (op === 'eq');
  const needle = typeof value === 'string' ? value.toLowerCase() : undefined;
  return (subject) => {
    const stored = storedIn(subject);
    if (Array.isArray(stored)) return stored.some((item) => sameJson(item, value));
    if (typeof stored !== 'string' || needle === undefined) return false;
    return foldedMetadata(subject, key, stored).includes(needle);
  };
};

const ofText = ({ text, ignoreCase }: Extract<Filter, { text: string }>): Condition => {
  if (!ignoreCase) return ({ target }) => target.text.includes(text);
  const needle = text.toLowerCase();
  return (subject) => foldedText(subject).includes(needle);
};

const ofCategory = ({ category, match }: Extract<Filter, { category: string }>): Condition => {
  const wanted = category.toLowerCase();
  return match === 'is'
    ? (subject) => foldedCategories(subject).includes(wanted)
    : (subject) => foldedCategories(subject).some((category) => category.includes(wanted));
};

const ofIds = ({ ids }: Extract<Filter, { ids: string[] }>): Condition => {
  const wanted = new Set(ids);
  return ({ target }) => wanted.has(target.id);
};

const ofExpiry = ({ expiresOn: day, op }: Extract<Filter, { expiresOn: string }>): Condition => {
  const matchesUndated = op === 'ne';
  return ({ target: { expiresOn } }) =>
    expiresOn === undefined ? matchesUndated : compare(op, expiresOn, day);
};

const conditionOf = (filter: Filter): Condition => {
  if ('all' in filter) return everyOf(filter.all);
  if ('any' in filter) return someOf(filter.any);
  if ('none' in filter) {
    const some = someOf(filter.none);
    return (subject) => !some(subject);
  }
  if ('entity' in filter) return ofEntity(filter);
  if ('time' in filter) {
    const { time, op, value } = filter;
    return ({ target }) => compare(op, target[time], value);
  }
  if ('metadata' in filter) return ofMetadata(filter);
  if ('ids' in filter) return ofIds(filter);
  if ('text' in filter) return ofText(filter);
  return 'category' in filter ? ofCategory(filter) : ofExpiry(filter);
};

/**
 * Compiles a filter to a function that tests memories. This is the only definition of what a filter means; an index
 * may filter earlier, but must not drop a match. Lower-case forms of the filter's values are computed once.
 */
export const matcherOf = (filter: Filter): ((target: FilterTarget) => boolean) => {
  const holds = conditionOf(filter);
  return (target) => holds({ target });
};
