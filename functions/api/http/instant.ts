import * as z from 'zod';
import { dayMs } from '../../../shared/domain/time.ts';

/** 9999-12-31T23:59:59Z. Larger numbers are probably milliseconds and are rejected. */
const lastSecond = 253_402_300_799;

const iso =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/** `YYYY-MM-DD`. */
export const Day = z.iso.date('must be a date such as 2030-01-31');

/** First and last millisecond of a date (a whole day) or of an instant. */
export interface Interval {
  from: number;
  to: number;
}

const parseIntervalText = (text: string): Interval | undefined => {
  const [, day, time, zone] = iso.exec(text) ?? [];
  if (!Day.safeParse(day).success) return undefined;
  const from = Date.parse(time === undefined ? `${day}T00:00Z` : `${day}T${time}${zone ?? 'Z'}`);
  if (Number.isNaN(from)) return undefined;
  return { from, to: time === undefined ? from + dayMs - 1 : from };
};

/** Parses Unix seconds, an ISO 8601 date, or a date and time. UTC if no zone is given. */
export const parseInterval = (value: unknown): Interval | undefined => {
  if (typeof value === 'string') return parseIntervalText(value.trim());
  if (typeof value !== 'number' || value < 0 || value > lastSecond) return undefined;
  const at = Math.round(value * 1_000);
  return { from: at, to: at };
};

/** Parses Unix seconds or ISO 8601 to milliseconds since 1970. */
export const Instant = z.unknown().transform((value, context) => {
  const interval = parseInterval(value);
  if (interval) return interval.from;
  context.addIssue('must be Unix seconds or an ISO 8601 date and time');
  return z.NEVER;
});

/** Parses the same from a query string, where Unix seconds are text. */
export const InstantText = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  Instant,
);

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const isoTimeOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : isoTime(ms);
