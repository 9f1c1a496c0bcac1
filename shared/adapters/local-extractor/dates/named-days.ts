import type { Tense } from '../text/verb-forms.ts';
import { type Day, dayOf } from './date-phrases.ts';

/** Days that people name by a holiday, by their place in a month, or by a weekday and a week, which the date parser does not know. */

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const weekday = `(${weekdays.join('|')})`;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

const timeOf = ({ year, month, day }: Day): number => Date.UTC(year, month - 1, day);
const written = ({ year, month, day }: Day): string => `${day} ${months[month - 1] ?? ''} ${year}`;

/** The next such weekday behind a day. */
const nextOf = (name: string, today: Day): number => {
  const from = timeOf(today);
  const ahead = (weekdays.indexOf(name.toLowerCase()) - new Date(from).getUTCDay() + 7) % 7 || 7;
  return from + ahead * 86_400_000;
};

/** Verbs in the past that arrange something for later. */
const arranged =
  /\b(?:moved|pushed|postponed|rescheduled|booked|shifted|put back|brought forward|scheduled|set)\b/i;
const weekLater = new RegExp(
  `\\b(?:(?:on )?${weekday} week|a week (?:from|on) ${weekday}|a week from (?:next )?${weekday})\\b(?! (?:day|night|long|end))`,
  'gi',
);
const weekdayBeforeLast = new RegExp(`\\b(?:on )?the ${weekday} before last\\b`, 'gi');
const weekdayOfDate = new RegExp(
  `\\b${weekday},? the (\\d{1,2}(?:st|nd|rd|th) of (?:${months.join('|')}))\\b`,
  'gi',
);
const afterNext = new RegExp(
  `\\b(?:on )?the ${weekday} after next\\b|\\b(?:in |over |on )?the (week|weekend|month) after next\\b`,
  'gi',
);
const fortnight = /\b(?:in a fortnight|a fortnight from (?:today|now))\b/gi;
const amounts = [
  'a',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
];
const amount = `(${amounts.join('|')}|\\d{1,2})`;
const numberOf = (word: string): number => {
  const at = amounts.indexOf(word.toLowerCase());
  return at < 0 ? Number(word) : Math.max(at, 1);
};
/** "The concert is two weeks on Saturday". */
const weeksOn = new RegExp(`(?<!\\bin )\\b${amount} weeks (?:on|from) ${weekday}\\b`, 'gi');
const fromToday = new RegExp(
  `\\b${amount} (day|week)s? (from (?:today|now|tomorrow)|ago (?:today|yesterday|tomorrow))\\b`,
  'gi',
);
const weekdayInWeeks = new RegExp(
  `\\b(?:in ${amount} weeks? on ${weekday}|(?:on )?${weekday} in ${amount} weeks?)\\b`,
  'gi',
);
/** Days between today and the day that "from tomorrow" or "ago yesterday" counts from. */
const shiftOf = (from: string): number => {
  if (/tomorrow$/i.test(from)) return 1;
  return /yesterday$/i.test(from) ? -1 : 0;
};
const fortnightAgo = /\ba fortnight ago\b/gi;
const ordinals = ['first', 'second', 'third', 'fourth', 'last'];
const inMonth = new RegExp(
  `\\b(?:on )?the (${ordinals.join('|')}) ${weekday} (?:of|in) (next month|this month|${months.join('|')})(?: (\\d{4}))?\\b`,
  'gi',
);
const monthOf = (name: string, today: Day): { year: number; month: number } => {
  const at = months.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  const month = at >= 0 ? at + 1 : today.month + (/^next/i.test(name) ? 1 : 0);
  if (at < 0) return month > 12 ? { year: today.year + 1, month: 1 } : { year: today.year, month };
  return { year: month < today.month ? today.year + 1 : today.year, month };
};

/** The first, second or last such weekday of a month. */
const placed = (ordinal: string, name: string, year: number, month: number): Day => {
  const first =
    (weekdays.indexOf(name) - new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 7) % 7;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const last = first + 1 + 7 * Math.floor((days - first - 1) / 7);
  const day = ordinal === 'last' ? last : first + 1 + 7 * ordinals.indexOf(ordinal);
  return { year, month, day };
};

const weekdayAndDay = new RegExp(
  `\\b(?:on )?${weekday},? the (\\d{1,2})(?:st|nd|rd|th)\\b(?! (?:of|${months.join('|')}))`,
  'gi',
);
/** Months in which a weekday and a day are looked for, the nearest first. */
const maxMonths = 14;

/** The nearest day with this weekday and this number, ahead or behind; undefined without any. */
const dayNamed = (name: string, day: number, today: Day, tense: Tense): Day | undefined => {
  const step = tense === 'past' ? -1 : 1;
  for (let shift = 0; shift < maxMonths; shift += 1) {
    const at = dayOf(Date.UTC(today.year, today.month - 1 + step * shift, day));
    const isRight = new Date(timeOf(at)).getUTCDay() === weekdays.indexOf(name.toLowerCase());
    if (at.day === day && isRight && (timeOf(at) - timeOf(today)) * step >= 0) return at;
  }
  return undefined;
};

const holidays: { readonly [name: string]: readonly [month: number, day: number] } = {
  'christmas eve': [12, 24],
  'christmas day': [12, 25],
  'boxing day': [12, 26],
  "new year's eve": [12, 31],
  "new year's day": [1, 1],
  "valentine's day": [2, 14],
  halloween: [10, 31],
  "st patrick's day": [3, 17],
};
const holiday =
  /(?:\b(?:on|until|till|by|since|is|before|after) |^(?=[^,]{8,20},? (?:I|we|my|our)\b))(christmas eve|christmas day|christmas(?<=\bday (?:before|after) christmas)|boxing day|new year'?s eve|new year'?s day|valentine'?s day|halloween|(?:st|saint)\.? patrick'?s day|labou?r day(?<=labor day)|memorial day|mother'?s day|father'?s day|black friday|cyber monday)\b(?! (?:party|dinner|lunch|costume|sale|deal|\d{4}))/gi;
/** Holidays on a weekday of a month: the month, the weekday, which of them, and days to the holiday behind that. */
const moving: {
  readonly [name: string]: readonly [month: number, weekday: number, which: number, shift: number];
} = {
  'labor day': [9, 1, 1, 0],
  'memorial day': [5, 1, -1, 0],
  "mother's day": [5, 0, 2, 0],
  "father's day": [6, 0, 3, 0],
  'black friday': [11, 4, 4, 1],
  'cyber monday': [11, 4, 4, 4],
};

/** Name of a holiday as the tables have it. */
const holidayName = (said: string): string =>
  said
    .toLowerCase()
    .replace(/\b(year|valentine|patrick|mother|father)s\b/, "$1's")
    .replace(/^(?:saint|st\.?) /, 'st ')
    .replace(/^christmas$/, 'christmas day');

const movingDay = (name: string, year: number): Day | undefined => {
  const rule = moving[name];
  if (!rule) return undefined;
  const [month, weekdayAt, which, shift] = rule;
  const first = Date.UTC(year, which < 0 ? month : month - 1, 1);
  const to = (weekdayAt - new Date(first).getUTCDay() + 7) % 7;
  return dayOf(first + (to + (which < 0 ? -7 : 7 * (which - 1)) + shift) * dayMs);
};
/** Habits, of which the day of each year is meant. */
const everyYear =
  /\b(?:every|always|usually|each|never|often|tradition\w*|used to|birthday|born|anniversary|as a (?:kid|child)|love|hate|like)\b/i;

const holidayOf = (name: string, today: Day, tense: Tense): Day => {
  const said = holidayName(name);
  const [month, day] = holidays[said] ?? [1, 1];
  const inYear = (year: number): Day => movingDay(said, year) ?? { year, month, day };
  const order = timeOf(inYear(today.year)) - timeOf(today);
  if (tense === 'past') return inYear(order > 0 ? today.year - 1 : today.year);
  return inYear(order < 0 ? today.year + 1 : today.year);
};

/** "The day after 26 December 2026". */
const besideDay = new RegExp(
  `\\b(?:on )?the day (before|after) (\\d{1,2}) (${months.join('|')}) (\\d{4})\\b`,
  'gi',
);

const twice = /\b((\d{1,2}) (?:[A-Z][a-z]+) \d{4}),? the \2(?:st|nd|rd|th)\b/g;

const twoPrepositions =
  /\b(to|until|till|by|for|since|before|after) on (?=\d{1,2} [A-Z][a-z]+ \d{4}\b)/g;

/** "on 21 September 2026 the 21st" -> "on 21 September 2026", "moved to on 21 September 2026" -> "moved to 21 September 2026". */
export const withoutRepeatedDay = (text: string): string =>
  text
    .replace(besideDay, (_, before: string, day: string, month: string, year: string) => {
      const shift = /^before$/i.test(before) ? -1 : 1;
      return `on ${written(dayOf(Date.UTC(Number(year), months.indexOf(month), Number(day) + shift)))}`;
    })
    .replace(twice, '$1')
    .replace(twoPrepositions, '$1 ');

/** Replaces the days that a text names so by their dates. */
export const resolveNamedDays = (text: string, today: Day, tense: Tense): string => {
  const isYearly =
    everyYear.test(text) ||
    (tense === 'present' &&
      !/\b(?:is|am|are|flies|fly|leaves?|arrives?|lands?|departs?|moves?|starts?|begins?|ends?|opens?|closes?)\b/i.test(
        text,
      ));
  return text
    .replace(weekdayBeforeLast, (_, name: string) => {
      const before = nextOf(name, today) - 2 * weekMs;
      const isToday = before === timeOf(today) - weekMs;
      return `on ${written(dayOf(isToday ? before - weekMs : before))}`;
    })
    .replace(
      weeksOn,
      (_, count: string, name: string) =>
        `on ${written(dayOf(nextOf(name, today) + numberOf(count) * weekMs))}`,
    )
    .replace(weekLater, (_, a?: string, b?: string, c?: string) => {
      const at = nextOf(a ?? b ?? c ?? '', today) + weekMs;
      return `on ${written(dayOf(at))}`;
    })
    .replace(weekdayAndDay, (found, name: string, number: string) => {
      const at = dayNamed(name, Number(number), today, arranged.test(text) ? 'future' : tense);
      return at ? `on ${written(at)}` : found;
    })
    .replace(weekdayOfDate, (_, _name: string, day: string) => `the ${day}`)
    .replace(afterNext, (_, day?: string, unit = '') => {
      if (day !== undefined) return `on ${written(dayOf(nextOf(day, today) + weekMs))}`;
      if (/^month/i.test(unit)) {
        const { year, month } = dayOf(Date.UTC(today.year, today.month + 1, 1));
        return `in ${months[month - 1] ?? ''} ${year}`;
      }
      const isWeekend = /^weekend/i.test(unit);
      const at = nextOf(isWeekend ? 'saturday' : 'monday', today) + weekMs;
      const last = at + (isWeekend ? 1 : 6) * dayMs;
      return `between ${written(dayOf(at))} and ${written(dayOf(last))}`;
    })
    .replace(fromToday, (_, count: string, unit: string, from: string) => {
      const days = numberOf(count) * (/^week/i.test(unit) ? 7 : 1);
      const direction = /^ago/i.test(from) ? -1 : 1;
      return `on ${written(dayOf(timeOf(today) + (direction * days + shiftOf(from)) * dayMs))}`;
    })
    .replace(
      weekdayInWeeks,
      (_, ...[count, name, otherName, otherCount]: (string | undefined)[]) => {
        const weeks = numberOf(count ?? otherCount ?? '1');
        const monday = timeOf(today) + weeks * weekMs;
        return `on ${written(dayOf(nextOf(name ?? otherName ?? '', dayOf(monday - 4 * dayMs))))}`;
      },
    )
    .replace(fortnight, () => `on ${written(dayOf(timeOf(today) + 2 * weekMs))}`)
    .replace(fortnightAgo, () => `on ${written(dayOf(timeOf(today) - 2 * weekMs))}`)
    .replace(inMonth, (_, ordinal: string, name: string, ofMonth: string, given?: string) => {
      const { year, month } = monthOf(ofMonth, today);
      const at = placed(ordinal.toLowerCase(), name.toLowerCase(), Number(given ?? year), month);
      return `on ${written(at)}`;
    })
    .replace(holiday, (found, name: string) =>
      isYearly
        ? found
        : `${found.slice(0, -name.length)}${/^is |^[^o]*$/i.test(found.slice(0, -name.length)) && !/^(?:until|till|by|since|before|after) /i.test(found) ? 'on ' : ''}${written(holidayOf(name, today, tense))}`,
    );
};
