import { analyze } from '../../../domain/memory/analyzer.ts';

const aliases: { readonly [short: string]: string } = {
  sf: 'san francisco',
  'san fran': 'san francisco',
  'the bay area': 'san francisco bay area',
  nyc: 'new york',
  'new york city': 'new york',
  la: 'los angeles',
  dc: 'washington',
  uk: 'united kingdom',
  usa: 'united states',
  us: 'united states',
};

const shortNames = /\b(?:SF|NYC|LA|DC|UK|USA)\b/g;

/** "SF" -> "san francisco", "favourite" -> "favorite", so that both have the same stems. */
export const writeOutAliases = (text: string): string =>
  text
    .replace(shortNames, (short) => aliases[short.toLowerCase()] ?? short)
    .replace(/\b(favo|colo|neighbo|flavo)ur/gi, '$1r');

/** Where a phrase goes on with something else. */
const tail =
  /[,;(]| (?:with|since|because|for|but|near|where|who|while|whenever|these days|right now|now|currently|again|as well|on \d|in (?:\d|[A-Z][a-z]+ \d{4}|summer|winter|the week)|a lot|so much|very much|the most|after|before|until|from)\b/i;
const lineEnds = ['\n', '\r', '\u2028', '\u2029'];

/** The first of such places in the last line. */
const tailOf = (phrase: string): number => {
  const line = Math.max(...lineEnds.map((end) => phrase.lastIndexOf(end))) + 1;
  const at = phrase.slice(line).search(tail);
  return at < 0 ? phrase.length : line + at;
};

const withoutTail = (phrase: string): string => {
  const at = tailOf(phrase);
  return at === phrase.length ? phrase : phrase.slice(0, at).trimEnd();
};

/** The head of a phrase: what follows "with", "since", a comma or a date tells more, not something else. */
export const headOf = (phrase: string): string =>
  withoutTail(phrase)
    .replace(/^(?:the|an?|their|his|her|my|some|new|being an?|to be an?) /i, '')
    .trim();

/** A value as stems, known short forms written out. */
export const stemsOf = (phrase: string): string => {
  const head = headOf(phrase);
  return analyze(aliases[head.toLowerCase()] ?? head).join(' ');
};

/** "pizza, sushi and tacos" -> its items. */
export const itemsOf = (phrase: string): string[] =>
  (phrase[tailOf(phrase)] === ',' ? phrase : withoutTail(phrase))
    .split(/,(?: and| or)? | and | or | & /)
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.split(' ').length <= 6);

/** Whether two values speak of the same: equal, or all stems of one are among the other's. */
export const sameValue = (a: string, b: string): boolean => {
  if (a === b) return true;
  const left = a.split(' ');
  const right = b.split(' ');
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  return few.every((stem) => stem !== '' && many.includes(stem));
};
