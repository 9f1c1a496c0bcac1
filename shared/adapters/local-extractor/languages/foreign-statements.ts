import { cutEnd } from '../text/clean-text.ts';
import { type ForeignSentence, foreignSentences } from '../text/language-detection.ts';
import { chinese } from './chinese.ts';
import { compileGrammar, type Language } from './compile-grammar.ts';
import { dutch } from './dutch.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import { italian } from './italian.ts';
import { japanese } from './japanese.ts';
import { portuguese } from './portuguese.ts';
import { readClause, type Statement, type Subject } from './read-clause.ts';
import { russian } from './russian.ts';
import { spanish } from './spanish.ts';

const spaced = [spanish, portuguese, italian, french, german, dutch].map(compileGrammar);
const cyrillic = [russian].map(compileGrammar);
const unspaced = [japanese, chinese].map(compileGrammar);

/** Bounds of what is read: longer sentences are kept as said. */
const maxSentence = 300;
const maxPieces = 20;
/** Sentences of a text that are read: a pasted book must not become a thousand facts. */
const maxSentences = 100;

interface ForeignReading {
  /** Statements in English and the third person, with relative dates. */
  statements: readonly string[];
  /** Every clause was read. */
  isWhole: boolean;
  /** The sentence asks for something, and states nothing. */
  isRequest: boolean;
}

const nothing: ForeignReading = { statements: [], isWhole: false, isRequest: false };

const languagesOf = (sentence: string): readonly Language[] => {
  if (/\p{Script=Cyrillic}/u.test(sentence)) return cyrillic;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sentence)
    ? unspaced
    : spaced;
};

/** Words of a piece behind a statement from which on the piece is a clause of its own, whether it can be read or not. */
const minWords = { comma: 3, conjunction: 4 };
const minCharacters = 5;

const isLong = (language: Language, separator: string, piece: string): boolean => {
  if (language.isUnspaced) return piece.length >= minCharacters;
  const least = /\p{L}/u.test(separator) ? minWords.conjunction : minWords.comma;
  return piece.trim().split(' ').length >= least;
};

/** Joins the pieces of a sentence to clauses; a short piece that is no clause belongs to the one before, as "a dog and a cat". */
const clausesIn = (language: Language, sentence: string, speaker: string): string[] => {
  const [first = '', ...others] = sentence.split(language.between);
  const clauses: string[] = [];
  let clause = first;
  let carried: Subject | undefined;
  for (let at = 0; at < others.length; at += 2) {
    const [separator = '', next = ''] = [others[at], others[at + 1]];
    const joined = `${clause}${separator}${next}`;
    const statement = readClause(language, clause, speaker, carried);
    const subject = statement?.subject ?? carried;
    const isOpening = !statement && readClause(language, joined, speaker, carried) !== undefined;
    const isClause =
      readClause(language, next, speaker, subject) !== undefined ||
      (statement !== undefined && isLong(language, separator, next));
    if (isClause && !isOpening) {
      clauses.push(clause);
      clause = next;
      carried = subject;
    } else clause = joined;
  }
  return [...clauses, clause];
};

const readIn = (language: Language, sentence: string, speaker: string): ForeignReading => {
  const read: Statement[] = [];
  let isWhole = true;
  if (sentence.split(language.between).length > maxPieces) return nothing;
  for (const clause of clausesIn(language, sentence, speaker)) {
    const statement = readClause(language, clause, speaker, read.at(-1)?.subject);
    if (statement) read.push(statement);
    else isWhole = false;
  }
  const isRequest = read.length === 0 && language.asks.test(sentence);
  return { statements: read.map(({ text }) => withPast(text)), isWhole, isRequest };
};

/** Words of a single act, behind which a span of time is one that has passed: "moved to Porto for two weeks". */
const ofAct =
  /\b(?:moved to|bought|sold|adopted|quit|broke up with|cancelled|changed|was born|died|stopped)\b/;
const span = / for ((?:\d{1,3}|[a-z]{1,6}) (?:days|weeks|months|years))(?=\.?$)/;

const withPast = (text: string): string =>
  ofAct.test(text) ? text.replace(span, ' $1 ago') : text;

const isBetter = (a: ForeignReading, b: ForeignReading): boolean =>
  (a.isWhole && !b.isWhole) ||
  (a.isWhole === b.isWhole && a.statements.length > b.statements.length);

const readForeign = (sentence: string, speaker: string): ForeignReading => {
  const text = cutEnd(sentence.trim().replace(/^[¿¡]/, ''), /[\s.!?。！？…]/u);
  if (text.length > maxSentence || text === '') return nothing;
  const readings = languagesOf(text).map((language) => readIn(language, text, speaker));
  const best = readings.reduce((a, b) => (isBetter(b, a) ? b : a), nothing);
  const isRequest = best.statements.length === 0 && readings.some((reading) => reading.isRequest);
  return { ...best, isRequest };
};

/** Longer requests, in words, may state something besides, and are kept as said. */
const maxRequest = 8;

const isAsked = ({ text, isQuestion }: ForeignSentence, { isRequest }: ForeignReading): boolean =>
  isQuestion || (isRequest && text.split(/[\s,、，]/).length <= maxRequest);

/**
 * Reads a text of another language: the commonest statements of Spanish, Portuguese, Italian, French, German, Dutch, Russian, Chinese
 * and Japanese, about the speaker and people and things of the speaker. Sentences that no grammar reads are returned, questions and requests aside.
 */
export const readForeignText = (
  text: string,
  speaker: string,
): {
  /** Statements in English and the third person, with relative dates, and the sentence that each is from. */
  facts: { text: string; said: string }[];
  unread: string[];
} => {
  const sentences = foreignSentences(text);
  const read = sentences.map((sentence, at) => ({
    sentence,
    reading: at < maxSentences ? readForeign(sentence.text, speaker) : nothing,
  }));
  return {
    facts: read.flatMap(({ sentence, reading }) =>
      reading.statements.map((statement) => ({ text: statement, said: sentence.text })),
    ),
    unread: read
      .filter(({ sentence, reading }) => !(reading.isWhole || isAsked(sentence, reading)))
      .map(({ sentence }) => sentence.text),
  };
};
