import { monthNames } from '../../../shared/domain/dates-in-words.ts';
import { parseInterval } from '../http/instant.ts';

const weekday = '(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?';
const clock = '(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2}))?(?:\\.\\d{1,9})?';
const half = '(?: ?(?<half>AM|PM))?';
const zone = '(?: ?(?:UTC|GMT|Z|(?<offset>[+-]\\d{2}:?\\d{2})))?';
const dates = [
  `${weekday}(?<day>\\d{1,2})(?:st|nd|rd|th)? (?<month>[a-z]{3,9})\\.?,? (?<year>\\d{4})`,
  `${weekday}(?<month>[a-z]{3,9})\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})`,
  '(?<year>\\d{4})[/.](?<month>\\d{1,2})[/.](?<day>\\d{1,2})',
];
const chinese =
  '(?<year>\\d{4})年(?<month>\\d{1,2})月(?<day>\\d{1,2})[日号](?: ?星期.)? ?(?<half>凌晨|早上|上午|下午|晚上)?' +
  ' ?(?:(?<hour>\\d{1,2})[:：点时](?:(?<minute>\\d{1,2})分?)?(?:[:：]?(?<second>\\d{1,2})秒?)?)?';

/** Dates with a clock after or before them, or without one. */
const forms = [
  ...dates.flatMap((date) => [
    `${date}(?:,? (?:at )?${clock}${half}${zone})?`,
    `${clock}${half},?(?: on)? ${date}${zone}`,
  ]),
  `${chinese}${zone}`,
].map((form) => new RegExp(`^${form}$`, 'i'));

const milliseconds = /^\d{13}$/;
const afternoon = /^(?:PM|下午|晚上)$/i;

const two = (value: number | string): string => String(value).padStart(2, '0');

/** Formats an instant as `09:44 AM on 10 December, 2025 UTC`. */
export const chatTimeOf = (ms: number): string => {
  const at = new Date(ms);
  const hours = at.getUTCHours();
  const clock = `${two(hours % 12 || 12)}:${two(at.getUTCMinutes())} ${hours < 12 ? 'AM' : 'PM'}`;
  const day = `${two(at.getUTCDate())} ${monthNames[at.getUTCMonth()]}, ${at.getUTCFullYear()}`;
  return `${clock} on ${day} UTC`;
};

/** Number of a month by its name, by the beginning of that, or by digits; 0 for any other text. */
const monthOf = (name: string): number => {
  if (/^\d/.test(name)) return Number(name);
  const start = name.toLowerCase().replace(/^sept$/, 'sep');
  return monthNames.findIndex((month) => month.toLowerCase().startsWith(start)) + 1;
};

const hourOf = (hour: number, half: string | undefined): number =>
  half === undefined || hour > 12 ? hour : (hour % 12) + (afternoon.test(half) ? 12 : 0);

type Groups = { readonly [name: string]: string | undefined };

const isoOf = ({ year, month = '', day = '', hour, minute, second, half, offset }: Groups) =>
  `${year}-${two(monthOf(month))}-${two(day)}` +
  `T${two(hourOf(Number(hour ?? 0), half))}:${two(minute ?? 0)}:${two(second ?? 0)}${offset ?? 'Z'}`;

/**
 * Parses a `chat_time` in ISO 8601, in Unix seconds or milliseconds, or as a date with or without a clock in one of the common
 * English and Chinese forms: see `chatTimeForms`. UTC if no zone is given; undefined for any other text.
 * @returns ms since 1970
 */
export const parseChatTime = (text: string): number | undefined => {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  if (milliseconds.test(trimmed)) return Number(trimmed);
  const interval = parseInterval(trimmed);
  if (interval) return interval.from;
  for (const form of forms) {
    const { groups } = form.exec(trimmed) ?? {};
    if (groups) return parseInterval(isoOf(groups))?.from;
  }
  return undefined;
};

/** Examples of the forms that are read, for the message of an error. */
export const chatTimeForms =
  '"09:44 AM on 10 December, 2025 UTC", "2025-12-10T09:44Z", "2025/12/10 09:44", "Dec 10, 2025", "2025年12月10日" or Unix seconds';
