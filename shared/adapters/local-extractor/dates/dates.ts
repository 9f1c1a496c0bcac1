import type { ParsedResult } from 'chrono-node';
import { cutEnd } from '../text/clean-text.ts';
import { type Tense, tenseAt, tenseOf } from '../text/verb-forms.ts';
import {
  isArrangedFor,
  isOfEveryWeek,
  rangeWithYear,
  resolveDayOfMonth,
} from './arranged-dates.ts';
import { resolveCountedPeriods } from './counted-periods.ts';
import { type Day, dayOf, formatDateResult, resolveSeasons } from './date-phrases.ts';
import { resolveNamedDays, withoutRepeatedDay } from './named-days.ts';
import { resolvePeriods } from './periods.ts';
import { resolveHoursAhead, withFullWords } from './short-times.ts';

/**
 * Replaces dates relative to `observedAt` (ms since 1970) by absolute dates, those of a clock that is `utcOffset` minutes ahead of UTC.
 */
export type DateReader = (text: string, observedAt: number, utcOffset?: number) => string;

const trigger =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|past|this|next|in an?|in \w+ (?:days?|weeks?|months?|years?)|weeks? from|\w+days?|(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|the other day)\b/i;

const recurring =
  /\b(?:every|each|most|per|any|other|alternate)(?:\s+(?:single|other|second|year on))?\s*$/i;
const yearless = /\b(?:birthday|birthdate|anniversary|was born|were born|name day)\b/i;
const besideBirthday =
  /\b(?:before|after) (?:my|our|his|her|their|[\w-]+'s) (?:[\w-]+ )?birthday\b/gi;
const spans = /\b(?:for|over|past|within|during)(?: the)?(?: (?:last|past))?\s*$/i;
const numeric = /^[\d\s/.:,-]+$/;
const hasYear = /\b(?:19|20)\d\d\b/;
const offset = /\b(?:before|after|later|earlier|prior)$/i;
const abbreviation = /^(?:sat|sun|mon|wed|mar|may|march|dec|second)$/;
/** Words in front of a short word that is a month or a weekday then: "since march", "on sat". */
const namesTime =
  /\b(?:since|until|till|by|next|last|this|in early|in late|end of|of) $|\b(?:in|on) $/i;
const subDay = /\b(?:now|seconds?|minutes?|mins?)\b/i;
const monthLead =
  /\b(?:in|on|to|last|next|since|this|until|till|by|from|of|during|through|thru|early|late|mid|before|after|every|around)\s+$/i;
const weekdayLead =
  /\b(?:on|last|next|this|since|until|till|by|before|after|from|for|coming|past)\s+$/i;
const plainFollower =
  /^\s*(?:$|[.,;:!?)]|(?:at|with|for|to|and|but|or|because|in|I|we|so|after|before|morning|afternoon|evening|night|from|about|when|off|as|by|near|until|EOD|COB|was|will be|is going to)\b)/i;

const dateParts = ['day', 'weekday', 'month', 'year'] as const;
const dayPart = /\b(?:tonight|this (?:morning|afternoon|evening|week)|last night)\b/i;

const isAbout = (result: ParsedResult, part: (typeof dateParts)[number]): boolean =>
  result.start.isCertain(part);

const namesOnly = (result: ParsedResult, only: (typeof dateParts)[number]): boolean =>
  dateParts.every((part) => isAbout(result, part) === (part === only));

/** "The last Thursday of the month" is one of every month. */
const ofMonth = /^ (?:of|in) (?:the|each|every|a) (?:month|quarter|year|term|season)\b/i;

/** "My last day" is no date. */
const ofOwner = /\b(?:my|our|your|his|her|their|the)\s*$/i;
const isLabel = /^ ?(?:[:=]| of\b)/i;
const someDay = /^(?:last|first|next) day$/i;

/** Whether a result of chrono is a false positive, such as a time of day, a ratio, "sat" or "for 3 years". */
const isNoDate = (result: ParsedResult, before: string, after: string): boolean =>
  (!dateParts.some((part) => isAbout(result, part)) && !dayPart.test(result.text)) ||
  numeric.test(result.text) ||
  (/^this week$/i.test(result.text) && /^ (?:has|is|was|will|would)\b/i.test(after)) ||
  (someDay.test(result.text) && (ofOwner.test(before) || isLabel.test(after))) ||
  (abbreviation.test(result.text) && !namesTime.test(before)) ||
  (ofMonth.test(after) && isAbout(result, 'weekday')) ||
  subDay.test(result.text) ||
  (/\b(?:in|of)\s*$/i.test(before) && /^\d{1,2}:\d\d\b/.test(result.text)) ||
  (namesOnly(result, 'month') && !/\s/.test(result.text) && !monthLead.test(before)) ||
  (namesOnly(result, 'weekday') &&
    !/\s/.test(result.text) &&
    !weekdayLead.test(before) &&
    !plainFollower.test(after));

const weekdayName =
  '(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thu|thurs?|fri|sat|sun)';
const partsOfDays = /^\s*(?:mornings|afternoons|evenings|nights)\b/i;
const habit = /\b(?:usually|always|often|normally|generally|typically|mostly|regularly)\b/i;
/** Several weekdays in a note without a verb: "gym: Mon+Wed 7am; run: Sat". */
const weekdaysIn = new RegExp(`\\b${weekdayName}\\b`, 'gi');
const hasVerb =
  /\b(?:I|we|he|she|they|it|you|my|our|his|her|(?:leave|come|start|end|open|close|meet|arrive|depart|land|move|begin)s?|is|are|was|were|am|be|been|will|has|have|had|do|does|did|can|go|goes|went|going|moved|[a-z]{2,}(?:ed|ing))\b/i;
const isNoteOfDays = (text: string): boolean =>
  !hasVerb.test(text) && (text.match(weekdaysIn) ?? []).length > 1;
const weekdayAfter = new RegExp(`^\\s*(?:,|and|or|&)\\s*(?:on\\s+)?${weekdayName}\\b`, 'i');
const weekdayBefore = new RegExp(`\\b${weekdayName}\\s*(?:,|and|or|&)\\s*(?:on\\s+)?$`, 'i');

/** Whether a bare weekday is one of every week: parts of days in the plural, a habit, or several weekdays in the present tense. */
const isEveryWeek = (
  result: ParsedResult,
  before: string,
  after: string,
  text: string,
): boolean => {
  if (!namesOnly(result, 'weekday') || /\b(?:last|next|this)\b/i.test(result.text)) return false;
  if (partsOfDays.test(after) || isOfEveryWeek(before) || isNoteOfDays(text)) return true;
  const isListed = weekdayAfter.test(after) || weekdayBefore.test(before);
  const isMoved = /\b(?:moved|shifted|switched|changed) to\b/i.test(text);
  return (
    (isListed && (isMoved || tenseOf(text) === 'present')) ||
    (habit.test(text) && tenseOf(text) === 'present')
  );
};

/** A month of every year: "always goes to Spain in August". */
const isMonthOfHabit = (result: ParsedResult, text: string): boolean =>
  namesOnly(result, 'month') && habit.test(text) && tenseOf(text) === 'present';

/** Whether a date stays as written: recurring, a range, a duration, or absolute already. */
const isKeptAsWritten = (
  result: ParsedResult,
  before: string,
  after: string,
  text: string,
): boolean =>
  result.end !== undefined && result.end !== null
    ? true
    : recurring.test(before) ||
      isMonthOfHabit(result, text) ||
      isEveryWeek(result, before, after, text) ||
      hasYear.test(result.text) ||
      (/^in\b/i.test(result.text) && /\b(?:not|never)\b/i.test(before)) ||
      /^(?:for|past|over|within)\b/i.test(result.text) ||
      (spans.test(before) && /\b(?:days?|weeks?|months?|years?)\b/i.test(result.text)) ||
      (offset.test(result.text) && !/\bday (?:before|after)\b/i.test(result.text)) ||
      (isAbout(result, 'day') &&
        !isAbout(result, 'year') &&
        yearless.test(text.replace(besideBirthday, ''))) ||
      (/\bthe\s+$/i.test(before) && isAbout(result, 'month') && !plainFollower.test(after));

/** Direction of a date: ahead for an arrangement, back for a beginning; the tense decides on other dates. */
const directionOf = (before: string, result: ParsedResult, today: Day, tense: Tense): Tense => {
  if (/\bsince\s+(?:the\s+)?$/i.test(before)) return 'past';
  if (/\b(?:got|have|has) (?:only )?(?:until|till)\s*$/i.test(before)) return 'future';
  return isArrangedFor(before, result, today) ? 'future' : tense;
};

/** Loads the English date parser. */
export const loadDateReader = async (): Promise<DateReader> => {
  const { casual } = await import('chrono-node/en');

  return (given, observedAt, utcOffset = 0) => {
    if (!Number.isFinite(observedAt)) return given;
    const local = observedAt + utcOffset * 60_000;
    const today = dayOf(local);
    const original = resolveHoursAhead(withFullWords(given), local);
    const tense = tenseOf(original);
    const counted = resolveCountedPeriods(original, today, tense);
    const withPeriods = resolvePeriods(counted, today, tense);
    const withDays = resolveNamedDays(resolveDayOfMonth(withPeriods, today, tense), today, tense);
    if (!trigger.test(withDays)) return withDays;
    const text = resolveSeasons(withDays, today);
    const reference = { instant: new Date(observedAt), timezone: utcOffset };
    const midMonth = {
      instant: new Date(Date.UTC(today.year, today.month - 1, 15, 12)),
      timezone: 0,
    };
    /** Parses month arithmetic again from the middle of the month: a month counted from the 31st overflows. */
    const reparseMonths = (result: ParsedResult): ParsedResult =>
      /\bmonths?\b/i.test(result.text)
        ? (casual.parse(result.text, midMonth)[0] ?? result)
        : result;
    /** Replaces one date of a text. */
    const replaceDate = (whole: string, result: ParsedResult): string => {
      const before = whole.slice(0, result.index);
      const after = whole
        .slice(result.index + result.text.length)
        .replace(/^ (morning|afternoon|evening)\b/i, ' in the $1');
      if (isNoDate(result, before, after)) return whole;
      const comma = result.text.endsWith(',') ? ',' : '';
      if (isKeptAsWritten(result, before, after, whole))
        return before + rangeWithYear(result, today, tense, before) + after;
      const resolved = reparseMonths(result);
      const end = result.index + result.text.length;
      const own = tenseAt(whole, result.index, end);
      const direction = directionOf(before, resolved, today, own);
      return formatDateResult({
        result: resolved,
        before,
        after: comma + after,
        today,
        tense: direction,
      });
    };
    // A month in front of a full stop is not found.
    const body = cutEnd(text, /[.!]/);
    const found = casual.parse(body, reference).toReversed();
    return withoutRepeatedDay(found.reduce(replaceDate, body) + text.slice(body.length));
  };
};
