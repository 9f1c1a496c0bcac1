import { analyze } from '../../domain/memory/analyzer.ts';
import { languageOf } from '../../domain/memory/language.ts';
import { type Suspicion, suspicionsOf } from '../../domain/sensitive/suspicious.ts';
import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import { systemPrompt } from './system-prompt.ts';

/** Terms of a fact from which on it needs terms of its turn: a shorter one may say the same in other words. */
const minTerms = 4;
/** Digits from which on a number has to be in the turn: short ones are counts and parts of dates, which a model may work out. */
const minDigits = 4;

/** Characters of the prompt that no memory repeats, and the distance at which a text is compared with it. */
const promptChars = 45;
const promptStep = 15;

const number = /\d[\d.,]{0,30}/g;
/** Numbers that are said short: `65k`, `1.2 million`, `65 mil`, `6.5万`. */
const shortNumber =
  /(?<![\d.,])(\d[\d.,]{0,30})[ -]?(?:(?:k|m|mn|mio|bn|grand|hundred|thousand|million|billion|mil|mille|mila|tsd|tausend|duizend|mill[oó]n(?:es)?|milh(?:ão|ões)|millione?n|milione|milioni|miljoen)(?!\p{L})|[千万萬億亿])/giu;
/** Round numbers that are said in words: `sixty-five thousand`. */
const spelledNumber = /\p{L}[ -](?:hundred|thousand|million|billion)\b/iu;
/** Years and absolute dates, which are worked out from relative ones. */
const date = /\b(?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?\b/g;
const generic = new Set(analyze('user assistant'));
/** Words by which a memory is taken back without being named. */
const retracts =
  /\b(?:forget|delete|remove|erase|scratch|cancel|wrong|mistake|mistaken|never|not|no longer|isn['’]t|wasn['’]t|don['’]t|didn['’]t|anymore|any more|stopped|quit|ended|over|joking|kidding)\b/i;
const latin = /\p{Script=Latin}/u;

/** A capitalized word. */
const capitalized = /(?<!\p{L})\p{Lu}[\p{L}\p{M}-]+/gu;
/** Capitalized words that are no names, and words before those of places and times. */
const noName =
  /^(?:an?|the|my|your|h(?:is|ers?|e)|she|its?|ours?|we|the(?:y|irs?|re|se)|th(?:is|at|ose)|users?|assistant)$/i;
const beforePlace = /\b(?:at|by|during|for|from|in|into|near|of|on|since|to|until)\s$/i;

const isSpeaker: ReadonlySet<string> = new Set(['user', 'assistant']);

/** Texts on which a change of a turn may rest, and what is known of the turn. */
export interface Evidence {
  terms: ReadonlySet<string>;
  /** Messages with their speakers. */
  text: string;
  /** Messages alone. */
  said: string;
  /** Messages of persons and the assistant, who alone take something back: no document, tool or system message does. */
  spoken: string;
  /** Names that the turn stands for: it says "my ex", and a memory says that Tom is the ex. Empty unless it takes something back. */
  meant: ReadonlySet<string>;
  /** Numbers that are said short, without the zeros at their ends. An empty one stands for round numbers that are said in words. */
  short: ReadonlySet<string>;
  /** Whether words of a fact need not be those of the turn, since it is written in another language. */
  isTranslated: boolean;
  suspicious: readonly Suspicion[];
  retracts: boolean;
}

const digitsOf = (text: string): string => text.replace(/[^\d]/g, '');

/** A number without the zeros at its end. */
const significantOf = (found: string): string => digitsOf(found).replace(/(?<!0)0+$/, '');

const shortIn = (text: string): Set<string> => {
  const found = [...text.matchAll(shortNumber)].map(([, said = '']) => significantOf(said));
  return new Set([...found.filter(Boolean), ...(spelledNumber.test(text) ? [''] : [])]);
};

/** Whether a number is a round one that is said short. */
const isShort = (digits: string, short: ReadonlySet<string>): boolean =>
  /00$/.test(digits) && (short.has('') || short.has(significantOf(digits)));

const wordsOf = (text: string): string[] => analyze(text).filter((term) => !generic.has(term));

/** Whether a text has a word of a set. */
const hasWordOf = (text: string, words: ReadonlySet<string>): boolean =>
  wordsOf(text).some((term) => words.has(term));

/** Names of persons and things in a memory, but not of places and times. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(capitalized)].flatMap(({ 0: word, index }) =>
    noName.test(word) || beforePlace.test(text.slice(Math.max(0, index - 10), index)) ? [] : [word],
  );

/** Names in the memories that have a word of what is said. Speakers are in every memory. */
const meantBy = (
  spoken: string,
  memories: DecideRequest['memories'],
  speakers: readonly { name?: string }[],
): Set<string> => {
  const words = new Set(wordsOf(spoken));
  const own = new Set(speakers.flatMap(({ name = '' }) => name.match(capitalized) ?? []));
  const named = memories.filter(({ text }) => hasWordOf(text, words));
  return new Set(named.flatMap(({ text }) => namesIn(text)).filter((name) => !own.has(name)));
};

/**
 * Evidence of a turn: its messages with their speakers, and the messages before it.
 * @param memories as the model is shown them
 */
export const evidenceOf = (
  { messages, earlier = [], options, attached }: DecideTurn,
  memories: DecideRequest['memories'],
): Evidence => {
  const all = [...earlier, ...messages];
  const text = all.map(({ name = '', content }) => `${name} ${content}`).join('\n');
  const said = messages.map(({ content }) => content).join('\n');
  const speakers = attached ? [] : messages.filter(({ role }) => isSpeaker.has(role));
  const spoken = speakers.map(({ content }) => content).join('\n');
  const isRetraction =
    spoken !== '' &&
    (languageOf(spoken) !== undefined || !latin.test(spoken) || retracts.test(spoken));
  return {
    terms: new Set(wordsOf(text)),
    text,
    said,
    spoken,
    short: shortIn(text),
    isTranslated: options.english === true || options.instructions !== undefined,
    suspicious: messages.flatMap(({ content }) => suspicionsOf(content)),
    retracts: isRetraction,
    meant: isRetraction ? meantBy(spoken, memories, all) : new Set(),
  };
};

/** Whether a number of the text is neither in the evidence, nor in the memory that is completed, nor part of a date. */
const hasUnknownNumber = (text: string, evidence: Evidence, target: string): boolean => {
  const known = digitsOf(`${evidence.text} ${target}`);
  const short = new Set([...evidence.short, ...shortIn(target)]);
  return [...text.replace(date, ' ').matchAll(number)].some(([found]) => {
    const digits = digitsOf(found);
    return digits.length >= minDigits && !known.includes(digits) && !isShort(digits, short);
  });
};

/** Whether two texts are written in different languages, so that the words of one need not be in the other. */
const differInLanguage = (a: string, b: string): boolean =>
  latin.test(a) !== latin.test(b) || languageOf(a) !== languageOf(b);

/** Whether a text repeats words of the prompt that the turn does not have. */
const repeatsPrompt = (text: string, evidence: Evidence): boolean => {
  for (let at = 0; at + promptChars <= text.length; at += promptStep) {
    const part = text.slice(at, at + promptChars);
    if (systemPrompt.includes(part) && !evidence.text.includes(part)) return true;
  }
  return false;
};

const textProblem = (text: string, evidence: Evidence, target: string): string | undefined => {
  if (repeatsPrompt(text, evidence)) return 'its text repeats the instructions.';
  if (hasUnknownNumber(text, evidence, target))
    return 'its text has a number that the turn does not have.';
  const own = [...new Set(wordsOf(text))];
  const known = new Set(wordsOf(target));
  const isSuspicious = evidence.suspicious.length > 0;
  // A memory is wiped by an UPDATE as well as by a DELETE.
  if (isSuspicious && target !== '' && !own.some((term) => known.has(term)))
    return 'its text has nothing of the memory, and the turn gives orders.';
  const isTranslated = evidence.isTranslated && !isSuspicious;
  if (isTranslated || differInLanguage(text, evidence.said)) return undefined;
  const isSupported = own.some((term) => evidence.terms.has(term) || known.has(term));
  return own.length >= minTerms && !isSupported ? 'its text has no word of the turn.' : undefined;
};

/** Whether the persons of a turn have a word of a memory. */
const names = ({ spoken }: Evidence, target: string): boolean =>
  hasWordOf(target, new Set(wordsOf(spoken)));

/** Whether a memory has a name that a turn stands for. */
const isAboutMeant = ({ meant }: Evidence, target: string): boolean =>
  (target.match(capitalized) ?? []).some((name) => meant.has(name));

/** Whether the persons of a turn mean a memory: they have a word of it, or of another memory with a name that it has. */
export const means = (evidence: Evidence, target: string): boolean =>
  names(evidence, target) || isAboutMeant(evidence, target);

const deletionProblem = (evidence: Evidence, target: string): string | undefined => {
  const isNamed = names(evidence, target);
  if (isNamed && !evidence.suspicious.includes('wipe')) return undefined;
  const isOrder = evidence.suspicious.some((sign) => sign !== 'wipe');
  const isMeant = isNamed || (!isOrder && isAboutMeant(evidence, target));
  const isAllowed = isMeant || evidence.suspicious.length === 0;
  return isAllowed && evidence.retracts ? undefined : 'nothing in the turn takes this memory back.';
};

/**
 * Says why a change has no support in its turn, by words and numbers; undefined when it has. A change without support is one that the
 * model made up, or that a message ordered it to make.
 * @param target text of the memory that the change is about, if any
 */
export const supportProblem = (
  { type, text }: Pick<ProposedChange, 'type' | 'text'>,
  evidence: Evidence,
  target: string,
): string | undefined => {
  if (type === 'DELETE') return deletionProblem(evidence, target);
  return type === 'NONE' || !text ? undefined : textProblem(text, evidence, target);
};

/** Text of the memory that a change is about: a listed one, or one that an earlier change of the answer added or updated. */
export const targetText = (
  target: ProposedChange['target'],
  { memories }: DecideRequest,
  changes: readonly ProposedChange[],
): string => {
  if (!target) return '';
  return ('memory' in target ? memories[target.memory]?.text : changes[target.change]?.text) ?? '';
};
