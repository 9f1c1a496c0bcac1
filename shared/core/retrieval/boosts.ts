import { analyze } from '../../domain/memory/analyzer.ts';
import { roles } from '../../domain/memory/turn.ts';

/** Characters of a text that are looked at for cues. */
const maxScannedChars = 1_000;

const isTemporalQuery =
  /^\s*(?:when|since when|how long|how (?:many|much) (?:days|weeks|months|years|time))\b|\b(?:what|which) (?:date|day|week|month|year|season|time)\b/i;

const temporalExpression =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|recently|since|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may \d|\d may|june|july|august|september|october|november|december|(?:days?|weeks?|months?|years?)|(?:19|20)\d\d)\b/i;

const openingWord = /^[\s"'(]*([\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*)/u;
const isRole = (word: string): boolean => roles.some((role) => role === word.toLowerCase());

/** Whether a text tells a time, if the query asks for one. */
export const temporalBoost = (query: string): ((text: string) => boolean) =>
  isTemporalQuery.test(query.slice(0, maxScannedChars))
    ? (text) => temporalExpression.test(text.slice(0, maxScannedChars))
    : () => false;

/** Whether the query names the person or thing a text opens with; roles are not names. */
export const entityBoost = (
  queryTerms: readonly string[],
): ((said: { text: string }) => boolean) => {
  const asked = new Set(queryTerms);
  const known = new Map<string, boolean>();
  const isNamed = (word: string): boolean => {
    const answer =
      known.get(word) ?? (!isRole(word) && analyze(word).every((term) => asked.has(term)));
    known.set(word, answer);
    return answer;
  };
  return ({ text }) => {
    const name = openingWord.exec(text.slice(0, maxScannedChars))?.[1];
    return name !== undefined && isNamed(name);
  };
};
