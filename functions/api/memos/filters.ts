import type { EntityKind } from '../../../shared/domain/memory/entities.ts';
import type { Comparison, Filter } from '../../../shared/domain/memory/filter.ts';
import type { Json } from '../../../shared/domain/memory/turn.ts';
import { EntityId } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
import { parseInterval } from '../http/instant.ts';
import { isRecord } from '../http/is-record.ts';
import { limits } from '../http/limits.ts';
import { parse } from '../http/parse.ts';
import { isCondition } from './fields.ts';

/** Kinds of sources that a filter may name. Only memories of users and agents exist here. */
const sourceNames = ['user', 'agent', 'public', 'knowledgebase'] as const;
/** Where memories of a search come from. */
export type Source = (typeof sourceNames)[number];
const sources: ReadonlySet<string> = new Set(sourceNames);

const entityFields: ReadonlyMap<string, EntityKind> = new Map([
  ['user_id', 'user'],
  ['agent_id', 'agent'],
  ['app_id', 'app'],
  ['conversation_id', 'run'],
]);

const timeFields: ReadonlyMap<string, 'createdAt' | 'updatedAt'> = new Map([
  ['create_time', 'createdAt'],
  ['update_time', 'updatedAt'],
]);

const comparisons: ReadonlySet<string> = new Set(['lt', 'gt', 'lte', 'gte']);
const isComparison = (op: string): op is 'lt' | 'gt' | 'lte' | 'gte' => comparisons.has(op);

const refused = (at: string, sentence: string) => invalid(at, `${at} ${sentence}.`);

/** The only entry of a condition or of its operator. */
const entryOf = (value: unknown, at: string, sentence: string): [string, unknown] => {
  const [entry] = isCondition(value) ? Object.entries(value) : [];
  if (!entry) throw refused(at, sentence);
  return entry;
};

const scalarOf = (value: unknown, at: string): string | number | boolean => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw refused(at, 'must be a text, a number, or true or false');
  if (String(value).length > limits.filterOperandLength)
    throw refused(at, `must be at most ${limits.filterOperandLength} characters long`);
  return value;
};

const timeCondition = (field: 'createdAt' | 'updatedAt', value: unknown, at: string): Filter => {
  const [op, operand] = entryOf(value, at, 'must have one of lt, gt, lte, gte');
  const interval = isComparison(op) ? parseInterval(operand) : undefined;
  if (!isComparison(op)) throw refused(at, 'must have one of lt, gt, lte, gte');
  if (!interval) throw refused(`${at}.${op}`, 'must be a date such as 2025-12-31, or a time');
  // A date means the whole day: `lte` includes the day, `gt` starts after it.
  const end = op === 'gt' || op === 'lte' ? interval.to : interval.from;
  return { time: field, op: op satisfies Comparison, value: end };
};

/** Tags of the memory itself and those of the caller. */
const tagCondition = (value: unknown, at: string): Filter => {
  const [op, operand] = entryOf(value, at, 'must be {"contains": <tag>}');
  if (op !== 'contains') throw refused(at, 'must be {"contains": <tag>}');
  const tag = String(scalarOf(operand, `${at}.contains`));
  return { any: [{ tag }, { metadata: 'tags', op: 'contains', value: tag }] };
};

const relatedCondition = (value: unknown, at: string): Filter => {
  const ids = Array.isArray(value) ? value : [value];
  if (ids.length === 0) throw refused(at, 'must not be empty');
  return {
    any: ids.flatMap((id, index): Filter[] => {
      const is = parse(EntityId, id, `${at}[${index}]`);
      return [
        { entity: 'user', is },
        { entity: 'agent', is },
      ];
    }),
  };
};

const infoCondition = (field: string, value: unknown, at: string): Filter => {
  if (!isRecord(value)) return { metadata: field, op: 'eq', value: scalarOf(value, at) };
  const [op, operand] = entryOf(value, at, 'must have one operator');
  const scalar: Json = scalarOf(operand, `${at}.${op}`);
  if (op === 'contains') return { metadata: field, op, value: scalar };
  if (isComparison(op) && typeof scalar !== 'boolean')
    return { metadata: field, op, value: scalar };
  throw refused(at, 'must have one of contains, lt, gt, lte, gte');
};

const conditionOf = (condition: unknown, at: string): Filter => {
  const [field, value] = entryOf(condition, at, 'must be an object with one field');
  const place = `${at}.${field}`.slice(0, 200);
  if (field === 'and' || field === 'or') return groupOf(field, value, place);
  const entity = entityFields.get(field);
  if (entity) return { entity, is: parse(EntityId, value, place) };
  const time = timeFields.get(field);
  if (time) return timeCondition(time, value, place);
  if (field === 'tags') return tagCondition(value, place);
  return field === 'related_id'
    ? relatedCondition(value, place)
    : infoCondition(field, value, place);
};

const groupOf = (join: 'and' | 'or', value: unknown, at: string): Filter => {
  if (!Array.isArray(value)) throw refused(at, 'must be an array');
  if (value.length === 0) throw refused(at, 'must not be empty');
  const parts = value.map((part, index) => conditionOf(part, `${at}[${index}]`));
  return join === 'and' ? { all: parts } : { any: parts };
};

/** Values of a condition: its object, its operator, and what it compares with. */
const valuesPerCondition = 3;

const countOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, part) => sum + 1 + countOf(part), 0)
    : 0;

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

/** Filter of one source: as at the root, or an object of conditions that all must hold. */
const sourceOf = (value: unknown, at: string): Filter => {
  if (!isRecord(value) || 'and' in value || 'or' in value) return rootOf(value, at);
  return { all: Object.entries(value).map(([field, one]) => conditionOf({ [field]: one }, at)) };
};

const rootOf = (value: unknown, at: string): Filter => {
  const [join, parts] = entryOf(value, at, 'must be {"and": [...]} or {"or": [...]}');
  if (join !== 'and' && join !== 'or') throw refused(at, 'must be {"and": [...]} or {"or": [...]}');
  return groupOf(join, parts, `${at}.${join}`);
};

/**
 * Converts a filter of this surface. One by sources applies the part of `source`; a source without a part is not filtered.
 * @throws HttpError 400 that names the condition
 */
export const filterOf = (given: unknown, source: Source): Filter => {
  if (given == null || (isRecord(given) && Object.keys(given).length === 0)) return { all: [] };
  if (!isRecord(given)) throw refused('filter', 'must be an object');
  if (countOf(given) > limits.filterConditions * valuesPerCondition)
    throw refused('filter', `must not have more than ${limits.filterConditions} conditions`);
  if (depthOf(given) > limits.filterDepth)
    throw refused('filter', `must not be nested deeper than ${limits.filterDepth} levels`);
  const keys = Object.keys(given);
  if (!keys.some((key) => sources.has(key))) return rootOf(given, 'filter');
  if (!keys.every((key) => sources.has(key)))
    throw refused('filter', 'must not mix sources with "and" or "or"');
  const part = given[source];
  return part == null ? { all: [] } : sourceOf(part, `filter.${source}`);
};
