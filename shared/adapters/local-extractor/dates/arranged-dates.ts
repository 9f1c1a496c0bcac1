import type { ParsedResult } from 'chrono-node';
import { type Tense, tenseAt } from '../text/verb-forms.ts';
import { type Day, dayOf } from './date-phrases.ts';

/** Verbs in the past tense that arrange something for later: "I booked a hotel for July 4th". */
const arranged =
  /\b(?:booked|reserved|rebooked|rescheduled|postponed|pushed|moved|slipped|slid|put back|set back|pulled forward|delayed|bumped|brought forward|shifted|scheduled|invited|signed up|registered|enrolled|tickets?|planned|arranged|organi[sz]ed|gave|given|granted|set|confirmed|appointment|due|decided|agreed|settled|(?:promised|agreed|asked|offered|requested) (?:[\w'-]+ ){0,3}?(?:for|by)(?= )|(?:brought|pulled|put|pushed|set|moved) (?:[\w'-]+ ){1,5}(?:forward|back|up|off)|expires?|extended|deadline|reservation|paid (?:a )?deposit)\b/i;
/** Words that lead from what was arranged to its date. */
const leadsToDate =
  /(?:\b(?:for|on|to|until|till|at|in|by|from)|,|->|→|=>)\s*(?:the\s*)?(?:(?:early|late|mid|(?:start|beginning|middle|end|(?:first|second|third|last) week|week) of)\s*)?(?:\w+day,?\s*)?$|\b(?:to|for|until) (?:\d[\d:]{0,4}(?: ?[ap]m)?|noon|(?:half|quarter) (?:past |to )?\w{3,6})\s*$/i;
/** A person who moved, on a date that is that of the move: "I moved to Quito in May". */
const movedHouse =
  /\b(?:I|we|he|she|they|who|(?-i:[A-Z])[a-z]+|there) (?:(?:have|has|had|just|finally|then) ){0,2}moved (?:to|into|in|out|back|away|house|here|there|from) ?(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d|(?:january|february|march|april|may|june|july|august|september|october|november|december)\b)/i;
const movedThere = /\(moved there\b/;
const over = /\b(?:last|ago|yesterday|earlier|back in)\b/i;

/** An undertaking: "I agreed to work on Sunday". */
const undertakes =
  /\b(?:promised|agreed|asked|offered|vowed|volunteered|expected|requested|supposed) (?:[\w'-]+ ){0,3}?to [\w'-]+(?: [\w'-]+){0,6} $/i;

/** Days for which people name the date of an act without its year. */
const recentDays = 60;
const dayMs = 86_400_000;

/** Whether the latest such day was only lately, in this year or at the end of the last one. */
const isRecent = ({ start }: ParsedResult, { year, month, day }: Day): boolean => {
  const today = Date.UTC(year, month - 1, day);
  return [year, year - 1].some((then) => {
    const at = Date.UTC(then, (start.get('month') ?? 1) - 1, start.get('day') ?? 1);
    return today >= at && today - at <= recentDays * dayMs;
  });
};

/**
 * Whether a text in front of a date arranges something for that date, which lies ahead, whatever the tense of the verb. A day "on" which
 * something was arranged may be that of the act, a few weeks back: "I booked it on 3 November", said on the 12th.
 */
export const isArrangedFor = (before: string, result: ParsedResult, today: Day): boolean => {
  if (undertakes.test(before) && !over.test(before)) return true;
  const isOfYear = result.start.isCertain('month') && !result.start.isCertain('year');
  const lead = /^on\b/i.test(result.text) && isOfYear ? `${before.trimEnd()} on ` : before;
  if (!arranged.test(before) || !leadsToDate.test(lead) || over.test(before)) return false;
  if (movedHouse.test(before) || movedThere.test(before)) return false;
  return !(isOfYear && /\bon\s*(?:the\s*)?$/i.test(lead) && isRecent(result, today));
};

/** Things that are on the same weekday every week: "standup is on Monday at 9", "bin day is Thursday". */
const weekly =
  /\b(?:stand-?up|practice|rehearsals?|lessons?|class(?:es)?|training|club|yoga|pilates|choir|(?:bin|laundry|pay|market|cleaning|leg|rest|date|game|quiz|pub|movie|trash|garbage) ?(?:day|night)|day off|market|church|mass|shift|therapy|tutoring|catechism|swimming|ballet|karate|judo|football|soccer|hockey|basketball|one-on-one|1:1|weekly \w+|cheat day|gym|bins?|trash|recycling|home office|wfh|office days?|[a-z]{3,10} day(?= ?[:=]))(?: (?:is|are|meets|runs|happens)(?: always| usually)? (?:on )?| ?[:=] ?)$/i;

/** Whether a weekday behind this text is that of every week. */
export const isOfEveryWeek = (before: string): boolean =>
  weekly.test(before) && !/\b(?:next|last|first|this) \S+ (?:is|was) (?:on )?$/i.test(before);

const dayOfMonth =
  /\b(on|as of|since|from|before|after|week of|by|until|till|for|to|is|(?:morning|afternoon|evening|night) of) the (\d{1,2})(?:st|nd|rd|th)\b(?! (?:(?:to|until|till|through) the \d|of|floor|street|avenue|january|february|march|april|may|june|july|august|september|october|november|december|time|grade|quarter|week|year|one|person|century|anniversary|birthday))/gi;
const recurring = /\b(?:every|each|rent|salary|paid|payday|monthly|usually|always|bills?)\b/i;
const ahead =
  /\b(?:invited|booked|scheduled|rescheduled|moved|tickets?|flying|flights?|gig|show|leaving|arriving|going|will|appointment|interview|exam|wedding|party|meeting|concert|starts?|ends?|visiting|coming|on leave|fl(?:y|ies)|leaves?|land|arrives?|move|travel|opens?|closes?|off|away|gone|stays?|staying|guests?|visits?|needs? to|has to|have to|must|renewed|deadline|webinar|call|lecture|dinner|lunch|review|launch|hearing|viva|check-?up|viewing|inspection|release|trial|race|marathon|performance|audition|reunion|picnic|barbecue|visit|trip|tour|tournament|finished|ready|surgery|operation|scan|recital|delivery|match|game|booking|reservation|set for)\b/i;
const names =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** The next month that has the day, this month included while the day is not over. */
const nextWith = (day: number, today: Day): Day => {
  const first = day >= today.day ? today.month : today.month + 1;
  for (let month = first; ; month += 1) {
    const at = new Date(Date.UTC(today.year, month - 1, day));
    if (at.getUTCDate() === day)
      return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day };
  }
};

/** The last month that has the day, this month included once the day has come. */
const lastWith = (day: number, today: Day): Day => {
  const first = day <= today.day ? today.month : today.month - 1;
  for (let month = first; ; month -= 1) {
    const at = new Date(Date.UTC(today.year, month - 1, day));
    if (at.getUTCDate() === day)
      return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day };
  }
};

/** Words in front of a day that is not one of every month: "moving day is the 24th", "as of the 1st". */
const isSingle = /^(?:is|as of|week of)$/i;
/** A possession or an existence on a day: "I have got a ceremony on the 22nd". */
const isOrHas = /\b(?:have|has|is|are|am)\b(?!.{0,300}[,;:] )/i;
/** Verbs in the past that arrange what lies ahead. */
const arranges =
  /\b(?:invited|(?:re)?booked|(?:re)?scheduled|moved|tickets?|postponed|pushed|reserved|reservation|signed up|registered|planned|arranged|set|extended|due|expires?)\b/i;
const born = /\b(?:born|birthday|anniversary)\b/i;

const leadsAhead = /^(?:by|until|till|for|to)$/i;

/** Direction in which a day of a month lies; undefined for a day that may be one of every month. */
const directionOfDay = (
  text: string,
  lead: string,
  index: number,
  tense: Tense,
): 'past' | 'future' | undefined => {
  if (/^since$/i.test(lead)) return 'past';
  const own = tense === 'past' ? tenseAt(text, index, index + lead.length) : tense;
  const isBirthday = born.test(text);
  if (own === 'past' && !isBirthday && !arranges.test(text))
    return leadsAhead.test(lead) ? 'future' : 'past';
  const isEvent = isSingle.test(lead) || isOrHas.test(text.slice(0, index));
  return ahead.test(text) || (isEvent && !isBirthday) ? 'future' : undefined;
};

/** "invited to a party on the 28th" -> "on 28 October 2026", "signed on the 3rd" -> "on 3 October 2026". A day of every month stays as it is. */
export const resolveDayOfMonth = (text: string, today: Day, tense: Tense): string => {
  if (recurring.test(text)) return text;
  return text.replace(dayOfMonth, (found, lead: string, number: string, index: number) => {
    const day = Number(number);
    const direction = directionOfDay(text, lead, index, tense);
    if (day < 1 || day > 31 || direction === undefined) return found;
    const at = direction === 'past' ? lastWith(day, today) : nextWith(day, today);
    return `${lead}${/^is$/i.test(lead) ? ' on' : ''} ${day} ${names[at.month - 1] ?? ''} ${at.year}`;
  });
};

const timeIn = (date: ParsedResult['start']): number =>
  Date.UTC(date.get('year') ?? 0, (date.get('month') ?? 1) - 1, date.get('day') ?? 1);

const dayIn = (time: number): string => {
  const { year, month, day } = dayOf(time);
  return `${day} ${names[month - 1] ?? ''} ${year}`;
};

/** A stay somewhere, which is not that of every week: "I am in Rome from Thursday to Sunday". */
const isAway =
  /\b(?:am|are|is) (?:in (?!the office\b)|away|abroad|visiting|on (?:leave|holiday|vacation|a trip)|out of (?:town|office))|\b(?:stays?|staying|visits?|visiting)\b/i;
/** A booking for a range of days. */
const reserved = /\b(?:booked|reserved|rented|hired|signed up for)\b/i;
const liesAhead = (before: string, tense: Tense): boolean =>
  tense === 'future' || isAway.test(before);
const repeated = /\b(?:every|each|always|usually)\b/i;
/** Hours of one day: "tomorrow 8-10am". */
const hoursOf = /^(?:today|tomorrow|yesterday) ((?:from |between )?\d.*)$/i;

/** A range of weekdays that lies ahead as days; undefined for other ranges. */
const weekdaysAhead = (
  { start, end }: ParsedResult,
  today: Day,
  tense: Tense,
  before: string,
): string | undefined => {
  const isOfWeekdays =
    end?.isCertain('weekday') === true && start.isCertain('weekday') && !start.isCertain('day');
  if (!isOfWeekdays || !(liesAhead(before, tense) || reserved.test(before))) return undefined;
  const isOver = timeIn(start) < Date.UTC(today.year, today.month - 1, today.day);
  const shift = isOver ? 7 * dayMs : 0;
  const lead = /\bfrom\s*$/i.test(before) ? '' : 'from ';
  return `${lead}${dayIn(timeIn(start) + shift)} to ${dayIn(timeIn(end) + shift)}`;
};

/**
 * A range of days as it was written, with the year that it has, weekdays that lie ahead as days, and hours with their day; other dates as
 * they are.
 */
export const rangeWithYear = (
  result: ParsedResult,
  today: Day,
  tense: Tense,
  before: string,
): string => {
  const { text, start, end } = result;
  const hours = repeated.test(before) ? undefined : hoursOf.exec(text)?.[1];
  if (hours !== undefined) return `on ${dayIn(timeIn(start))} ${hours}`;
  const ahead = weekdaysAhead(result, today, tense, before);
  if (ahead !== undefined) return ahead;
  const isDays = end?.isCertain('day') === true && start.isCertain('month');
  if (!isDays || start.isCertain('year')) return text;
  const month = start.get('month') ?? today.month;
  return `${text} ${month < today.month ? today.year + 1 : today.year}`;
};
