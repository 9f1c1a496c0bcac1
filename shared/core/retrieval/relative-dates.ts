import { dayInWords, monthInWords, monthNames } from '../../domain/dates-in-words.ts';
import { dayMs } from '../../domain/time.ts';

/** Abbreviations of months as they stand beside a day or a year. May has none. */
const abbreviations = 'jan feb mar apr jun jul aug sept sep oct nov dec'.split(' ');

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
  String.raw`\b(?:(?<iso>\d{4}-[01]\d-[0-3]\d)|(?<short>${abbreviations.join('|')})(?=\.?,? \d)` +
    String.raw`|(?<=\d(?:st|nd|rd|th)? )(?<after>${abbreviations.join('|')})|(?<named>${Object.keys(namedDays).join('|')})` +
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

const monthOf = (abbreviation: string): string | undefined =>
  monthNames.find((name) => name.toLowerCase().startsWith(abbreviation));

const ofIsoDate = (iso: string): string | undefined => {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? undefined : dayInWords(at);
};

/** Words of a date, as memories state it; undefined where there is no such day. */
const absolute = (
  found: { [name: string]: string | undefined },
  at: number,
): string | undefined => {
  const { iso, short, after, named, count, unit, side, what = '' } = found;
  if (iso !== undefined) return ofIsoDate(iso);
  const abbreviation = short ?? after;
  if (abbreviation !== undefined) return monthOf(abbreviation);
  if (named !== undefined) return dayInWords(at + (namedDays[named] ?? 0) * dayMs);
  if (count !== undefined)
    return dayInWords(at - countOf(count) * (unit === 'week' ? 7 : 1) * dayMs);
  const direction = side === 'last' ? -1 : 1;
  const date = new Date(at);
  if (what === 'year') return String(date.getUTCFullYear() + direction);
  if (what === 'month')
    return monthInWords(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + direction));
  return dayInWords(at + daysTo(weekdays.indexOf(what), date.getUTCDay(), direction) * dayMs);
};

/**
 * Writes the dates of a query as memories state them, "yesterday" and "2026-05-13" as "13 May 2026", "Nov 3" as "November 3":
 * memories are found by the words of their day. English only.
 * @param at time that the query refers to, ms since 1970
 */
export const withAbsoluteDates = (query: string, at: number): string =>
  query.slice(0, maxScannedChars).replace(relative, (...parts) => {
    const groups: { [name: string]: string | undefined } = parts.at(-1);
    const lower = Object.entries(groups).map(([name, text]) => [name, text?.toLowerCase()]);
    return absolute(Object.fromEntries(lower), at) ?? String(parts[0]);
  }) + query.slice(maxScannedChars);
