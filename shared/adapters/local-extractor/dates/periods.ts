import type { Tense } from '../text/verb-forms.ts';
import { type Day, dayOf } from './date-phrases.ts';

/** Parts of weeks and months, ranges of days and spans of time that the date parser does not know. */

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const monthNames = months.join('|');
const dayMs = 86_400_000;
const timeOf = ({ year, month, day }: Day): number => Date.UTC(year, month - 1, day);
const written = (time: number): string => {
  const { year, month, day } = dayOf(time);
  return `${day} ${months[month - 1] ?? ''} ${year}`;
};

/** Words of what is so every week, month or year. */
const recurring =
  /\b(?:every|each|rent|salary|paid|pays?|payday|monthly|weekly|usually|always|often|bills?|due|tend to|by then)\b/i;

const part =
  /\bthe (?<part>end|start|beginning|middle) of (?<which>the|this|next|last) (?<unit>week|month|year)\b/gi;
const lastDay = new RegExp(
  `\\b(?:on )?the last day of (?:(?<month>${monthNames})(?: (?<year>\\d{4}))?|(?<which>the|this|next|last) month)\\b`,
  'gi',
);
const weekOfTomorrow = /\b(today|tomorrow) week\b/gi;
const fromNow = /\b(?:a|one) (month|year) from (?:now|today)\b/gi;
const inTime = /\b(in (?:an? |\w+ )(?:day|week|month|year)s?)(?:'s|s'|')? time\b/gi;
const andHalf =
  /\bin (?<count>a|one|two|three|four|five|six|\d) (?:and a half (?<units>week|month)s|(?<unit>week|month) and a half)\b/gi;
const numbers = ['a', 'one', 'two', 'three', 'four', 'five', 'six'];
const dates = new RegExp(
  `\\b(?<lead>from |between )?(?:the )?(?<from>\\d{1,2})(?:st|nd|rd|th)?(?<to> to | and | until | till | through |-| - | – |–)(?:the )?(?<until>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<month>${monthNames})\\b(?!,? \\d{4})`,
  'gi',
);

const shiftOf = (which: string): number => ({ next: 1, last: -1 })[which.toLowerCase()] ?? 0;

const monthAt = ({ year, month }: Day, shift: number): string => {
  const at = dayOf(Date.UTC(year, month - 1 + shift, 1));
  return `${months[at.month - 1] ?? ''} ${at.year}`;
};

/** The Monday of the week of a day, some weeks on. */
const weekAt = (today: Day, shift: number): string => {
  const weekday = (new Date(timeOf(today)).getUTCDay() + 6) % 7;
  return `the week of ${written(timeOf(today) + (7 * shift - weekday) * dayMs)}`;
};

const unitAt = (unit: string, today: Day, shift: number): string => {
  if (/^year/i.test(unit)) return String(today.year + shift);
  return /^month/i.test(unit) ? monthAt(today, shift) : weekAt(today, shift);
};

/** Year of a month that is named without one: ahead, or behind after a verb in the past. */
const yearOf = (month: number, today: Day, tense: Tense): number => {
  if (tense === 'past') return month > today.month ? today.year - 1 : today.year;
  return month < today.month ? today.year + 1 : today.year;
};

const moved =
  /\b(?:moved|pushed|postponed|rescheduled|booked|shifted|put back|brought forward|extended)\b/i;

const titled = (month: string): string =>
  `${month.charAt(0).toUpperCase()}${month.slice(1).toLowerCase()}`;

/** Replaces what the text calls so by the weeks, months, days and ranges that are meant. */
export const resolvePeriods = (text: string, today: Day, said: Tense): string => {
  const tense = moved.test(text) ? 'future' : said;
  const isEach = recurring.test(text);
  return text
    .replace(inTime, '$1')
    .replace(weekOfTomorrow, (_, day: string) => {
      const shift = /^tomorrow/i.test(day) ? 8 : 7;
      return `on ${written(timeOf(today) + shift * dayMs)}`;
    })
    .replace(part, (found, name: string, which: string, unit: string) =>
      isEach && /^the$/i.test(which)
        ? found
        : `the ${name.toLowerCase()} of ${unitAt(unit, today, shiftOf(which))}`,
    )
    .replace(lastDay, (found, name?: string, given?: string, which = 'the') => {
      if (isEach && name === undefined) return found;
      const month = name === undefined ? today.month + shiftOf(which) : months.indexOf(name) + 1;
      const year = name === undefined ? today.year : Number(given ?? yearOf(month, today, tense));
      return `on ${written(Date.UTC(year, month, 0))}`;
    })
    .replace(fromNow, (_, unit: string) =>
      /^year/i.test(unit)
        ? `around ${monthAt(today, 12)}`
        : `around ${written(Date.UTC(today.year, today.month, Math.min(today.day, 28)))}`,
    )
    .replace(andHalf, (_, count: string, units?: string, unit?: string) => {
      const at = numbers.indexOf(count.toLowerCase());
      const whole = at < 0 ? Number(count) : Math.max(at, 1);
      const days = (whole + 0.5) * (/^month/i.test(units ?? unit ?? '') ? 30 : 7);
      return `around ${written(timeOf(today) + Math.round(days) * dayMs)}`;
    })
    .replace(
      dates,
      (_, lead = '', from: string, to: string, until: string, name: string) =>
        `${lead}${from}${/^ (?:until|till|through) $/.test(to) ? ' to ' : to}${until} ${titled(name)} ${yearOf(months.indexOf(titled(name)) + 1, today, tense)}`,
    );
};
