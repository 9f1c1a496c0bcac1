import { type MemoryKind, memoryKinds } from '../../../../shared/domain/memory/description.ts';
import type { Filter } from '../../../../shared/domain/memory/filter.ts';
import type { Json } from '../../../../shared/domain/memory/turn.ts';
import { invalid } from '../../http/http-error.ts';
import { isRecord } from '../../http/is-record.ts';
import { limits } from '../../http/limits.ts';
import { listOf, operatorsOf, type Rule, textOf } from './filter-syntax.ts';

/** Returns a text to search for in other texts, of bounded length: for a longer one the search of V8 may take quadratic time. */
const partAt = (part: string, at: string): string => {
  // A text may become longer in lower case.
  if (part.toLowerCase().length <= limits.filterPartLength) return part;
  throw invalid(at, `${at} must not look for more than ${limits.filterPartLength} characters.`);
};

const containsText = (value: unknown, at: string, ignoreCase: boolean): Filter => ({
  text: partAt(textOf(value, at), at),
  ignoreCase,
});

/** Filter for `keywords` and `text`: matches part of the memory's text. */
export const textFilter: Rule = (value, at) =>
  operatorsOf(value, at, {
    bare: (text) => containsText(text, at, true),
    contains: (text) => containsText(text, at, false),
    icontains: (text) => containsText(text, at, true),
  });

const inCategories = (names: unknown, at: string): Filter => ({
  any: listOf(names, at).map((name) => ({ category: textOf(name, at), match: 'is' })),
});

const likeCategory = (name: unknown, at: string): Filter => ({
  category: partAt(textOf(name, at), at),
  match: 'contains',
});

export const categoriesFilter: Rule = (value, at) =>
  operatorsOf(value, at, {
    bare: (names) => {
      if (Array.isArray(names)) return inCategories(names, at);
      // `*` matches memories with any category: every name contains the empty name.
      return names === '*' ? { category: '', match: 'contains' } : likeCategory(names, at);
    },
    in: (names) => inCategories(names, at),
    contains: (name) =>
      Array.isArray(name)
        ? { any: name.map((one) => likeCategory(one, at)) }
        : likeCategory(name, at),
  });

const isKind = (value: unknown): value is MemoryKind => memoryKinds.some((kind) => kind === value);

const kindAt = (value: unknown, at: string): Filter => {
  if (isKind(value)) return { kind: value };
  throw invalid(at, `${at} must be one of ${memoryKinds.join(', ')}.`);
};

/** Filter for the kind of a memory: a kind, or one of several. */
export const kindFilter: Rule = (value, at) => {
  const inKinds = (kinds: unknown): Filter => ({
    any: listOf(kinds, at).map((kind) => kindAt(kind, at)),
  });
  return operatorsOf(value, at, {
    bare: (kind) => (Array.isArray(kind) ? inKinds(kind) : kindAt(kind, at)),
    eq: (kind) => kindAt(kind, at),
    ne: (kind) => ({ none: [kindAt(kind, at)] }),
    in: inKinds,
  });
};

const isJson = (value: unknown): value is Json => value !== undefined;

const jsonAt = (value: unknown, at: string): Json => {
  if (isJson(value)) return value;
  throw invalid(at, `${at} must have a value.`);
};

const operatorNames = ['eq', 'ne', 'contains', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'icontains'];

const isOperators = (value: unknown): boolean =>
  isRecord(value) && Object.keys(value).some((name) => operatorNames.includes(name));

const orderedAt = (value: unknown, at: string): number | string => {
  if (typeof value === 'number' || typeof value === 'string') return value;
  throw invalid(at, `${at} must be compared with a number or a string.`);
};

const metadataEntry = (key: string, value: unknown, at: string): Filter => {
  const compared =
    (op: 'eq' | 'ne' | 'contains') =>
    (operand: unknown): Filter => ({
      metadata: key,
      op,
      value: jsonAt(operand, at),
    });
  const equal = compared('eq');
  const exists: Filter = { metadata: key, op: 'exists' };
  const ordered =
    (op: 'gt' | 'gte' | 'lt' | 'lte') =>
    (operand: unknown): Filter => ({ metadata: key, op, value: orderedAt(operand, at) });
  const equalsOneOf = (values: unknown): Filter => ({ any: listOf(values, at).map(equal) });
  const contains = (part: unknown): Filter =>
    compared('contains')(typeof part === 'string' ? partAt(part, at) : part);
  if (value === '*') return exists;
  if (!isOperators(value)) return equal(value);
  return operatorsOf(value, at, {
    eq: equal,
    ne: (operand) => (operand === '*' ? { none: [exists] } : compared('ne')(operand)),
    contains,
    icontains: contains,
    in: equalsOneOf,
    nin: (values) => ({ none: [equalsOneOf(values)] }),
    gt: ordered('gt'),
    gte: ordered('gte'),
    lt: ordered('lt'),
    lte: ordered('lte'),
  });
};

/** Filter for top-level keys of the metadata, each with a value, an operator, or `*` for any value. */
export const metadataFilter: Rule = (value, at) => {
  const entries = isRecord(value) ? Object.entries(value) : [];
  if (entries.length === 0) throw invalid(at, `${at} must be an object that is not empty.`);
  return { all: entries.map(([key, wanted]) => metadataEntry(key, wanted, `${at}.${key}`)) };
};

const idsOf = (value: unknown, at: string): Filter => ({
  ids: listOf(value, at).map((id) => textOf(id, at).toLowerCase()),
});

export const idsFilter: Rule = (value, at) =>
  operatorsOf(value, at, {
    bare: (ids) => idsOf(Array.isArray(ids) ? ids : [ids], at),
    in: (ids) => idsOf(ids, at),
  });
