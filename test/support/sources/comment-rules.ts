/** Code and quotations are not prose. */
const withoutCode = (text: string): string => text.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, 'code');

/** A sentence ends before a capital; the period of an abbreviation is followed by a small letter. */
const sentencesOf = (text: string): string[] =>
  withoutCode(text).split(/(?<=[.!?]\)?) +(?=\(?[A-Z])/);

/** "that of" and "those of" name their noun; "one" before a noun is a number. */
const openingPronoun = new RegExp(
  [
    'what(?:ever)?|which(?:ever)?|who(?:ever|m|mever|se)?',
    'it|its|they|them|their|he|him|his|she|her|ones|others',
    'no one|nobody|somebody|someone|anybody|anyone|everybody|everyone',
    'that(?! (?:of|many|much|far)\\b)|those(?! of\\b)',
    'one(?= (?:after|at a time|side|way|that|which|who|whose|is|was|has|had|can|may|must|does|will)\\b|[.,:;])',
  ]
    .map((words) => `^\\(?(?:${words})\\b`)
    .join('|'),
  'i',
);

/** Clause about an unnamed person or thing. "it", "they" and "their" are clear here: the sentence has their noun. */
const clausePronoun =
  /[;:] (?:what(?:ever)?|who(?:ever|m)?|nobody|somebody|no one|those(?! of\b))\b/i;

/** Whether a sentence opens with a pronoun whose noun is elsewhere, or has a clause without a noun. */
export const hasUnclearPronoun = (text: string): boolean =>
  sentencesOf(text).some(
    (sentence) => openingPronoun.test(sentence) || clausePronoun.test(sentence),
  );

/**
 * Phrases of the private language that the glossary replaces. Standard terms with the same words pass: dead letter, letter
 * of an alphabet, log line, command line, in line with.
 */
const deniedPhrases = new RegExp(
  `\\b(?:${[
    'anteroom|backstage|bells?|crews?|courtesy|courteous|lull|whispers?|twins?|verdict|tally|passage',
    'whoever|whomever|somebody|nobody|anybody|himself|herself',
    'lanes?|gates?|parked|parking|parks?',
    'told|tells?|telling|untold|unheard',
    'patience|impatient|politely?|hopeless|mending',
    '(?:the|signed|sealed|same|its) letter',
    '(?:stands?|standing|stood|puts?|waits?|waiting|place|front|end|back) (?:of the|in) line',
    'in (?:one|the same) breath|by and by|comes? along|under one roof|in one go|once and for all',
    'lets? (?:in|pass)|(?:is|are|be) let (?:in|go)|looks? (?:once more|again)|(?:last|second|another) look',
    'held (?:up|back|by)|holds? back|has had this',
    '(?:what|who) came|came (?:late|first|before)',
    '(?:no|enough|more|has|have) room|room (?:for|left)',
  ].join('|')})\\b`,
  'i',
);

/** Denied phrase of a comment, or undefined. */
export const deniedPhraseIn = (text: string): string | undefined =>
  deniedPhrases.exec(withoutCode(text))?.[0];
