import { analyze } from '../../domain/memory/analyzer.ts';
import { roles } from '../../domain/memory/turn.ts';
import { aboutAnother, askedSubject } from './whose-fact.ts';

/** Length of the start of a text in which names, identifiers and times are looked for. */
const maxScannedChars = 2_000;

/** Word whose parts may be joined by punctuation: 4411, HL-L2350DW, release/24.11. */
const joinedWord = /[\p{L}\p{N}]+(?:[_./:#@-][\p{L}\p{N}]+)*/gu;
/** A single digit identifies nothing. */
const minIdentifierLength = 2;

const capitalizedWord = /(^|[.!?:]\s+|[^\p{L}\p{N}'’-])(\p{Lu}[\p{L}\p{M}\p{N}]+)/gu;

const isTemporalQuery =
  /^\s*(?:when|since when|how long|how (?:many|much) (?:days|weeks|months|years|time))\b|\b(?:what|which) (?:date|day|week|month|year|season|time)\b/i;

const temporalExpression =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|recently|since|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may \d|\d may|june|july|august|september|october|november|december|(?:days?|weeks?|months?|years?)|(?:19|20)\d\d)\b/i;

const scanned = (text: string): string =>
  text.length > maxScannedChars ? text.slice(0, maxScannedChars) : text;

const isRole = (word: string): boolean => roles.some((role) => role === word.toLowerCase());

/** Words with a digit, in small letters. */
const identifiersIn = (text: string): Set<string> => {
  const found = new Set<string>();
  for (const [word] of scanned(text).toLowerCase().matchAll(joinedWord))
    if (word.length >= minIdentifierLength && /\d/.test(word)) found.add(word);
  return found;
};

/** A word with a capital letter, and whether it opens a sentence. */
type CapitalizedWord = readonly [word: string, opens: boolean];

const capitalizedWordsIn = (text: string): CapitalizedWord[] =>
  [...scanned(text).matchAll(capitalizedWord)].map(([, before = '', word = '']) => [
    word,
    before === '' || /[.!?:]/.test(before),
  ]);

/** Text of a document with its terms, by which cues of the text are kept in memory between searches. */
export interface CueSource {
  text: string;
  terms: object;
}

const knownWords = new WeakMap<object, { text: string; words: CapitalizedWord[] }>();

const capitalizedWordsOf = ({ text, terms }: CueSource): readonly CapitalizedWord[] => {
  const known = knownWords.get(terms);
  if (known?.text === text) return known.words;
  const words = capitalizedWordsIn(text);
  knownWords.set(terms, { text, words });
  return words;
};

/** Cues of a query: features that a right answer may have besides the words of the query. */
export interface QueryCues {
  /** Number of the query's identifiers that the text has exactly: numbers, model names, ticket ids. */
  identifiers(text: string): number;
  /** Number of names in the text that the query has. Roles are not names. */
  names(source: CueSource): number;
  /** Whether the query names this person. */
  isNamed(speaker: string): boolean;
  /** Whether the query asks for a time and the text has one. */
  hasTime(text: string): boolean;
  /** How far the query asks about a person and the text is about another one, 0..1. */
  aboutAnother(text: string): number;
}

/** Returns the cues of a query. Texts are scanned only for what the query has. */
export const queryCues = (query: string, queryTerms: readonly string[]): QueryCues => {
  const asked = new Set(queryTerms);
  const identifiers = identifiersIn(query);
  const askedNames = new Set(capitalizedWordsIn(query).map(([word]) => word));
  const subject = askedSubject(query);
  const isTemporal = isTemporalQuery.test(scanned(query));

  const known = new Map<string, boolean>();
  const isAsked = (word: string): boolean => {
    const answer = known.get(word);
    if (answer !== undefined) return answer;
    const terms = isRole(word) ? [] : analyze(word);
    const found = terms.length > 0 && terms.every((term) => asked.has(term));
    known.set(word, found);
    return found;
  };

  return {
    identifiers(text) {
      if (identifiers.size === 0) return 0;
      // Splitting a text into words takes far longer than a search for a few of them.
      const lowercased = scanned(text).toLowerCase();
      const candidates = [...identifiers].filter((identifier) => lowercased.includes(identifier));
      if (candidates.length === 0) return 0;
      const own = identifiersIn(text);
      return candidates.filter((identifier) => own.has(identifier)).length;
    },
    names(source) {
      const found = new Set<string>();
      for (const [word, opens] of capitalizedWordsOf(source)) {
        // The opening word of a sentence is a name only where the query has it with a capital, too.
        if (isAsked(word) && (!opens || askedNames.has(word))) found.add(word);
      }
      return found.size;
    },
    isNamed: (speaker) => speaker.split(/\s+/).some((word) => word !== '' && isAsked(word)),
    aboutAnother: (text) => (subject === undefined ? 0 : aboutAnother(text, subject)),
    hasTime: (text) => isTemporal && temporalExpression.test(scanned(text)),
  };
};
