import { parseInterval } from '../http/instant.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const clockForm =
  /^(\d{1,2}):(\d{2}) (AM|PM) on (\d{1,2}) ([A-Z][a-z]{2,8}),? (\d{4})(?: (?:UTC|GMT))?$/i;

/** Formats an instant as `09:44 AM on 10 December, 2025 UTC`. */
export const chatTimeOf = (ms: number): string => {
  const at = new Date(ms);
  const hours = at.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(hours % 12 || 12)}:${two(at.getUTCMinutes())} ${hours < 12 ? 'AM' : 'PM'}`;
  const day = `${two(at.getUTCDate())} ${months[at.getUTCMonth()]}, ${at.getUTCFullYear()}`;
  return `${clock} on ${day} UTC`;
};

/**
 * Parses a `chat_time` in the form of `chatTimeOf`, in ISO 8601, or in Unix seconds; undefined for any other text, which is kept as it
 * is.
 * @returns ms since 1970
 */
export const parseChatTime = (text: string): number | undefined => {
  const interval = parseInterval(text.trim());
  if (interval) return interval.from;
  const [, hour, minute, half = '', day = '', name = '', year = ''] =
    clockForm.exec(text.trim()) ?? [];
  const month = months.findIndex((month) => month.toLowerCase() === name.toLowerCase());
  if (hour === undefined || month < 0) return undefined;
  const hours = (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  const two = (value: number | string): string => String(value).padStart(2, '0');
  return parseInterval(`${year}-${two(month + 1)}-${two(day)}T${two(hours)}:${minute}Z`)?.from;
};
