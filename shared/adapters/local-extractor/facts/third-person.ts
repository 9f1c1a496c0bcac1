import { cutEnd } from '../text/clean-text.ts';
import { joinWords, type Tagger, type Word } from '../text/tagger.ts';
import { isModal, isPast, thirdPerson } from '../text/verb-forms.ts';

/** Speaker of a message, and the addressee if that is another named person. */
export interface Speakers {
  speaker: string;
  addressee?: string;
}

interface RewriteState extends Speakers {
  /** The sentence is about the speaker, so "they" and "their" can only mean the speaker. */
  speakerIsSubject: boolean;
  /** The speaker was named already, so a pronoun may follow. */
  named: boolean;
  /** The sentence is in the past tense. */
  past: boolean;
}

const adverbs = new Set(
  'not no longer last never always also just really still already usually often currently recently actually both now then sometimes generally mostly absolutely only even first finally originally normally typically rarely occasionally regularly definitely probably totally truly personally'.split(
    ' ',
  ),
);
const pastCue =
  /\b(?:recently|just|yesterday|ago|last (?:night|week|month|year|\w+day)|when I was)\b/i;

const notAdverbs = /^(?:apply|rely|supply|reply|multiply|fly|family|comply|imply)$/;

const isAdverb = (word: Word | undefined): boolean =>
  word !== undefined &&
  (adverbs.has(word.lower) || (/\w{2}ly$/.test(word.lower) && !notAdverbs.test(word.lower)));

const verbAfter = (words: readonly Word[], from: number): number => {
  let i = from;
  while (isAdverb(words[i])) i += 1;
  return i;
};

const replaceWord = (words: Word[], i: number, text: string): void => {
  const word = words[i];
  if (word) words[i] = { ...word, text };
};

const endsCoordination = (word: Word): boolean =>
  ['to', 'that', 'who', 'which', 'because', 'while', 'when', 'if', 'than', 'as'].includes(
    word.lower,
  ) ||
  isModal(word.lower) ||
  ['I', 'we', 'you', 'they', 'he', 'she', 'it', 'my'].includes(word.text);

/** "I run and swim" -> "User runs and swims": puts verbs coordinated with the first one into the third person, too. */
const conjugateCoordinated = (words: Word[], verb: number): void => {
  for (let i = verb + 1; i < words.length; i += 1) {
    const word = words[i];
    if (!word || endsCoordination(word)) return;
    if (word.pos !== 'CCONJ') continue;
    const next = verbAfter(words, i + 1);
    const joined = words[next];
    if (
      (joined?.pos === 'VERB' || joined?.lower === 'am' || joined?.lower === 'are') &&
      !/(?:ing|s)$/.test(joined.lower)
    )
      replaceWord(words, next, thirdPerson(joined.lower));
  }
};

const particles = new Set('in out up off on down over'.split(' '));

/** Position of the part of a verb that is conjugated: the last one of "double-check", the first one of "check-in". */
const headOfVerb = (words: readonly Word[], verb: number): number => {
  const last = words[verb + 2];
  const isCompound =
    words[verb + 1]?.text === '-' && words[verb + 1]?.space === '' && last?.space === '';
  return isCompound && !particles.has(last.lower) ? verb + 2 : verb;
};

const conjugate = (words: Word[], subject: number, past: boolean): void => {
  const i = headOfVerb(words, verbAfter(words, subject + 1));
  const verb = words[i];
  if (!verb || verb.pos === 'PUNCT') return;
  const agreed = thirdPerson(verb.lower, past);
  replaceWord(words, i, agreed === verb.lower ? verb.text : agreed);
  if (!isModal(verb.lower) && !isPast(verb.lower)) conjugateCoordinated(words, i);
};

const conjugateForThey = (words: Word[], subject: number): void => {
  const i = verbAfter(words, subject + 1);
  const lower = words[i]?.lower;
  if (lower === 'am') replaceWord(words, i, 'are');
  if (lower === 'was') replaceWord(words, i, 'were');
};

const speakerAsSubject = (words: Word[], i: number, state: RewriteState): void => {
  if (state.named && state.speakerIsSubject) {
    replaceWord(words, i, 'they');
    conjugateForThey(words, i);
    return;
  }
  replaceWord(words, i, state.speaker);
  state.named = true;
  conjugate(words, i, state.past);
};

type Rewrite = (words: Word[], i: number, state: RewriteState) => void;

const nonSubjectPronoun =
  (pronoun: string, suffix: string): Rewrite =>
  (words, i, state) => {
    replaceWord(words, i, state.speakerIsSubject && state.named ? pronoun : state.speaker + suffix);
    if (i === 0) state.named = true;
  };

const addressee =
  (suffix: string): Rewrite =>
  (words, i, { addressee: name }) => {
    replaceWord(words, i, (name ?? 'the assistant') + suffix);
    if (suffix === '' && words[i + 1] && words[i - 1]?.pos !== 'ADP') conjugateAddressed(words, i);
  };

const conjugateAddressed = (words: Word[], i: number): void => {
  const verb = words[verbAfter(words, i + 1)];
  if (verb && (verb.pos === 'AUX' || verb.pos === 'VERB')) conjugate(words, i, false);
};

const rewrites: { readonly [word: string]: Rewrite } = {
  i: speakerAsSubject,
  we: speakerAsSubject,
  me: nonSubjectPronoun('them', ''),
  us: nonSubjectPronoun('them', ''),
  my: nonSubjectPronoun('their', "'s"),
  our: nonSubjectPronoun('their', "'s"),
  mine: nonSubjectPronoun('theirs', "'s"),
  ours: nonSubjectPronoun('theirs', "'s"),
  myself: (words, i) => replaceWord(words, i, 'themselves'),
  ourselves: (words, i) => replaceWord(words, i, 'themselves'),
  you: addressee(''),
  your: addressee("'s"),
  yours: addressee("'s"),
  yourself: addressee(''),
};

/** Position of the verb's left neighbour in "I (with my wife) moved"; 0 when the statement does not begin like that. */
const endOfCompanions = (words: readonly Word[]): number =>
  words[0]?.lower === 'i' && words[1]?.text === '('
    ? words.findIndex(({ text }) => text === ')')
    : 0;

/** A grade or a blood group: "O-". */
const signed = /\b(?:AB|[A-FO0])-\.?$/;

const withFullStop = (text: string): string => {
  if (signed.test(text)) return `${cutEnd(text, /\./)}.`;
  const trimmed = cutEnd(text, /[\s,;:.!…-]/u);
  return /[?"”]$/.test(trimmed) && /[.!]["”]$/.test(trimmed) ? trimmed : `${trimmed}.`;
};

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const rewriteOutsideQuotes = (words: Word[], state: RewriteState): void => {
  let quoted = false;
  for (const [i, { lower, text }] of words.entries()) {
    if (text === '"') quoted = !quoted;
    const rewrite = Object.hasOwn(rewrites, lower) ? rewrites[lower] : undefined;
    if (!quoted && rewrite) rewrite(words, i, state);
  }
};

const speakerLeads = /^(?:(?:when|since|after|before|while|although|once|as) )?(?:I|we)\b/i;

/**
 * Rewrites a statement in the first person as a sentence about the speaker that is clear out of context. Quoted words
 * stay as they are.
 */
export const toThirdPerson = (statement: string, tag: Tagger, speakers: Speakers): string => {
  const words = tag(statement);
  const state: RewriteState = {
    ...speakers,
    speakerIsSubject: speakerLeads.test(statement),
    named: false,
    past: pastCue.test(statement),
  };
  const afterCompanions = endOfCompanions(words);
  if (afterCompanions > 0) conjugate(words, afterCompanions, state.past);
  rewriteOutsideQuotes(words, state);
  const sentence = joinWords(words);
  return withFullStop(sentence.startsWith(speakers.speaker) ? sentence : capitalize(sentence));
};
