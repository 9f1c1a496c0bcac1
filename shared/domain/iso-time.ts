import { dayMs } from './time.ts';

const iso =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?:(Z)|([+-]\d{2}):?(\d{2})?)?)?$/i;
/** Length of the longest text that the pattern matches. */
const maxLength = 35;

/** First and last millisecond of a date (a whole day) or of an instant, ms since 1970. */
export interface Interval {
  from: number;
  to: number;
}

/** Whether the date exists: `Date` reads 31 February as 3 March. */
const isDay = (day: string): boolean => {
  const at = new Date(`${day}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
};

/**
 * Parses an ISO 8601 date, or a date and time; undefined for any other text.
 * @returns `isLocal`: no zone was given, and UTC was assumed; `offset`: minutes by which the given zone is ahead of UTC
 */
export const parseIsoTime = (
  text: string,
): (Interval & { isLocal: boolean; offset?: number }) | undefined => {
  if (text.length > maxLength) return undefined;
  const [, day, time, utc, hours, minutes = '00'] = iso.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const from = Date.parse(time === undefined ? `${day}T00:00Z` : `${day}T${time}${zone}`);
  if (Number.isNaN(from)) return undefined;
  const isLocal = utc === undefined && hours === undefined;
  const to = time === undefined ? from + dayMs - 1 : from;
  if (hours === undefined) return { from, to, isLocal };
  const sign = hours.startsWith('-') ? -1 : 1;
  return { from, to, isLocal, offset: Number(hours) * 60 + sign * Number(minutes) };
};
