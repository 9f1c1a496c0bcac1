/** English names of months, as memories state them. */
const months =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const month = String.raw`(?:${months.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')}|sept)\.?`;
const year = String.raw`(?:1[5-9]|20|21)\d\d`;
const ordinal = '(?:st|nd|rd|th)?';

/** Absolute dates: `2026-03-02`, `2026-03`, `2 March 2026`, `March 2, 2026`, `March 2026`, `in 2026`. */
const absolute = new RegExp(
  String.raw`\b(?:(?<isoYear>${year})-(?<isoMonth>[01]\d)(?:-(?<isoDay>[0-3]\d))?` +
    String.raw`|(?:(?<dayBefore>\d{1,2})${ordinal} (?:of )?)?(?<month>${month})(?: (?<dayAfter>\d{1,2})${ordinal})?,? (?<year>${year})` +
    String.raw`|(?:in|since|until|by|early|late|mid) (?<only>${year}))(?:\b|(?=T\d))(?!-\d)`,
  'gi',
);

/** Words before a date that is only near the time that is meant, or the end of a range. */
const vague = new RegExp(
  String.raw`(?:\b(?:around|about|before|after|(?:week|weekend) of|early|late|mid)(?: the)?` +
    String.raw`|(?:\d${ordinal}|\b${month})(?: ?[-–—]| (?:to|and|or|until|till|through)))\s*$`,
  'i',
);

/** Length of the start of a text in which dates are looked for, and of what is looked at before a date. */
const maxScannedChars = 2_000;
const maxCharsBefore = 40;

/** An ISO date of a day, a month or a year. */
const partialDate = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** The value as a date of a day, a month or a year in the Gregorian calendar; undefined if it is none. */
export const occurrenceFrom = (value: string): string | undefined => {
  const [, years = '', monthOfYear = '01', day = '01'] = partialDate.exec(value) ?? [];
  const at = new Date(`${years}-${monthOfYear}-${day}T00:00:00Z`);
  const isDay = !Number.isNaN(at.getTime()) && at.toISOString().slice(8, 10) === day;
  return isDay && years >= '1000' ? value : undefined;
};

/** The first day of a date that may be a month or a year. */
export const firstDayOf = (date: string): string => `${date}-01-01`.slice(0, 10);

const twoDigits = (digits: string | number): string => String(digits).padStart(2, '0');

const monthNumber = (name: string): string =>
  twoDigits(months.findIndex((full) => full.startsWith(name.slice(0, 3).toLowerCase())) + 1);

const isoOf = (found: { [name: string]: string | undefined }): string => {
  const { isoYear, isoMonth, isoDay, only } = found;
  if (only !== undefined) return only;
  if (isoYear !== undefined)
    return [isoYear, isoMonth, ...(isoDay === undefined ? [] : [isoDay])].join('-');
  const day = found['dayBefore'] ?? found['dayAfter'];
  const parts = [found['year'], monthNumber(found['month'] ?? '')];
  return [...parts, ...(day === undefined ? [] : [twoDigits(day)])].join('-');
};

/**
 * The date of what a text states: the only absolute date in the text, as an ISO date of a day, a month or a year. Undefined where there
 * are several, or where the date is only near the time that is meant. English names of months.
 */
export const occurrenceIn = (text: string): string | undefined => {
  const start = text.slice(0, maxScannedChars);
  const found = [...start.matchAll(absolute)];
  const dates = new Set(found.map(({ groups = {} }) => isoOf(groups)));
  const [first] = found;
  const [date] = dates;
  if (!first || date === undefined || dates.size > 1) return undefined;
  const at = first.index + (/^until/i.exec(first[0])?.[0].length ?? 0);
  const before = start.slice(Math.max(0, at - maxCharsBefore), at);
  return vague.test(before) || /^(?:early|late|mid)/i.test(first[0])
    ? undefined
    : occurrenceFrom(date);
};
