import { anyId } from '../../domain/memory/entities.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import { dayNumber, entityLabel, fieldOf, tokenOf } from './metadata.ts';

/** A filter as the service reads it; true: keeps all; false: keeps nothing, so there is nothing to ask. */
export type Pushed = { readonly [field: string]: unknown } | boolean;

/** Values the service takes in one list, with room to spare. */
const maxValues = 1_000;

const inverse = { gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt', eq: 'ne', ne: 'eq' } as const;

export const every = (parts: readonly Pushed[]): Pushed => {
  if (parts.includes(false)) return false;
  const asked = parts.filter((part) => part !== true);
  return asked.length > 1 ? { $and: asked } : (asked[0] ?? true);
};

const some = (parts: readonly Pushed[]): Pushed => {
  if (parts.includes(true)) return true;
  const asked = parts.filter((part) => part !== false);
  return asked.length > 1 ? { $or: asked } : (asked[0] ?? false);
};

/** Fields that may be missing because there was too much: then the core decides. */
const unlessCut = (pushed: Pushed): Pushed => some([pushed, { truncated: { $eq: true } }]);

/** What documents say of a missing field and `$ne` differs, so it is asked for by itself. */
const orMissing = (field: string, pushed: Pushed): Pushed =>
  some([pushed, { [field]: { $exists: false } }]);

const isValue = (field: string, value: unknown, wanted: boolean): Pushed =>
  unlessCut(wanted ? { [field]: { $eq: value } } : orMissing(field, { [field]: { $ne: value } }));

const isListed = (field: string, values: readonly string[], wanted: boolean): Pushed =>
  wanted ? { [field]: { $in: values } } : { [field]: { $nin: values } };

const ofEntity = (filter: Extract<Filter, { entity: string }>, wanted: boolean): Pushed => {
  const [id, keeps] = 'isNot' in filter ? [filter.isNot, !wanted] : [filter.is, wanted];
  return id === anyId
    ? isListed('kinds', [filter.entity], keeps)
    : isListed('entities', [entityLabel({ kind: filter.entity, id })], keeps);
};

const ofExpiry = (
  { expiresOn, op }: Extract<Filter, { expiresOn: string }>,
  wanted: boolean,
): Pushed => {
  const day = dayNumber(expiresOn);
  if (day === undefined) return true;
  const asked: Pushed = { expiresOn: { [`$${wanted ? op : inverse[op]}`]: day } };
  // A memory without that day passes `ne` and nothing else.
  const passes = (op === 'ne') === wanted;
  return unlessCut(passes ? orMissing('expiresOn', asked) : asked);
};

const ofCategory = (
  { category, match }: Extract<Filter, { category: string }>,
  wanted: boolean,
): Pushed => {
  if (match === 'contains') return true;
  const held = isListed('categories', [category.toLowerCase()], wanted);
  return unlessCut(wanted ? held : orMissing('categories', held));
};

const ofMetadata = (
  { metadata, op, value }: Extract<Filter, { metadata: string }>,
  wanted: boolean,
): Pushed => {
  const token = tokenOf(value);
  if (op === 'contains' || token === undefined) return true;
  return isValue(fieldOf(metadata), token, (op === 'eq') === wanted);
};

const ofIds = (ids: readonly string[], wanted: boolean): Pushed => {
  if (ids.length === 0) return !wanted;
  return ids.length > maxValues || isListed('memory', ids, wanted);
};

/**
 * A filter that keeps at least as much (with `wanted` false: at least what the given one drops). Pushed down are entities,
 * times, days of expiry, categories as a whole, scalar metadata that `is` or `is not`, and ids; what looks inside of
 * texts, lists and objects is left to the core, which judges every hit by its memory.
 */
export const pushedDown = (filter: Filter, wanted = true): Pushed => {
  if ('all' in filter || 'any' in filter || 'none' in filter) return ofParts(filter, wanted);
  if ('entity' in filter) return ofEntity(filter, wanted);
  if ('time' in filter) {
    const op = wanted ? filter.op : inverse[filter.op];
    return Number.isFinite(filter.value) ? { [filter.time]: { [`$${op}`]: filter.value } } : true;
  }
  if ('expiresOn' in filter) return ofExpiry(filter, wanted);
  if ('category' in filter) return ofCategory(filter, wanted);
  if ('metadata' in filter) return ofMetadata(filter, wanted);
  return 'ids' in filter ? ofIds(filter.ids, wanted) : true;
};

const ofParts = (
  filter: { all: Filter[] } | { any: Filter[] } | { none: Filter[] },
  wanted: boolean,
): Pushed => {
  if ('all' in filter) {
    const parts = filter.all.map((part) => pushedDown(part, wanted));
    return wanted ? every(parts) : some(parts);
  }
  if ('any' in filter) {
    const parts = filter.any.map((part) => pushedDown(part, wanted));
    return wanted ? some(parts) : every(parts);
  }
  const parts = filter.none.map((part) => pushedDown(part, !wanted));
  return wanted ? every(parts) : some(parts);
};
