import { analyze } from '../../../domain/memory/analyzer.ts';

/** An attribute of the subject with its value, as in slot filling: facts with the same key agree or conflict. */
export interface Slot {
  key: string;
  /** Stems of the value; empty for any value. */
  value: string;
  /** Single-valued: a new value replaces the old one. */
  one: boolean;
  /** The attribute no longer applies. */
  ended?: boolean;
  /** An event worth keeping ended it ("sold the car"), not a mere denial. */
  event?: boolean;
}

/** Pattern of a predicate ("lives in Rome"), and its slots; no slots when the match is about something else. */
export type SlotRule = readonly [RegExp, (match: RegExpExecArray) => Slot[]];

const aliases: ReadonlyMap<string, string> = new Map([
  ['sf', 'san francisco'],
  ['san fran', 'san francisco'],
  ['the bay area', 'san francisco bay area'],
  ['nyc', 'new york'],
  ['new york city', 'new york'],
  ['la', 'los angeles'],
  ['dc', 'washington'],
  ['uk', 'united kingdom'],
  ['usa', 'united states'],
  ['us', 'united states'],
]);

const abbreviations = /\b(?:SF|NYC|LA|DC|UK|USA)\b/g;

/** "SF" -> "san francisco", "favourite" -> "favorite", "gran" -> "grandma", so that both have the same stems. */
export const expandAliases = (text: string): string =>
  text
    .replace(abbreviations, (short) => aliases.get(short.toLowerCase()) ?? short)
    .replace(/\b(?:gran|granny|nan|nana|grandmother)\b(?=('s)?\b)/g, 'grandma')
    .replace(/\b(favo|colo|neighbo|flavo)ur/gi, '$1r');

/** Beginning of an adjunct, which does not belong to the value. */
const tail =
  /[,;(]| (?:with|since|because|for|but|near|where|who|while|whenever|these days|right now|now|currently|again|as well|on \d|in (?:\d|[A-Z][a-z]+ \d{4}|summer|winter|the week)|a lot|so much|very much|the most|after|before|until|from)\b/i;
const lineEnds = ['\n', '\r', '\u2028', '\u2029'];

/** Position of the first adjunct in the last line. */
const tailOf = (phrase: string): number => {
  const line = Math.max(...lineEnds.map((end) => phrase.lastIndexOf(end))) + 1;
  const at = phrase.slice(line).search(tail);
  return at < 0 ? phrase.length : line + at;
};

const withoutTail = (phrase: string): string => {
  const at = tailOf(phrase);
  return at === phrase.length ? phrase : phrase.slice(0, at).trimEnd();
};

/** Head of a phrase, without its determiner and without adjuncts after "with", "since", a comma or a date. */
export const headOf = (phrase: string): string =>
  withoutTail(phrase)
    .replace(/^(?:the|an?|their|his|her|my|some|new|being an?|to be an?) /i, '')
    .trim();

/** Stems of a value, with aliases expanded. */
export const stemsOf = (phrase: string): string => {
  const head = headOf(phrase);
  return analyze(aliases.get(head.toLowerCase()) ?? head).join(' ');
};

/** Splits an enumeration, "pizza, sushi and tacos", into items of at most six words. */
export const itemsOf = (phrase: string): string[] =>
  (phrase[tailOf(phrase)] === ',' ? phrase : withoutTail(phrase))
    .split(/,(?: and| or)? | and | or | & /)
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.split(' ').length <= 6);

/** Whether two values are the same: equal, or the stems of one are a subset of the other's. */
export const sameValue = (a: string, b: string): boolean => {
  if (a === b) return true;
  const left = a.split(' ');
  const right = b.split(' ');
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  return few.every((stem) => stem !== '' && many.includes(stem));
};
