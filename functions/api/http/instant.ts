import * as z from 'zod';
import { dayMs } from '../../../shared/domain/time.ts';

/** 9999-12-31T23:59:59Z; what lies beyond was meant as milliseconds. */
const lastSecond = 253_402_300_799;

const iso =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/** `YYYY-MM-DD`. */
export const Day = z.iso.date('must be a date such as 2030-01-31');

/** From its first to its last millisecond: a date stands for the whole day, anything else for an instant. */
export interface Span {
  from: number;
  to: number;
}

const spanOfText = (text: string): Span | undefined => {
  const [, day, time, zone] = iso.exec(text) ?? [];
  if (!Day.safeParse(day).success) return undefined;
  const from = Date.parse(time === undefined ? `${day}T00:00Z` : `${day}T${time}${zone ?? 'Z'}`);
  if (Number.isNaN(from)) return undefined;
  return { from, to: time === undefined ? from + dayMs - 1 : from };
};

/** Unix seconds, an ISO 8601 date or date and time; UTC where no zone is given. */
export const spanOf = (value: unknown): Span | undefined => {
  if (typeof value === 'string') return spanOfText(value.trim());
  if (typeof value !== 'number' || value < 0 || value > lastSecond) return undefined;
  const at = Math.round(value * 1_000);
  return { from: at, to: at };
};

/** Milliseconds since 1970, from Unix seconds or ISO 8601. */
export const Instant = z.unknown().transform((value, context) => {
  const span = spanOf(value);
  if (span) return span.from;
  context.addIssue('must be Unix seconds or an ISO 8601 date and time');
  return z.NEVER;
});

/** The same from a query string, where Unix seconds are text. */
export const InstantText = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  Instant,
);

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const isoTimeOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : isoTime(ms);
