import { invalid } from '../../http/http-error.ts';
import { isRecord } from '../../http/is-record.ts';
import { limits } from '../../http/limits.ts';
import { snakeKey } from './filter-syntax.ts';

const connectives = new Set(['AND', 'OR', 'NOT']);

/** Conditions counted so far. `root` is the position of the filter in the request. */
interface Count {
  root: string;
  conditions: number;
}

const named = (at: string): string => at || 'The filter';

const checkText = (text: string, at: string): void => {
  if (text.length > limits.filterOperandLength)
    throw invalid(
      at,
      `${named(at)} must not hold more than ${limits.filterOperandLength} characters.`,
    );
};

const checkLength = (list: readonly unknown[], at: string, max: number): void => {
  if (list.length > max) throw invalid(at, `${named(at)} must not have more than ${max} entries.`);
};

const countEntry = (key: string, value: unknown, at: string, levels: number, count: Count) => {
  const place = at === '' ? key : `${at}.${key}`;
  checkText(key, at);
  const nested = levels + (connectives.has(key) ? 1 : 0);
  if (nested > limits.filterDepth)
    throw invalid(
      count.root,
      `${named(count.root)} must not be nested deeper than ${limits.filterDepth} levels of AND, OR and NOT.`,
    );
  // All ids together count as one condition, since one lookup resolves them.
  if (snakeKey(key) === 'memory_ids') countIds(value, place, count);
  else countIn(value, place, nested, count);
};

const countIds = (value: unknown, at: string, count: Count): void => {
  const lists = isRecord(value) ? Object.values(value) : [value];
  for (const list of lists) {
    addCondition(count);
    if (!Array.isArray(list)) continue;
    checkLength(list, at, limits.filterIds);
    for (const id of list) if (typeof id === 'string') checkText(id, at);
  }
};

const addCondition = (count: Count): void => {
  count.conditions += 1;
  if (count.conditions > limits.filterConditions)
    throw invalid(
      count.root,
      `${named(count.root)} must not have more than ${limits.filterConditions} conditions.`,
    );
};

const countIn = (value: unknown, at: string, levels: number, count: Count): void => {
  if (Array.isArray(value)) {
    checkLength(value, at, limits.filterListLength);
    for (const item of value) countIn(item, at, levels, count);
  } else if (isRecord(value)) {
    for (const [key, part] of Object.entries(value)) countEntry(key, part, at, levels, count);
  } else {
    addCondition(count);
    if (typeof value === 'string') checkText(value, at);
  }
};

/**
 * Rejects a filter that would be expensive to parse or to evaluate on many memories. Runs before parsing.
 * @throws HttpError 400 that names the part
 */
export const checkFilterSize = (value: unknown, at: string): void =>
  countIn(value, at, 0, { root: at, conditions: 0 });
