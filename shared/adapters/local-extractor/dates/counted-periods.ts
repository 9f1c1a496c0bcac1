import type { Tense } from '../text/verb-forms.ts';
import { type Day, dayOf } from './date-phrases.ts';

/** Periods that people count from today, and parts of months, which the date parser does not know. */

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const monthNames = months.join('|');
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const number = `(${numbers.slice(2).join('|')}|\\d)`;

const timeOf = ({ year, month, day }: Day): number => Date.UTC(year, month - 1, day);
const written = (time: number): string => {
  const { year, month, day } = dayOf(time);
  return `${day} ${months[month - 1] ?? ''} ${year}`;
};
const monthAt = ({ year, month }: Day, shift: number): string => {
  const at = dayOf(Date.UTC(year, month - 1 + shift, 1));
  return `${months[at.month - 1] ?? ''} ${at.year}`;
};
const countOf = (word: string): number => {
  if (/^an?$/i.test(word)) return 1;
  if (/^ten$/i.test(word)) return 10;
  const at = numbers.indexOf(word.toLowerCase());
  return at < 0 ? Number(word) : at;
};
/** The Monday of the week of a day. */
const mondayOf = (today: Day): number => {
  const at = timeOf(today);
  return at - ((new Date(at).getUTCDay() + 6) % 7) * dayMs;
};

/** A month, or a day of it, with the year in words: "in June last year", "last year on 3 June". */
const monthOfYear = new RegExp(
  `\\b(?:in |on )?(?:the )?(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? )?(${monthNames}),? (?:of )?(last|next|this) year\\b`,
  'gi',
);
const yearAndMonth = new RegExp(
  `\\b(last|next|this) year,? (?:in|on) (?:the )?(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? )?(${monthNames})\\b(?! \\d)`,
  'gi',
);
const yearsAgoInMonth = new RegExp(`\\b(?:(an?|one)|${number}) years? ago this month\\b`, 'gi');
const exactly =
  /\b(in )?(?:exactly|precisely|almost exactly) (?=(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?:day|week|month|year)s?\b)/gi;
const beforeLast = /\b(?:in |on |over )?the (week|weekend|month|year) before last\b/gi;
const yearAfterNext = /\b(?:in )?the year after next\b/gi;
const seasonsAgo = new RegExp(
  `\\b(?:in )?${number} (summer|winter|spring|autumn|fall)s ago\\b`,
  'gi',
);
const weekdaysAgo = new RegExp(`\\b(?:on )?${number} (${weekdays.join('|')})s ago\\b`, 'gi');
const weekendsAgo = new RegExp(`\\b${number} weekends ago\\b`, 'gi');
const yearsAgoToday = new RegExp(`\\b(?:(an?|one)|${number}) (year|month)s? ago today\\b`, 'gi');
const andHalfAgo = new RegExp(
  `\\b(?:about |around )?(?:(?:an?|one) (year|month) and a half|(?:${number}|one) and a half (year|month)s) ago\\b`,
  'gi',
);
/** Month in which each season ends, in the north. */
const lastMonth: { readonly [season: string]: number } = {
  spring: 5,
  summer: 8,
  autumn: 11,
  fall: 11,
  winter: 2,
};

/** A day or a month, and the years since: "on the 1st of May ten years ago", "two years ago in March". */
const dayYearsAgo = new RegExp(
  `\\b(?:on )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthNames}),? (${numbers.slice(1).join('|')}|ten|\\d{1,2}|an?) years? ago\\b`,
  'gi',
);
const monthYearsAgo = new RegExp(
  `\\b(?:in (${monthNames}),? )?(${numbers.slice(1).join('|')}|ten|\\d{1,2}|an?) years? ago(?: in (${monthNames})\\b)?`,
  'gi',
);
/** "By May", where the word may be a verb for the date parser. */
const ofMay =
  /\b(by|until|till|through|before|after|around|since|from|during|due|to(?= (?-i:May))) may\b(?! ?(?:\d|be\b|not\b|have\b))/gi;
const inPart = new RegExp(`\\b(early|mid|late)[- ](${monthNames})\\b(?!,? \\d{2,4})`, 'g');
const ofMonth = /\b(?:on )?the (\d{1,2})(?:st|nd|rd|th) of (this|next|last) month\b/gi;
const daysAhead =
  /\bfrom the (\d{1,2})(?:st|nd|rd|th) (?:to|until|till|through) the (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|floor|grade|century))/gi;
const weekendJustOver = /\bover the weekend\b/gi;
/** Hours in front of their day: "between 8 and 10 tomorrow". */
const hoursFirst = new RegExp(
  `\\b(between|from) (\\d{1,2}(?::\\d\\d)?(?: ?[ap]m)?) (and|to|until|till) (\\d{1,2}(?::\\d\\d)?(?: ?[ap]m)?) ((?:on )?(?:today|tomorrow|${weekdays.join('|')}))\\b(?! and\\b| or\\b)`,
  'gi',
);
const recurring =
  /\b(?:every|each|rent|salary|paid|pays?|payday|monthly|weekly|usually|always|often|bills?|tend to)\b/i;

/** Year of a month that is named without one. */
const yearOf = (month: number, today: Day, tense: Tense): number => {
  if (tense === 'past') return month > today.month ? today.year - 1 : today.year;
  return month < today.month ? today.year + 1 : today.year;
};

const titled = (month: string): string =>
  `${month.charAt(0).toUpperCase()}${month.slice(1).toLowerCase()}`;

const withYearInWords = (text: string, { year, month }: Day): string => {
  const dated = (day: string | undefined, name: string, which: string): string => {
    const at = `${titled(name)} ${year + ({ next: 1, last: -1 }[which.toLowerCase()] ?? 0)}`;
    return day === undefined ? `in ${at}` : `on ${day} ${at}`;
  };
  return text
    .replace(exactly, (_, lead = '') => lead)
    .replace(monthOfYear, (_, day: string | undefined, name: string, which: string) =>
      dated(day, name, which),
    )
    .replace(yearAndMonth, (_, which: string, day: string | undefined, name: string) =>
      dated(day, name, which),
    )
    .replace(
      yearsAgoInMonth,
      (_, one: string | undefined, count = 'one') =>
        `in ${months[month - 1] ?? ''} ${year - (one === undefined ? countOf(count) : 1)}`,
    );
};

/** Days and months of a year that is counted back from this one. */
const withYearsAgo = (text: string, today: Day): string =>
  text
    .replace(
      dayYearsAgo,
      (_, day: string, month: string, count: string) =>
        `on ${day} ${titled(month)} ${today.year - countOf(count)}`,
    )
    .replace(monthYearsAgo, (found, first: string | undefined, count: string, last?: string) => {
      const month = first ?? last;
      return month === undefined ? found : `in ${titled(month)} ${today.year - countOf(count)}`;
    })
    .replace(ofMay, (_, lead: string) => {
      const isPast = /^since$/i.test(lead);
      const year = yearOf(5, today, isPast ? 'past' : 'future');
      return `${lead} May ${year}`;
    });

/** Periods before the last one. */
const ofPast = (unit: string, today: Day): string => {
  if (/^year/i.test(unit)) return `in ${today.year - 2}`;
  if (/^month/i.test(unit)) return `in ${monthAt(today, -2)}`;
  const monday = mondayOf(today) - 2 * weekMs;
  return /^weekend/i.test(unit)
    ? `on the weekend of ${written(monday + 5 * dayMs)}`
    : `in the week of ${written(monday)}`;
};

const resolveAgo = (text: string, today: Day): string =>
  text
    .replace(beforeLast, (_, unit: string) => ofPast(unit, today))
    .replace(yearAfterNext, `in ${today.year + 2}`)
    .replace(seasonsAgo, (_, count: string, season: string) => {
      const ended = (lastMonth[season.toLowerCase()] ?? 12) < today.month;
      return `in ${season} ${today.year - countOf(count) + (ended ? 1 : 0)}`;
    })
    .replace(weekdaysAgo, (_, count: string, name: string) => {
      const at = timeOf(today);
      const back = (new Date(at).getUTCDay() - weekdays.indexOf(name.toLowerCase()) + 7) % 7 || 7;
      return `on ${written(at - back * dayMs - (countOf(count) - 1) * weekMs)}`;
    })
    .replace(weekendsAgo, (_, count: string) => {
      const saturday = mondayOf(today) + 5 * dayMs - countOf(count) * weekMs;
      return `on the weekend of ${written(saturday)}`;
    })
    .replace(yearsAgoToday, (_, one: string | undefined, count = 'one', unit: string) => {
      const back = (one === undefined ? countOf(count) : 1) * (/^year/i.test(unit) ? 12 : 1);
      return `on ${written(Date.UTC(today.year, today.month - 1 - back, today.day))}`;
    })
    .replace(andHalfAgo, (_, unit?: string, count = 'one', units?: string) => {
      const isYear = /^year/i.test(unit ?? units ?? '');
      const half = isYear ? 6 : 0.5;
      const back = (unit === undefined ? countOf(count) : 1) * (isYear ? 12 : 1) + half;
      return `around ${isYear ? monthAt(today, -back) : written(timeOf(today) - back * 30 * dayMs)}`;
    });

const dayIn = (day: number, { year, month }: Day, shift: number): string =>
  written(Date.UTC(year, month - 1 + shift, day));

/** Replaces counted periods and parts of months by the days, months and years that are meant. */
export const resolveCountedPeriods = (text: string, today: Day, tense: Tense): string => {
  const isEach = recurring.test(text);
  return resolveAgo(withYearsAgo(withYearInWords(text, today), today), today)
    .replace(hoursFirst, '$5 $1 $2 $3 $4')
    .replace(inPart, (found, part: string, month: string) =>
      isEach ? found : `${part} ${month} ${yearOf(months.indexOf(month) + 1, today, tense)}`,
    )
    .replace(ofMonth, (_, day: string, which: string) => {
      const shift = { next: 1, last: -1 }[which.toLowerCase()] ?? 0;
      return `on ${dayIn(Number(day), today, shift)}`;
    })
    .replace(daysAhead, (found, from: string, to: string) => {
      if (isEach || tense === 'past') return found;
      const shift = Number(from) < today.day ? 1 : 0;
      const isNext = Number(to) < Number(from) ? 1 : 0;
      return `from ${dayIn(Number(from), today, shift)} to ${dayIn(Number(to), today, shift + isNext)}`;
    })
    .replace(weekendJustOver, (found) =>
      tense === 'past' ? `over the weekend before ${written(timeOf(today))}` : found,
    );
};
