/** Exact replacement of a text by another one. */
export interface Replacement {
  from: string;
  to: string;
}

/** Letters and digits of scripts that separate words by spaces. */
const wordCharacter =
  '[[\\p{L}\\p{N}]--[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]]';
const startsWord = new RegExp(`^${wordCharacter}`, 'v');
const endsWord = new RegExp(`${wordCharacter}$`, 'v');

/** Characters with a meaning in a pattern. */
const special = /[$()*+.?[\\\]^{|}]/g;

/** Pattern of a text as whole words: `User 1` is no part of `User 10`. */
const wordsOf = (text: string): string =>
  [
    startsWord.test(text) ? `(?<!${wordCharacter})` : '',
    text.replace(special, '\\$&'),
    endsWord.test(text) ? `(?!${wordCharacter})` : '',
  ].join('');

/**
 * Returns a function that replaces every occurrence of a text, as whole words and in the given case. An occurrence within the new text
 * stays, so that a repeated replacement changes nothing.
 */
export const replacer = ({ from, to }: Replacement): ((text: string) => string) => {
  const within = to.includes(from) ? `${wordsOf(to)}|` : '';
  const pattern = new RegExp(`${within}${wordsOf(from)}`, 'gv');
  return (text) => (text.includes(from) ? text.replace(pattern, () => to) : text);
};
