import { cutEnd } from './text/cut-end.ts';

const maxPhrases = 12;
const maxWords = 3;
/** Characters of a hint that can be such a list. */
const maxLength = 2_000;

/** "diets, my health" -> a pattern for any of the phrases; prose that is no list of short phrases gives none. */
export const topicPattern = (hint: string | undefined): RegExp | undefined => {
  if (hint === undefined || hint.length > maxLength) return undefined;
  const phrases = hint
    .split(/[,;\n]| and | or /)
    .map((phrase) =>
      cutEnd(phrase.trim().replace(/^(?:my|the|any|all|their|about)\s+/i, ''), /[.!]/),
    )
    .filter((phrase) => phrase !== '');
  const simple = phrases.every((phrase) => phrase.split(/\s+/).length <= maxWords);
  if (phrases.length === 0 || phrases.length > maxPhrases || !simple) return undefined;
  const patterns = phrases.map((phrase) =>
    phrase
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/(?<=\w{3})(?:ies|es|s|y)$/i, '')
      .replace(/\s+/g, '\\s+'),
  );
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${patterns.join('|')})(?:s|es|y|ies|ing)?(?![\\p{L}\\p{N}])`,
    'iu',
  );
};
