import { dayMs } from '../../domain/time.ts';

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const month = new Intl.DateTimeFormat('en-GB', {
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Days from the reference to the days that have a name. */
const namedDays: { readonly [name: string]: number } = {
  'the day before yesterday': -2,
  yesterday: -1,
  today: 0,
  tonight: 0,
  tomorrow: 1,
  'the day after tomorrow': 2,
};

const relative = new RegExp(
  String.raw`\b(?:(?<named>${Object.keys(namedDays).join('|')})` +
    String.raw`|(?<count>\d{1,4}|a|${numbers.join('|')}) (?<unit>day|week)s? ago` +
    String.raw`|(?<side>last|next) (?<what>month|year|${weekdays.join('|')}))\b`,
  'giu',
);

/** Length of the start of a query in which relative dates are looked for. */
const maxScannedChars = 1_000;

const countOf = (text: string): number => {
  if (text === 'a') return 1;
  const named = numbers.indexOf(text);
  return named === -1 ? Number(text) : named;
};

/** The nearest such weekday before or after the reference, in days from it. */
const daysTo = (weekday: number, from: number, direction: -1 | 1): number =>
  direction * ((direction * (weekday - from) + 6) % 7) + direction;

const absolute = (found: { [name: string]: string | undefined }, at: number): string => {
  const { named, count, unit, side, what = '' } = found;
  if (named !== undefined) return day.format(at + (namedDays[named] ?? 0) * dayMs);
  if (count !== undefined)
    return day.format(at - countOf(count) * (unit === 'week' ? 7 : 1) * dayMs);
  const direction = side === 'last' ? -1 : 1;
  const date = new Date(at);
  if (what === 'year') return String(date.getUTCFullYear() + direction);
  if (what === 'month')
    return month.format(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + direction));
  return day.format(at + daysTo(weekdays.indexOf(what), date.getUTCDay(), direction) * dayMs);
};

/**
 * Replaces relative days, months and years of a query by absolute ones, such as "yesterday" by "13 May 2026": memories are found by
 * the words of their day. English only.
 * @param at time that the query refers to, ms since 1970
 */
export const withAbsoluteDates = (query: string, at: number): string =>
  query.slice(0, maxScannedChars).replace(relative, (...parts) => {
    const groups: { [name: string]: string | undefined } = parts.at(-1);
    const lower = Object.entries(groups).map(([name, text]) => [name, text?.toLowerCase()]);
    return absolute(Object.fromEntries(lower), at);
  }) + query.slice(maxScannedChars);
