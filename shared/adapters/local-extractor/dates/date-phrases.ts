import type { ParsedResult } from 'chrono-node';
import type { Tense } from '../text/verb-forms.ts';

/** Day of the proleptic Gregorian calendar, in UTC; month 1 to 12. */
export interface Day {
  year: number;
  month: number;
  day: number;
}

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

export const dayOf = (time: number): Day => {
  const date = new Date(time);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

const addDays = ({ year, month, day }: Day, days: number): Day =>
  dayOf(Date.UTC(year, month - 1, day + days));

/** Negative when `a` is before `b`. */
const compareDays = (a: Day, b: Day): number =>
  Date.UTC(a.year, a.month - 1, a.day) - Date.UTC(b.year, b.month - 1, b.day);

const formatDay = (day: Day): string => `${day.day} ${formatMonth(day)}`;

const formatMonth = ({ year, month }: Day): string => `${months[month - 1] ?? ''} ${year}`;

/** A date that the parser found, with the text around. */
export interface DateInText {
  result: ParsedResult;
  before: string;
  after: string;
  /** Day on which the text was written. */
  today: Day;
  tense: Tense;
}

/** A date in words, and the preposition for a text that has none. */
interface Phrase {
  words: string;
  preposition: string;
}

const clock =
  /\b(?:\d{1,2}(?::\d\d)?\s*[ap]\.?m\b\.?|\d{1,2}:\d\d|(?<=\bat )\d{1,2}(?=$|\s)|noon|midnight)(?: (?:[PMCE][SD]?T|GMT|UTC|CES?T|BST|IST|JST|AE[SD]T)\b)?/i;
const partOfDay = /\b(morning|afternoon|evening|night|tonight)\b/i;
const vague =
  /^(?:about |around |in )?(?:a )?(few|couple(?: of)?|several)\s+(days?|weeks?|months?|years?)\s+ago$/i;
const vagueAhead =
  /^(?:with)?in (?:a )?(few|couple(?: of)?|several) (days?|weeks?|months?|years?)$/i;
const ownPreposition =
  /\b(since|until|till|by|before|after|from|around|about|for|to|through|of|during|late|early|mid|beginning|end|between|as of)\s+(?:the\s+)?$/i;
const redundant =
  /(?<!-)\b(?:(?:on|in|at) )?(?:(?:this|the) )?(?:(?:on|in|at|this|the|last|next|past|(?<!\b(?:is|are|am|was|were|be|been|not) |, )coming|upcoming))$/i;

/** A verb with a particle that is no preposition of the date: "the train got in this morning". */
const particle =
  /\b(?:got|came|comes|checked|moved|flew|logged|clocked|dropped|settled|pulled|gets|flies) in$/i;

/** Removes words before a date that the absolute date makes redundant: "on the last". */
const withoutRedundant = (before: string): string => {
  const trimmed = before.trimEnd();
  if (particle.test(trimmed)) return before;
  const at = trimmed === before ? undefined : redundant.exec(trimmed)?.index;
  return at === undefined ? before : `${trimmed.slice(0, at).trimEnd()} `;
};

const dayOfResult = ({ start }: ParsedResult): Day => ({
  year: start.get('year') ?? 0,
  month: start.get('month') ?? 1,
  day: start.get('day') ?? 1,
});

/** Direction from today in which the date must lie; undefined when either is possible. */
const directionOf = ({ result, before, tense }: DateInText): 'past' | 'future' | undefined => {
  if (/\blast\s*$/i.test(before) || /^last\b/i.test(result.text)) return 'past';
  if (/\b(?:next|coming)\s*$/i.test(before) || /^next\b/i.test(result.text)) return 'future';
  if (/^this\b/i.test(result.text)) return undefined;
  return tense === 'past' ? 'past' : 'future';
};

/** Day up to which a month that is named may be the present one. */
const earlyInMonth = 10;

/** Whether a month that is named without a day is the present one: behind a verb in the past, or early in the month. */
const isOfThisMonth = ({ result, today, tense }: DateInText, { month }: Day): boolean =>
  month === today.month &&
  !result.start.isCertain('day') &&
  (tense === 'past' || today.day <= earlyInMonth);

/** The day of a date, moved by a week or a year where the parser chose the wrong direction. */
const inDirection = (found: DateInText): Day => {
  const { result, today } = found;
  const day = dayOfResult(result);
  const direction = directionOf(found);
  const order = compareDays(day, today);
  // A day of a month may be today; a weekday is the last one or the next.
  if (order === 0 && result.start.isCertain('day')) return day;
  const isWrong = direction === 'past' ? order >= 0 : direction === 'future' && order <= 0;
  if (!isWrong) return day;
  const step = direction === 'past' ? -1 : 1;
  if (result.start.isCertain('weekday') && !result.start.isCertain('day'))
    return addDays(day, 7 * step);
  if (result.start.isCertain('year') || isOfThisMonth(found, day)) return day;
  return { ...day, year: day.year + step };
};

const unitNear = (unit: string, today: Day): string => {
  if (/^year/.test(unit)) return String(today.year);
  return /^month/.test(unit) ? formatMonth(today) : formatDay(today);
};

const vaguePhrase = (text: string, today: Day): Phrase | undefined => {
  const ago = vague.exec(text);
  const match = ago ?? vagueAhead.exec(text);
  if (!match) return undefined;
  const [, amount = '', unit = ''] = match;
  const count = /^couple/.test(amount) ? 'a couple of' : amount === 'few' ? 'a few' : amount;
  const words = `${count} ${unit} ${ago ? 'before' : 'after'} ${unitNear(unit, today)}`;
  return { words, preposition: '' };
};

const relation = (text: string): string =>
  /^(?:last|past|previous)/i.test(text)
    ? 'before'
    : /^(?:next|coming)/i.test(text)
      ? 'after'
      : 'of';

const weekPhrase = (text: string, today: Day): Phrase | undefined => {
  const unit = /\bweekend\b/i.test(text) ? 'weekend' : /\bweek\b/i.test(text) ? 'week' : undefined;
  if (!unit || !/^(?:the )?(?:last|past|previous|this|next|coming)\b/i.test(text)) return undefined;
  return {
    words: `the ${unit} ${relation(text)} ${formatDay(today)}`,
    preposition: unit === 'weekend' ? 'on' : 'in',
  };
};

const monthIn = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d[./-]\d/i;
/** A number beside a day that is an hour: "until 11 today", "Tue 10". */
const bareHour = ({ start, text }: ParsedResult): string | undefined =>
  start.isCertain('hour') && !monthIn.test(text)
    ? /(?<![\d:./-])\d{1,2}(?![\d:./-])/.exec(text)?.[0]
    : undefined;

const dayPhrase = (found: DateInText): Phrase => {
  const { text } = found.result;
  const day = formatDay(inDirection(found));
  const part = partOfDay.exec(text)?.[1]?.toLowerCase().replace('tonight', 'night');
  const time = clock.exec(text)?.[0] ?? bareHour(found.result);
  const words = part ? `the ${part} of ${day}` : day;
  return { words: time ? `${words} at ${time}` : words, preposition: 'on' };
};

const phraseOf = (found: DateInText): Phrase => {
  const { result, today } = found;
  const special = vaguePhrase(result.text, today) ?? weekPhrase(result.text, today);
  if (special) return special;
  const { start, text } = result;
  if (/\bweeks?\b/i.test(text))
    return { words: `around ${formatDay(dayOfResult(result))}`, preposition: '' };
  if (start.isCertain('day') || start.isCertain('weekday') || partOfDay.test(text))
    return dayPhrase(found);
  const day = inDirection(found);
  return {
    words: start.isCertain('month') ? formatMonth(day) : String(day.year),
    preposition: 'in',
  };
};

const modifier = /\b(?:last|next|this|past|coming|upcoming)\s+$/i;

/** Replaces a date in its text by the absolute date, and keeps or adds the preposition. */
export const formatDateResult = (found: DateInText): string => {
  const { words, preposition } = phraseOf(found);
  const bare = found.before.replace(modifier, '');
  if (/^'s\b/.test(found.after)) {
    const article = /\b(?:the|my|our|a)\s+$/i.test(bare) ? '' : 'the ';
    return `${bare}${article}${words}${found.after.slice(2)}`;
  }
  if (ownPreposition.test(bare)) return `${bare.replace(/\bthe\s+$/i, '')}${words}${found.after}`;
  const before = withoutRedundant(found.before).trimStart();
  const gap = before === '' || /[\s(]$/.test(before) ? '' : ' ';
  const isSubject = before === '' && /^ (?:was|will be|is going to)\b/i.test(found.after);
  const lead = preposition === '' || isSubject ? '' : `${preposition} `;
  return `${before}${gap}${lead}${words}${found.after}`;
};

const season =
  /\b(?:(?<spent>spent|spend) |during |in |over |on )?(last|this|next|this past|this coming) (spring|summer|autumn|fall|winter|christmas|thanksgiving|easter|halloween)\b/gi;
/** Month in which each season or holiday ends. */
const lastMonth: { readonly [name: string]: number } = {
  spring: 5,
  easter: 4,
  summer: 8,
  autumn: 11,
  fall: 11,
  halloween: 10,
  thanksgiving: 11,
  winter: 2,
  christmas: 12,
};

/**
 * "last summer" -> "in summer 2022", "the other day" -> "a few days before ...": phrases unknown to the date parser.
 */
export const resolveSeasons = (text: string, today: Day): string =>
  text
    .replace(season, (_, spent: string | undefined, which: string, name: string) => {
      const ended = (lastMonth[name.toLowerCase()] ?? 12) < today.month;
      const shift = { last: ended ? 0 : -1, next: ended ? 1 : 0 }[which.toLowerCase()];
      const past = /past$/i.test(which) && !ended ? -1 : 0;
      return `${spent ?? 'in'} ${name} ${today.year + (shift ?? past)}`;
    })
    .replace(/\blast night\b(?!'s)/gi, () => `on the night of ${formatDay(addDays(today, -1))}`)
    .replace(/\bthe other day\b/gi, `a few days before ${formatDay(today)}`);
