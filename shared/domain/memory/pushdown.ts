import { anyId, type Entity } from './entities.ts';
import type { Filter } from './filter.ts';
import { dayNumber, tokenOf } from './filter-fields.ts';

/** Filter in the syntax of the service; true passes everything; false passes nothing, so no query is needed. */
export type PushdownFilter = { readonly [field: string]: unknown } | boolean;

/** Names in the metadata of an index, and its limits. */
export interface PushdownNames {
  /** Label of an entity in the list `entities`. */
  labelOf(entity: Entity): string;
  /** Field of a key of the caller's metadata. */
  fieldOf(key: string): string;
  /** Bound on the values of one list. */
  maxValues: number;
}

const inverse = { gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt', eq: 'ne', ne: 'eq' } as const;

export const and = (parts: readonly PushdownFilter[]): PushdownFilter => {
  if (parts.includes(false)) return false;
  const filters = parts.filter((part) => part !== true);
  return filters.length > 1 ? { $and: filters } : (filters[0] ?? true);
};

const or = (parts: readonly PushdownFilter[]): PushdownFilter => {
  if (parts.includes(true)) return true;
  const filters = parts.filter((part) => part !== false);
  return filters.length > 1 ? { $or: filters } : (filters[0] ?? false);
};

/** Also passes entries with truncated metadata, which may lack the field: the core decides. */
const orTruncated = (filter: PushdownFilter): PushdownFilter =>
  or([filter, { truncated: { $eq: true } }]);

/** Also passes entries without the field. Explicit, because `$ne` is documented inconsistently for missing fields. */
const orMissing = (field: string, filter: PushdownFilter): PushdownFilter =>
  or([filter, { [field]: { $exists: false } }]);

const valueFilter = (field: string, value: unknown, wanted: boolean): PushdownFilter =>
  orTruncated(wanted ? { [field]: { $eq: value } } : orMissing(field, { [field]: { $ne: value } }));

const listFilter = (field: string, values: readonly string[], wanted: boolean): PushdownFilter =>
  wanted ? { [field]: { $in: values } } : { [field]: { $nin: values } };

const entityFilter = (
  filter: Extract<Filter, { entity: string }>,
  { labelOf }: PushdownNames,
  wanted: boolean,
): PushdownFilter => {
  const [id, keeps] = 'isNot' in filter ? [filter.isNot, !wanted] : [filter.is, wanted];
  return id === anyId
    ? listFilter('kinds', [filter.entity], keeps)
    : listFilter('entities', [labelOf({ kind: filter.entity, id })], keeps);
};

const expiryFilter = (
  { expiresOn, op }: Extract<Filter, { expiresOn: string }>,
  wanted: boolean,
): PushdownFilter => {
  const day = dayNumber(expiresOn);
  if (day === undefined) return true;
  const compared: PushdownFilter = { expiresOn: { [`$${wanted ? op : inverse[op]}`]: day } };
  // A memory without an expiry day passes `ne` only.
  const passesMissing = (op === 'ne') === wanted;
  return orTruncated(passesMissing ? orMissing('expiresOn', compared) : compared);
};

const categoryFilter = (
  { category, match }: Extract<Filter, { category: string }>,
  wanted: boolean,
): PushdownFilter => {
  if (match === 'contains') return true;
  const listed = listFilter('categories', [category.toLowerCase()], wanted);
  return orTruncated(wanted ? listed : orMissing('categories', listed));
};

const metadataFilter = (
  filter: Extract<Filter, { metadata: string }>,
  { fieldOf }: PushdownNames,
  wanted: boolean,
): PushdownFilter => {
  if (filter.op === 'contains' || filter.op === 'exists') return true;
  const { op, value } = filter;
  const field = fieldOf(filter.metadata);
  if (op === 'eq' || op === 'ne') {
    const token = tokenOf(value);
    return token === undefined || valueFilter(field, token, (op === 'eq') === wanted);
  }
  // The service compares numbers alone, and a negation would also pass values of other types.
  return typeof value === 'string' || !wanted || orTruncated({ [field]: { [`$${op}`]: value } });
};

const idFilter = (
  ids: readonly string[],
  { maxValues }: PushdownNames,
  wanted: boolean,
): PushdownFilter => {
  if (ids.length === 0) return !wanted;
  return ids.length > maxValues || listFilter('memory', ids, wanted);
};

/**
 * Predicate pushdown: the part of a filter that the index can evaluate. Never stricter than the given filter, or than its
 * negation when `wanted` is false. Covers entities, times, expiry days, whole categories, equality of scalar metadata,
 * order of numbers in it, and ids. Conditions on parts of texts, lists, objects and the order of texts are left to the core, which
 * checks each hit against its memory.
 */
export const pushedDown = (filter: Filter, names: PushdownNames, wanted = true): PushdownFilter => {
  if ('all' in filter || 'any' in filter || 'none' in filter)
    return combinationFilter(filter, names, wanted);
  if ('entity' in filter) return entityFilter(filter, names, wanted);
  if ('time' in filter) {
    const op = wanted ? filter.op : inverse[filter.op];
    return Number.isFinite(filter.value) ? { [filter.time]: { [`$${op}`]: filter.value } } : true;
  }
  if ('expiresOn' in filter) return expiryFilter(filter, wanted);
  if ('category' in filter) return categoryFilter(filter, wanted);
  if ('metadata' in filter) return metadataFilter(filter, names, wanted);
  return 'ids' in filter ? idFilter(filter.ids, names, wanted) : true;
};

const combinationFilter = (
  filter: { all: Filter[] } | { any: Filter[] } | { none: Filter[] },
  names: PushdownNames,
  wanted: boolean,
): PushdownFilter => {
  if ('all' in filter) {
    const parts = filter.all.map((part) => pushedDown(part, names, wanted));
    return wanted ? and(parts) : or(parts);
  }
  if ('any' in filter) {
    const parts = filter.any.map((part) => pushedDown(part, names, wanted));
    return wanted ? or(parts) : and(parts);
  }
  const parts = filter.none.map((part) => pushedDown(part, names, !wanted));
  return wanted ? and(parts) : or(parts);
};
