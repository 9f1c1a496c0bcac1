import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Sample } from './random-filters.ts';

/** JSON with sorted keys: the same text for equal values only. */
const canonical = (value: Json | undefined): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'absent';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join()}}`;
};

type Operators = { [name: string]: Json };

const operatorNames = /^(?:eq|ne|in|nin|contains|icontains|gt|gte|lt|lte)$/;

const operatorsIn = (wanted: Json | undefined): Operators | undefined =>
  typeof wanted === 'object' &&
  wanted !== null &&
  !Array.isArray(wanted) &&
  Object.keys(wanted).some((name) => operatorNames.test(name))
    ? wanted
    : undefined;

const order = <T extends number | string>(name: string, left: T, right: T): boolean =>
  ({ gt: left > right, gte: left >= right, lt: left < right, lte: left <= right })[name] ?? false;

/** Milliseconds of a date, or of a date and time; UTC without a zone. Of a whole day the start or the end. */
const msOf = (text: string, end: 'start' | 'end'): number | undefined => {
  if (/^\d{4}-\d\d-\d\d$/.test(text))
    return Date.parse(text) + (end === 'end' ? 24 * 3_600_000 - 1 : 0);
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return undefined;
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
};

const endOf = (name: string): 'start' | 'end' => (/^(?:gt|lte)$/.test(name) ? 'end' : 'start');

const comparesValues = (name: string, stored: Json | undefined, wanted: Json): boolean => {
  if (typeof stored === 'number' && typeof wanted === 'number') return order(name, stored, wanted);
  if (typeof stored !== 'string' || typeof wanted !== 'string') return false;
  const [left, right] = [msOf(stored, 'start'), msOf(wanted, endOf(name))];
  return left === undefined || right === undefined
    ? order(name, stored, wanted)
    : order(name, left, right);
};

const items = (wanted: Json): Json[] => (Array.isArray(wanted) ? wanted : [wanted]);

const containsValue = (stored: Json | undefined, wanted: Json): boolean => {
  if (Array.isArray(stored)) return stored.map(canonical).includes(canonical(wanted));
  return (
    typeof stored === 'string' &&
    typeof wanted === 'string' &&
    stored.toLowerCase().includes(wanted.toLowerCase())
  );
};

const metadataHolds = (stored: Json | undefined, wanted: Json): boolean => {
  const isPresent = stored !== undefined && stored !== null;
  const operators = operatorsIn(wanted);
  if (!operators) return wanted === '*' ? isPresent : canonical(stored) === canonical(wanted);
  return Object.entries(operators).every(([name, operand]) => {
    const isEqual = canonical(stored) === canonical(operand);
    const isListed = items(operand).map(canonical).includes(canonical(stored));
    const results: { [name: string]: boolean } = {
      eq: isEqual,
      ne: operand === '*' ? !isPresent : !isEqual,
      in: isListed,
      nin: !isListed,
      contains: containsValue(stored, operand),
    };
    return results[name] ?? comparesValues(name, stored, operand);
  });
};

const idHolds = (stored: string | undefined, wanted: Json): boolean => {
  const is = (one: Json): boolean => (one === '*' ? stored !== undefined : stored === String(one));
  const operators = operatorsIn(wanted);
  if (!operators) return is(wanted);
  return Object.entries(operators).every(([name, operand]) =>
    name === 'in' ? items(operand).some(is) : !is(operand),
  );
};

const timeHolds = (ms: number, wanted: Json): boolean => {
  const isOn = (one: Json): boolean =>
    ms >= (msOf(String(one), 'start') ?? 0) && ms <= (msOf(String(one), 'end') ?? 0);
  const operators = operatorsIn(wanted);
  if (!operators) return isOn(wanted);
  return Object.entries(operators).every(([name, operand]) =>
    name === 'ne' ? !isOn(operand) : order(name, ms, msOf(String(operand), endOf(name)) ?? 0),
  );
};

const dayHolds = (stored: string | undefined, wanted: Json): boolean => {
  const operators = operatorsIn(wanted);
  if (!operators) return wanted === '*' ? stored !== undefined : stored === wanted;
  return Object.entries(operators).every(([name, operand]) => {
    if (name === 'ne') return stored !== operand;
    return stored !== undefined && order(name, stored, String(operand));
  });
};

const textHolds = (text: string, wanted: Json): boolean =>
  Object.entries(operatorsIn(wanted) ?? {}).every(([name, operand]) =>
    name === 'contains'
      ? text.includes(String(operand))
      : text.toLowerCase().includes(String(operand).toLowerCase()),
  );

const groupHolds = (key: string, parts: Json, sample: Sample): boolean => {
  const results = items(parts).map((part) => holds(part, sample));
  if (key === 'AND') return !results.includes(false);
  return results.includes(true) === (key === 'OR');
};

const fieldHolds = (key: string, wanted: Json, sample: Sample): boolean => {
  if (key.endsWith('_id')) return idHolds(sample.ids[key], wanted);
  if (key === 'created_at') return timeHolds(sample.timestamp * 1_000, wanted);
  if (key === 'expiration_date') return dayHolds(sample.expiresOn, wanted);
  if (key === 'keywords') return textHolds(sample.text, wanted);
  return Object.entries(wanted ?? {}).every(([name, one]) =>
    metadataHolds(sample.metadata[name], one),
  );
};

/** Whether a memory matches a filter of the API: written down plainly from its documentation, without any sharing of code. */
export const holds = (filter: Json | undefined, sample: Sample): boolean => {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return false;
  return Object.entries(filter).every(([key, wanted]) =>
    /^(?:AND|OR|NOT)$/.test(key)
      ? groupHolds(key, wanted, sample)
      : fieldHolds(key, wanted, sample),
  );
};
