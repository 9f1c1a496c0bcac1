import * as z from 'zod';
import { type Interval, parseIsoTime } from '../../../shared/domain/iso-time.ts';

/** 9999-12-31T23:59:59Z. Larger numbers are probably milliseconds and are rejected. */
const lastSecond = 253_402_300_799;

/** `YYYY-MM-DD`. */
export const Day = z.iso.date('must be a date such as 2030-01-31');

/** Unix seconds as text. Fewer digits are probably a year or a date without hyphens. */
const numeric = /^\d{9,12}(?:\.\d{1,9})?$/;

interface ParsedInterval extends Interval {
  /** Whether no zone was given, so that UTC was assumed. */
  isLocal: boolean;
  offset?: number;
}

const parseSeconds = (seconds: number): ParsedInterval | undefined => {
  if (seconds < 0 || seconds > lastSecond) return undefined;
  const at = Math.round(seconds * 1_000);
  return { from: at, to: at, isLocal: false };
};

const parseText = (text: string): ParsedInterval | undefined =>
  numeric.test(text) ? parseSeconds(Number(text)) : parseIsoTime(text);

/** Parses Unix seconds, an ISO 8601 date, or a date and time. UTC if no zone is given. */
export const parseInterval = (value: unknown): ParsedInterval | undefined => {
  if (typeof value === 'string') return parseText(value.trim());
  return typeof value === 'number' ? parseSeconds(value) : undefined;
};

/** An instant, ms since 1970. `isLocal`: it was given without a zone, and UTC was assumed. */
export interface ParsedInstant {
  at: number;
  isLocal: boolean;
  /** Minutes by which the zone that was given is ahead of UTC. */
  offset?: number;
}

/** Parses Unix seconds or ISO 8601. */
export const LocalInstant = z.unknown().transform((value, context): ParsedInstant => {
  const interval = parseInterval(value);
  if (interval) {
    const { from, isLocal, offset } = interval;
    return { at: from, isLocal, ...(offset !== undefined && { offset }) };
  }
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
