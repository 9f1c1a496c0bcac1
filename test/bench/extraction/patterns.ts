/**
 * Writes a text as patterns are written: lower case, straight quotes, no accents, no commas within numbers, no ordinals, times
 * such as "3 pm".
 */
export const normalize = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/(?<=\d),(?=\d{3})/g, '')
    .replace(/(?<=\d)(?:st|nd|rd|th)\b/g, '')
    .replaceAll('cannot', 'can not')
    .replace(/\b([ap])\.m\.?(?!\w)/g, '$1m')
    .replace(/(?<=\d)(?=[ap]m\b)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Scripts without spaces between words, signs, and the end of "isn't" match anywhere. */
const beginsAnywhere = (text: string): boolean =>
  /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|n't|[^\p{L}\p{N}])/u.test(text);

const endOf = (alternative: string): string => {
  if (alternative.endsWith(' ')) return String.raw`(?![\p{L}\p{N}])`;
  return /\d$/.test(alternative) ? String.raw`(?![.:]?\d)` : '';
};

/** The beginning of a word; a number is no part of a longer one. */
const regexOf = (alternative: string): string => {
  const text = normalize(alternative);
  const start = beginsAnywhere(text) ? '' : String.raw`(?<![\p{L}\p{N}]|\d[.:])`;
  return `${start}${escapeRegex(text)}${endOf(alternative)}`;
};

const compiled = new Map<string, RegExp>();

const compile = (pattern: string): RegExp => {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = new RegExp(pattern.split('|').map(regexOf).join('|'), 'u');
  compiled.set(pattern, regex);
  return regex;
};

/**
 * Whether a text has one of the alternatives of a pattern, which are separated by `|`. An alternative matches at the beginning of a
 * word, so `allerg` matches "allergic"; with a space at its end it matches whole words. A number matches a whole number.
 */
export const hasPattern = (text: string, pattern: string): boolean =>
  compile(pattern).test(normalize(text));

const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august'],
  ...['september', 'october', 'november', 'december'],
];

const dayForms = (year: string, month: string, day: string): string[] => {
  const name = months[Number(month) - 1] ?? '';
  const short = name.slice(0, 3);
  const d = String(Number(day));
  return [name, short].flatMap((m) => [
    `${d} ${m} ${year}`,
    `${m} ${d} ${year}`,
    `${d} ${m}. ${year}`,
  ]);
};

const monthForms = (year: string, month: string): string[] => {
  const name = months[Number(month) - 1] ?? '';
  return [`${name} ${year}`, `${name.slice(0, 3)} ${year}`];
};

/**
 * Whether a text names a date: an ISO day, month or year in ISO or English form with its year, or a pattern of the words
 * expected.
 */
export const hasDate = (text: string, date: string): boolean => {
  const [, year, month, day] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(date) ?? [];
  if (year === undefined) return hasPattern(text, date);
  const forms = [date];
  if (month !== undefined)
    forms.push(...(day === undefined ? monthForms(year, month) : dayForms(year, month, day)));
  return hasPattern(text.replace(/,|\bof\b/g, ' '), forms.join('|'));
};
