import * as z from 'zod';
import { dayMs } from '../../../shared/domain/time.ts';

/** 9999-12-31T23:59:59Z. Larger numbers are probably milliseconds and are rejected. */
const lastSecond = 253_402_300_799;

const iso =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?:(Z)|([+-]\d{2}):?(\d{2})?)?)?$/i;

/** `YYYY-MM-DD`. */
export const Day = z.iso.date('must be a date such as 2030-01-31');

/** Unix seconds as text. Fewer digits are probably a year or a date without hyphens. */
const numeric = /^\d{9,12}(?:\.\d{1,9})?$/;

/** First and last millisecond of a date (a whole day) or of an instant. */
export interface Interval {
  from: number;
  to: number;
}

interface ParsedInterval extends Interval {
  /** Whether it was given without a zone, so that UTC was assumed. */
  isLocal: boolean;
}

const parseIntervalText = (text: string): ParsedInterval | undefined => {
  if (numeric.test(text)) return parseSeconds(Number(text));
  const [, day, time, utc, hours, minutes = '00'] = iso.exec(text) ?? [];
  if (!Day.safeParse(day).success) return undefined;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const from = Date.parse(time === undefined ? `${day}T00:00Z` : `${day}T${time}${zone}`);
  if (Number.isNaN(from)) return undefined;
  const isLocal = utc === undefined && hours === undefined;
  return { from, to: time === undefined ? from + dayMs - 1 : from, isLocal };
};

const parseSeconds = (seconds: number): ParsedInterval | undefined => {
  if (seconds < 0 || seconds > lastSecond) return undefined;
  const at = Math.round(seconds * 1_000);
  return { from: at, to: at, isLocal: false };
};

/** Parses Unix seconds, an ISO 8601 date, or a date and time. UTC if no zone is given. */
export const parseInterval = (value: unknown): ParsedInterval | undefined => {
  if (typeof value === 'string') return parseIntervalText(value.trim());
  return typeof value === 'number' ? parseSeconds(value) : undefined;
};

/** An instant, ms since 1970. `isLocal`: it was given without a zone, and UTC was assumed. */
export interface ParsedInstant {
  at: number;
  isLocal: boolean;
}

/** Parses Unix seconds or ISO 8601. */
export const LocalInstant = z.unknown().transform((value, context): ParsedInstant => {
  const interval = parseInterval(value);
  if (interval) return { at: interval.from, isLocal: interval.isLocal };
  context.addIssue('must be Unix seconds or an ISO 8601 date and time');
  return z.NEVER;
});

/** Parses Unix seconds or ISO 8601 to milliseconds since 1970; UTC if no zone is given. */
export const Instant = LocalInstant.transform(({ at }) => at);

/** Parses the same from a query string, where Unix seconds are text. */
export const InstantText = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  Instant,
);

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const isoTimeOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : isoTime(ms);
