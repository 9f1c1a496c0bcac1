import { categorizerFor } from '../../domain/categories/assign-categories.ts';
import type { Category } from '../../domain/categories/category.ts';
import { categoryKey, commonEvidence } from '../../domain/categories/lexicon.ts';
import { cutEnd } from './text/clean-text.ts';

const maxPhrases = 12;
const maxWords = 3;
/** Longest topic list, in characters, that is read as one. */
const maxListLength = 2_000;

/** Topics of `includes` or `excludes`. */
export interface Topics {
  /** Whether a text is about one of the topics: it has the words, or belongs to the category of that name. */
  test(text: string): boolean;
}

/** "diets, my health" -> the phrases. Prose that is no list of short phrases gives none. */
const phrasesOf = (list: string): string[] => {
  const phrases = list
    .split(/[,;\n]| and | or /)
    .map((phrase) =>
      cutEnd(phrase.trim().replace(/^(?:my|the|any|all|their|about)\s+/i, ''), /[.!]/),
    )
    .filter((phrase) => phrase !== '');
  const isSimple = phrases.every((phrase) => phrase.split(/\s+/).length <= maxWords);
  return phrases.length <= maxPhrases && isSimple ? phrases : [];
};

const patternOf = (phrases: readonly string[]): RegExp => {
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

/** Categories that a phrase names: one of those offered to the turn, or a common one. */
const namedBy = (phrase: string, offered: readonly Category[]): Category[] => {
  const key = categoryKey(phrase);
  const named = offered.filter(({ name }) => categoryKey(name) === key);
  if (named.length > 0) return named;
  return commonEvidence(phrase) ? [{ name: phrase, description: '' }] : [];
};

/**
 * Reads a list of topics, such as "diets, my health".
 * @param offered categories that the turn can choose from
 * @returns undefined when there is no list, or when the list is prose, which takes a language model
 */
export const readTopics = (
  list: string | undefined,
  offered: readonly Category[] = [],
): Topics | undefined => {
  if (list === undefined || list.length > maxListLength) return undefined;
  const phrases = phrasesOf(list.normalize('NFKC'));
  if (phrases.length === 0) return undefined;
  const pattern = patternOf(phrases);
  const categoriesOf = categorizerFor(phrases.flatMap((phrase) => namedBy(phrase, offered)));
  return {
    test(text) {
      const same = text.normalize('NFKC');
      return pattern.test(same) || categoriesOf(same).length > 0;
    },
  };
};
