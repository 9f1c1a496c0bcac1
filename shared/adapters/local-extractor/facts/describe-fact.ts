import type { TextDescription } from '../../../domain/memory/description.ts';
import { sentencesOf } from '../text/clean-text.ts';
import { joinWords, type Tagger, type Word } from '../text/tagger.ts';

/** Characters of a fact that are read for its title and tags. */
const maxRead = 400;
const maxTitleWords = 6;
const maxTags = 3;
const maxQuote = 300;

const explicit =
  /^\S+(?: \p{Lu}\S*)? (?:(?:really|absolutely|also|still|just|always|strongly) )*(?:prefers?|likes?|loves?|enjoys?|adores?|hates?|dislikes?|detests?|cannot stand|does not like|is (?:an? )?(?:big |huge )?fan of|is fond of|is into)\b|\bfavou?rite\b/iu;

const nominal: ReadonlySet<string> = new Set(['NOUN', 'PROPN', 'NUM']);
const modifying: ReadonlySet<string> = new Set([...nominal, 'ADJ']);

const isNominal = ({ pos }: Word): boolean => nominal.has(pos);

/** Words between a noun and the phrase that describes it: "trip to Guangzhou", "dog named Rex". */
const linking = /^(?:to|in|of|for|with|at|from|named|called)$/;

/** Position after the noun phrase that begins at `start`; `start` if none begins there. */
const endOfPhrase = (words: readonly Word[], start: number): number => {
  let end = start;
  for (let at = start; at < words.length && modifying.has(words[at]?.pos ?? ''); at += 1)
    if (nominal.has(words[at]?.pos ?? '')) end = at + 1;
  return end;
};

/** The first noun phrase behind the verb, with the phrase that describes it; without a noun the words as they are. */
const headPhrase = (words: readonly Word[]): Word[] => {
  const verb = words.findIndex(({ pos }) => pos === 'VERB' || pos === 'AUX');
  for (let start = verb + 1; start < words.length; start += 1) {
    const end = endOfPhrase(words, start);
    if (end === start) continue;
    const isLinked = linking.test(words[end]?.lower ?? '');
    const further = isLinked ? endOfPhrase(words, end + 1) : end;
    return words.slice(start, further > end + 1 ? further : end);
  }
  return words.filter(({ pos }) => pos !== 'PUNCT').slice(1);
};

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const subject = /^(?:user|assistant)$/;

const tagsOf = (words: readonly Word[]): string[] => [
  ...new Set(
    words
      .filter((word) => isNominal(word) && word.pos !== 'NUM' && !subject.test(word.lower))
      .map(({ lower }) => lower)
      .filter((word) => word.length > 2),
  ),
];

const wordsOf = (text: string): Set<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);

/** The sentence of a message that shares most words with a fact. */
const sourceSentence = (text: string, message: string): string | undefined => {
  const wanted = wordsOf(text);
  let best: { sentence: string; shared: number } | undefined;
  for (const sentence of sentencesOf(message.slice(0, 4_000))) {
    const shared = [...wordsOf(sentence)].filter((word) => wanted.has(word)).length;
    if (shared > (best?.shared ?? 0)) best = { sentence, shared };
  }
  return best?.sentence.slice(0, maxQuote);
};

/**
 * Describes a fact: its first noun phrase is the title, its nouns are the tags. A fact about tastes is an explicit preference, and the
 * sentence that says so is its reasoning.
 * @param message text that the fact was drawn from
 */
export const describeFact = (text: string, message: string, tag: Tagger): TextDescription => {
  const words = tag(text.slice(0, maxRead));
  const title = capitalized(joinWords(headPhrase(words).slice(0, maxTitleWords)));
  const tags = tagsOf(words).slice(0, maxTags);
  const said = explicit.test(text) ? sourceSentence(text, message) : undefined;
  return {
    kind: said === undefined ? 'fact' : 'preference',
    ...(said !== undefined && {
      preferenceType: 'explicit' as const,
      reasoning: `It was said: "${said}"`,
    }),
    ...(title !== '' && { title }),
    ...(tags.length > 0 && { tags }),
  };
};
