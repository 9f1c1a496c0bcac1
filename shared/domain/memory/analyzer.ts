import { stem as stemEnglish } from 'porter2';
import { stopWords } from './stop-words.ts';

/** Work is bounded whatever the size of a text: what lies beyond is found by meaning only. */
const maxCharacters = 100_000;
const maxTerms = 4_096;
const maxWordLength = 40;

const stems = new Map<string, string>();
const maxStems = 50_000;

/** Runs of scripts written without spaces between words (and Korean, whose particles stick), other words, pictographs. */
const tokenPattern =
  /(?<unspaced>[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&[\p{L}\p{M}\p{N}]]+)|[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]+|\p{RI}{2}|\p{Extended_Pictographic}/gv;

/** Scripts of which a single character may be a word. */
const ideograph = /[\p{scx=Han}\p{scx=Hang}]/u;

const contraction = /(?:\b(?:ca|wo|sha))?n't\b|'(?:s|m|d|ll|ve|re)\b/g;
const thousands = /(?<=\d),(?=\d{3}\b)/g;
const ordinal = /^(\d+)(?:st|nd|rd|th)$/;
const notAscii = /[^\0-\x7f]/;
const letters = /^[a-z]+$/;

/** Normalization sorts the marks of a letter, in quadratic time; 30 is the bound of Unicode's Stream-Safe Text Format (UAX #15). */
const endlessMarks = /(\p{M}{30})\p{M}+/gu;

/** Letters that Unicode does not decompose. */
const ligatures: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
};

/** Compatibility forms unified, lower case, Latin, Greek and Cyrillic accents gone, one kind of apostrophe. */
const fold = (text: string): string => {
  const plain = notAscii.test(text)
    ? text
        .replace(endlessMarks, '$1')
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC')
        .replace(/[ßæœøłđı]/g, (letter) => ligatures[letter] ?? letter)
        .replace(/[’‘ʼ]/g, "'")
    : text.toLowerCase();
  return plain.replace(contraction, '').replace(thousands, '');
};

/** Overlapping pairs of characters; an ideograph is a term by itself, too. */
const bigramsOf = (run: string): string[] => {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  return characters.flatMap((character, i) => {
    const pair = i + 1 < characters.length ? [character + characters[i + 1]] : [];
    return ideograph.test(character) ? [character, ...pair] : pair;
  });
};

const stemOf = (word: string): string => {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = letters.test(word) ? stemEnglish(word) : word.replace(ordinal, '$1');
  if (stems.size >= maxStems) stems.clear();
  stems.set(word, stem);
  return stem;
};

const analyse = (text: string, keep: (word: string) => boolean): string[] => {
  const terms: string[] = [];
  for (const { 0: piece, groups } of fold(text.slice(0, maxCharacters)).matchAll(tokenPattern)) {
    if (terms.length >= maxTerms) break;
    if (groups?.['unspaced']) for (const pair of bigramsOf(piece)) terms.push(pair);
    else if (keep(piece)) terms.push(stemOf(piece.slice(0, maxWordLength)));
  }
  return terms.slice(0, maxTerms);
};

/**
 * What lexical search compares: the stems of a text's words in order, repetitions kept, stop words left out;
 * character pairs where words are not spaced. A text of nothing but stop words keeps them.
 */
export const analyze = (text: string): string[] => {
  const terms = analyse(text, (word) => !stopWords.has(word));
  return terms.length > 0 ? terms : analyse(text, () => true);
};

/** The terms of a text with how often each occurs; every term is an own property, whatever its name. */
export const countTerms = (text: string): { [stem: string]: number } => {
  const counts = new Map<string, number>();
  for (const term of analyze(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return Object.fromEntries(counts);
};
