import { stem as stemEnglish } from 'porter2';
import { type Language, languageOf } from './language.ts';
import { stemIn } from './stemmers.ts';

/**
 * Bounds of the analysis of one text: of the terms in order, or of the different terms and of all terms that are counted. The part of
 * a text beyond them is found by its vector only.
 */
const maxCharacters = 100_000;
const maxTerms = 4_096;
const maxCounted = 16_384;
const maxWordLength = 40;

/** Stems by word. The cache is cleared when it is full. */
const stems = new Map<string, string>();
const maxStems = 50_000;

/**
 * A token: a run of Chinese, Japanese or Korean, which are written without spaces or with particles attached to the words; a
 * run of a script of Southeast Asia, which are written without spaces; a word of another script; or a pictograph.
 */
const tokenPattern =
  /(?<eastern>[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]&&[\p{L}\p{M}\p{N}]]+)|(?<southern>[[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&[\p{L}\p{M}\p{N}]]+)|[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]+|\p{RI}{2}|\p{Extended_Pictographic}/gv;

/** Scripts in which a single character may be a word. */
const ideograph = /[\p{scx=Han}\p{scx=Hang}]/u;

const contraction = /(?:\b(?:ca|wo|sha))?n't\b|'(?:s|m|d|ll|ve|re)(?![\p{L}\p{N}_])/gu;
const thousands = /(?<=\d),(?=\d{3}\b)/g;
const ordinal = /^(\d+)(?:st|nd|rd|th)$/;
const notAscii = /[^\0-\x7f]/;
const letters = /^[a-z]+$/;

/**
 * Runs of combining marks longer than 30, the bound of Unicode's Stream-Safe Text Format (UAX #15). Normalization sorts
 * such runs in quadratic time.
 */
const endlessMarks = /(\p{M}{30})\p{M}+/gu;

/** Replacements of letters that Unicode does not decompose. */
const ligatures: { readonly [character: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
};

/** Normalizes a text: compatibility forms unified, lower case, no contractions, one kind of apostrophe. Accents stay. */
const unify = (text: string): string => {
  const plain = notAscii.test(text)
    ? text.replace(endlessMarks, '$1').normalize('NFKC').toLowerCase().replace(/[’‘ʼ]/g, "'")
    : text.toLowerCase();
  return plain.replace(contraction, '').replace(thousands, '');
};

/** Takes the accents off a word (Latin, Greek, Cyrillic). */
const withoutAccents = (word: string): string =>
  notAscii.test(word)
    ? word
        .normalize('NFKD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC')
        .replace(/[ßæœøłđı]/g, (character) => ligatures[character] ?? character)
    : word;

/** Overlapping pairs of characters. An ideograph, and the only character of a run, is also a term by itself. */
function* bigramsOf(run: string): Generator<string> {
  let before: string | undefined;
  let isOnly = true;
  for (const character of run) {
    if (before !== undefined) {
      isOnly = false;
      yield before + character;
    }
    if (ideograph.test(character)) yield character;
    before = character;
  }
  if (isOnly && before !== undefined && !ideograph.test(before)) yield before;
}

/** Made by the first text that needs it: that takes up to 50 ms, once. */
let segmenter: Intl.Segmenter | undefined;

/** Words of a run by dictionary, each with the pairs of its characters, since the same word may be cut otherwise. */
function* segmentsOf(run: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('th', { granularity: 'word' });
  for (const { segment } of segmenter.segment(run)) {
    const word = segment.slice(0, maxWordLength);
    if (word.length > 2) yield word;
    yield* bigramsOf(word);
  }
}

const cached = (key: string, compute: () => string): string => {
  const known = stems.get(key);
  if (known !== undefined) return known;
  const stem = compute();
  if (stems.size >= maxStems) stems.clear();
  stems.set(key, stem);
  return stem;
};

const stemOf = (word: string): string =>
  cached(word, () => {
    const plain = withoutAccents(word).slice(0, maxWordLength);
    return letters.test(plain) ? stemEnglish(plain) : plain.replace(ordinal, '$1');
  });

/** Whether a word is written in the script of a language. */
const isOf = (language: Language, word: string): boolean =>
  /^\p{Script=Cyrillic}/u.test(word) === (language === 'russian' || language === 'ukrainian');

/**
 * Terms of a word: its English stem, and its stem in the language of the text if that is another one. A query too short for
 * its language to be certain finds the first, so both are terms.
 */
const termsOf = (word: string, language: Language | undefined): string[] => {
  const term = stemOf(word);
  if (term === '') return [];
  if (language === undefined || !isOf(language, word)) return [term];
  const stem = cached(`${language} ${word}`, () => withoutAccents(stemIn(language, word)));
  return stem === term ? [term] : [term, stem];
};

/** Terms of a text in order, with repetitions. */
function* termsIn(text: string, keep: (word: string) => boolean): Generator<string> {
  const start = text.slice(0, maxCharacters);
  const language = languageOf(start);
  for (const { 0: piece, groups } of unify(start).matchAll(tokenPattern)) {
    if (groups?.['eastern']) yield* bigramsOf(piece);
    else if (groups?.['southern']) yield* segmentsOf(piece);
    else if (keep(piece)) yield* termsOf(piece.slice(0, maxWordLength), language);
  }
}

const firstOf = (found: Iterable<string>): string[] => {
  const terms: string[] = [];
  for (const term of found) {
    terms.push(term);
    if (terms.length >= maxTerms) break;
  }
  return terms;
};

/** English words too common to distinguish texts. The month "may" is left out on purpose. */
const stopWords: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being
  below between both but by can could did do does doing down during each else ever few for from
  further get gets getting got had has have having he her here hers herself him himself his how i
  if in into is it its itself just let like me might more most must my myself no nor not now of off
  on once only or other our ours ourselves out over own really same shall she should so some such
  than that the their theirs them themselves then there these they this those through to too under
  until up upon very was we were what whatever when where whether which while who whom whose why
  will with would yes you your yours yourself yourselves`.split(/\s+/),
);

const termsInOrder = (text: string): readonly string[] => {
  const terms = firstOf(termsIn(text, (word) => !stopWords.has(word)));
  return terms.length > 0 ? terms : firstOf(termsIn(text, () => true));
};

/** Terms of short texts, such as names and the best results of searches. The cache is cleared when it is full. */
const analyzed = new Map<string, readonly string[]>();
const maxAnalyzed = 2_000;
const maxCachedLength = 300;

/**
 * Analyses a text for lexical search: the stems of its words in order, with repetitions and without stop words; pairs of
 * characters in scripts without spaces. A text of stop words only keeps them.
 */
export const analyze = (text: string): readonly string[] => {
  if (text.length > maxCachedLength) return termsInOrder(text);
  const known = analyzed.get(text);
  if (known) return known;
  const terms = termsInOrder(text);
  if (analyzed.size >= maxAnalyzed) analyzed.clear();
  analyzed.set(text, terms);
  return terms;
};

const countsOf = (terms: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  let counted = 0;
  for (const term of terms) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
    counted += 1;
    if (counts.size >= maxTerms || counted >= maxCounted) break;
  }
  return counts;
};

/**
 * Counts the terms of a text, up to `maxTerms` different ones: prose of 64 kB is found to its end. Each term is an own
 * property, even when its name is that of a method of Object.
 */
export const countTerms = (text: string): { [stem: string]: number } => {
  const counts = countsOf(termsIn(text, (word) => !stopWords.has(word)));
  return Object.fromEntries(counts.size > 0 ? counts : countsOf(termsIn(text, () => true)));
};
