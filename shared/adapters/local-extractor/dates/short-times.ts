import { dayOf } from './date-phrases.ts';

/** Words of time as people shorten them in chats, and hours that are counted from now. */
const short: readonly (readonly [RegExp, string])[] = [
  [/\b(?:tmrw|tmr|tmw|tmrrw|tomoz|2moro|2morrow|tomorow|tommorow|tommorrow)\b/gi, 'tomorrow'],
  [/\b(?:tonite|2nite|2night)\b/gi, 'tonight'],
  [/\b(?:yday|ystd|yest)\b/gi, 'yesterday'],
  [/\bweds\b/gi, 'Wednesday'],
  [/\bthru\b/gi, 'through'],
];

/** "tmrw" -> "tomorrow". */
export const withFullWords = (text: string): string =>
  short.reduce((written, [pattern, word]) => written.replace(pattern, word), text);

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const numbers = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const hoursAhead = new RegExp(
  `\\bin (?:about |around )?(?:(?<half>half an? hour)|(?<count>an?|${numbers.slice(1).join('|')}|\\d{1,2}) (?<unit>hour|minute|min)s?)\\b(?!'|\\w| (?:and|or|a (?:day|week)|per|each|every)\\b)`,
  'gi',
);
/** Durations and habits: "I can run a mile in eight minutes". */
const isDuration =
  /\b(?:can|could|run|ran|done|did|finish(?:ed)?|drove|drive|takes?|took|made|every|usually|always|within)\b/i;
const hourMs = 3_600_000;

const hoursOf = (half: string | undefined, count: string, unit: string): number => {
  if (half !== undefined) return 0.5;
  const at = numbers.indexOf(count.toLowerCase());
  const amount = /^an?$/i.test(count) ? 1 : at < 0 ? Number(count) : at;
  return /^min/i.test(unit) ? amount / 60 : amount;
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/** "My shift starts in two hours" -> "My shift starts on 6 October 2026 at 01:00". */
export const resolveHoursAhead = (text: string, local: number): string =>
  isDuration.test(text)
    ? text
    : text.replace(hoursAhead, (...found) => {
        const { half, count = '1', unit = 'hour' } = found.at(-1) as Record<string, string>;
        const at = local + hoursOf(half, count, unit) * hourMs;
        const { year, month, day } = dayOf(at);
        const time = new Date(at);
        return `on ${day} ${months[month - 1] ?? ''} ${year} at ${twoDigits(time.getUTCHours())}:${twoDigits(time.getUTCMinutes())}`;
      });
