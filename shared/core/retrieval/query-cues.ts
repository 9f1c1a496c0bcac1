import { analyze } from '../../domain/memory/analyzer.ts';
import { roles } from '../../domain/memory/turn.ts';
import { type AnswerCues, answerCues } from './answer-cues.ts';
import { aboutAnother, askedSubject } from './whose-fact.ts';

/** Length of the start of a text in which names, identifiers and times are looked for. */
const maxScannedChars = 2_000;

/** Word whose parts may be joined by punctuation: 4411, HL-L2350DW, release/24.11. */
const joinedWord = /[\p{L}\p{N}]+(?:[_./:#@-][\p{L}\p{N}]+)*/gu;
/** A single digit identifies nothing. */
const minIdentifierLength = 2;

const capitalizedWord = /(^|[.!?:]\s+|[^\p{L}\p{N}'’-])(\p{Lu}[\p{L}\p{M}\p{N}]+)/gu;

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

/** An amount with its unit, an ordinal, a time or a year: such a word of a question need not be in the answer. */
const noCode =
  /^(?:\d+(?:st|nd|rd|th|am|pm|k|m|s|h|g|km|cm|mm|kg|ml|min|gb|mb|d)?|(?:19|20)\d\d|\d{1,2}[.:/]\d.*)$/u;
const minCodeDigits = 4;

/** Whether an identifier is a code, such as a model name or the number of a ticket. */
const isCode = (identifier: string): boolean =>
  /^\d+$/.test(identifier)
    ? identifier.length >= minCodeDigits && !/^(?:19|20)\d\d$/.test(identifier)
    : !noCode.test(identifier);

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
  /** Whether the query asks about a code, such as a model name or the number of a ticket. */
  hasCode: boolean;
  /** Number of names in the text that the query has. Roles are not names. */
  names(source: CueSource): number;
  /** Names within the sentences of a text that the query has not. The opening word of a sentence may be any word. */
  otherNames(source: CueSource): string[];
  /** Whether the query names this person. */
  isNamed(speaker: string): boolean;
  /** Whether the query asks for something of a kind, such as a time, and a text has it. */
  answers: AnswerCues;
  /** How far the query asks about a person and the text is about another one, 0..1. */
  aboutAnother(text: string): number;
}

/** Returns the cues of a query. Texts are scanned only for what the query has. */
export const queryCues = (query: string, queryTerms: readonly string[]): QueryCues => {
  const asked = new Set(queryTerms);
  const identifiers = identifiersIn(query);
  const askedNames = new Set(capitalizedWordsIn(query).map(([word]) => word));
  const subject = askedSubject(query);

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
    hasCode: [...identifiers].some(isCode),
    names(source) {
      const found = new Set<string>();
      for (const [word, opens] of capitalizedWordsOf(source)) {
        // The opening word of a sentence is a name only where the query has it with a capital, too.
        if (isAsked(word) && (!opens || askedNames.has(word))) found.add(word);
      }
      return found.size;
    },
    otherNames: (source) => {
      const names = capitalizedWordsOf(source).flatMap(([word, opens]) =>
        opens || askedNames.has(word) || isRole(word) ? [] : [word],
      );
      return [...new Set(names)];
    },
    isNamed: (speaker) => speaker.split(/\s+/).some((word) => word !== '' && isAsked(word)),
    aboutAnother: (text) => (subject === undefined ? 0 : aboutAnother(text, subject)),
    answers: answerCues(query),
  };
};
