import { sha256 } from '../sha256.ts';
import type { FilterTarget } from './filter.ts';
import type { Json } from './turn.ts';

/** Value that an index compares: a scalar, or a list of which one has to match. */
export type FieldValue = string | number | boolean | string[];

const maxPlainLength = 64;
const plainDay = /^(\d{4})-(\d\d)-(\d\d)$/;
const digestMark = 'sha256:';

/**
 * Token of a scalar metadata value, equal for equal values only; long strings are hashed. Undefined for lists and
 * objects.
 */
export const tokenOf = (value: Json): string | number | boolean | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const isPlain = value.length <= maxPlainLength && !value.startsWith(digestMark);
  return isPlain ? value : digestMark + sha256(value, 'hex');
};

/**
 * `YYYY-MM-DD` as a number of the same order, for services that cannot compare strings; undefined for other texts.
 */
export const dayNumber = (text: string): number | undefined => {
  const parts = plainDay.exec(text);
  return parts ? Number(parts.slice(1).join('')) : undefined;
};

const isUnparsableDay = (day: string | undefined): boolean =>
  day !== undefined && dayNumber(day) === undefined;

/** Fields for filters besides ids and times. Lists and objects are left to the core. */
const optionalFields = (
  { metadata, categories, expiresOn }: FilterTarget,
  fieldOf: (key: string) => string,
): [field: string, value: FieldValue | undefined][] => {
  const labels = [...new Set(categories.map((category) => category.toLowerCase()))];
  const fields: [string, FieldValue | undefined][] = [];
  if (labels.length > 0) fields.push(['categories', labels]);
  if (expiresOn !== undefined) fields.push(['expiresOn', dayNumber(expiresOn)]);
  for (const [key, value] of Object.entries(metadata)) fields.push([fieldOf(key), tokenOf(value)]);
  return fields;
};

/** Fields of a record in an index, for the filters that `pushedDown` makes. */
export interface FilterFields {
  [field: string]: FieldValue;
}

/** Ids and times of an entry, of which every record has all. */
export const requiredFields = ({
  id,
  class: of,
  target,
}: {
  id: string;
  class: string;
  target: FilterTarget;
}): FilterFields => ({
  entry: id,
  class: of,
  memory: target.id,
  createdAt: target.createdAt,
  updatedAt: target.updatedAt,
  observedAt: target.observedAt,
});

/**
 * Adds the filterable fields of `target` to those that a record has, as far as the size limit allows. `truncated` marks a record that
 * lacks some, or holds an unparsable day: filters on possibly missing fields pass such records.
 */
export const withFilterFields = (
  fields: FilterFields,
  target: FilterTarget,
  {
    fieldOf,
    maxBytes,
    maxFields,
  }: { fieldOf: (key: string) => string; maxBytes: number; maxFields: number },
): FilterFields => {
  const result: FilterFields = {
    ...fields,
    ...(isUnparsableDay(target.expiresOn) ? { truncated: true } : {}),
  };
  let left = maxBytes - Buffer.byteLength(JSON.stringify(result));
  let places = maxFields - Object.keys(result).length;
  for (const [field, value] of optionalFields(target, fieldOf)) {
    if (value === undefined) continue;
    const size = Buffer.byteLength(JSON.stringify({ [field]: value }));
    if (size > left || places <= 1) result['truncated'] = true;
    else {
      result[field] = value;
      left -= size;
      places -= 1;
    }
  }
  return result;
};
