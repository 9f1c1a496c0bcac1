import * as z from 'zod';
import type { ParsedInstant } from './instant.ts';

const formatOf = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

const isTimeZone = (name: string): boolean => {
  try {
    return formatOf(name) !== undefined;
  } catch {
    // The constructor throws a RangeError for a zone that it does not know.
    return false;
  }
};

/** IANA time zone. */
export const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin');

/** Milliseconds by which the clocks of the zone are ahead of UTC at an instant. */
const offsetAt = (format: Intl.DateTimeFormat, at: number): number => {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const shown = new Date(0);
  shown.setUTCFullYear(
    parts.get('era') === 'BC' ? 1 - part('year') : part('year'),
    part('month') - 1,
    part('day'),
  );
  shown.setUTCHours(part('hour'), part('minute'), part('second'));
  return shown.getTime() - Math.floor(at / 1_000) * 1_000;
};

/**
 * Reads an instant that was given without a zone as a local time of the zone. When clocks are changed, one of the two instants
 * that show the time is returned, or the instant an hour beside a time that no clock shows.
 * @returns ms since 1970
 */
export const inTimeZone = ({ at, isLocal }: ParsedInstant, zone: string | undefined): number => {
  if (!isLocal || zone === undefined) return at;
  const format = formatOf(zone);
  const guess = at - offsetAt(format, at);
  return at - offsetAt(format, guess);
};

/** Minutes by which the clocks of a zone are ahead of UTC at an instant, ms since 1970. */
export const utcOffsetOf = (zone: string, at: number): number =>
  Math.round(offsetAt(formatOf(zone), at) / 60_000);
