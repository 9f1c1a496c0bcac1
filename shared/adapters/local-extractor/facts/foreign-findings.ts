import { readForeignText } from '../languages/foreign-statements.ts';
import { cutEnd } from '../text/clean-text.ts';
import { looksEnglish, mayBeForeign } from '../text/language-detection.ts';
import type { ExtractionContext, Finding } from './finding.ts';
import { normalizeFact } from './normalize-fact.ts';

/** Longer quotes are truncated, in characters. */
const maxQuote = 500;

/** Sentences of another language as one quote; empty without any. */
const foreignQuote = (sentences: readonly string[]): string => {
  const quote = sentences
    .map((piece) => (/[。！？]$/u.test(piece) ? piece : `${piece} `))
    .join('')
    .trimEnd();
  return Array.from(quote.slice(0, maxQuote + 1)).length > maxQuote
    ? `${quote.slice(0, maxQuote).toWellFormed().trimEnd()}…`
    : quote;
};

/** A text without a clear English word is of another language if the rules can read all of it so. */
export const readsAsEnglish = (line: string): boolean => {
  if (!looksEnglish(line)) return false;
  if (!mayBeForeign(line)) return true;
  const { facts, unread } = readForeignText(line, 'User');
  return facts.length === 0 || unread.length > 0;
};

/** Adds the words as they were said, by which the fact is found in its own language. */
const withOriginal = (fact: string, said: string): string =>
  `${cutEnd(fact, /[.]/)} ("${cutEnd(said, /[\s.!。！]/)}").`;

/** Findings of lines of another language: the statements that the grammars know, and the rest as one quote. */
export const foreignFindings = (
  lines: readonly string[],
  context: ExtractionContext,
): Finding[] => {
  const { speakers, dates, observedAt, utcOffset } = context;
  const { speaker } = speakers;
  const { facts, unread } = readForeignText(lines.join(' '), speaker);
  const quote = foreignQuote(unread);
  return [
    ...facts.map(({ text, said }): Finding => {
      const fact = normalizeFact(dates(text, observedAt, utcOffset), speaker);
      return { kind: 'fact', text: withOriginal(fact, said) };
    }),
    ...(quote === ''
      ? []
      : [{ kind: 'fact' as const, text: `${speaker} said: "${quote}"`, verbatim: true as const }]),
  ];
};
