import { analyze } from '../../domain/memory/analyzer.ts';
import { languageOf } from '../../domain/memory/language.ts';
import { type Suspicion, suspicionsOf } from '../../domain/sensitive/suspicious.ts';
import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';

/** Terms of a fact from which on it needs terms of its turn: a shorter one may say the same in other words. */
const minTerms = 4;
/** Digits from which on a number has to be in the turn: short ones are counts and parts of dates, which a model may work out. */
const minDigits = 4;

const number = /\d[\d.,]{0,30}/g;
/** Years and absolute dates, which are worked out from relative ones. */
const date = /\b(?:19|20)\d{2}(?:-\d{2}(?:-\d{2})?)?\b/g;
const generic = new Set(analyze('user assistant'));
/** Words by which a memory is taken back without being named. */
const retracts =
  /\b(?:forget|delete|remove|erase|scratch|cancel|wrong|mistake|mistaken|never|not|no longer|isn['’]t|wasn['’]t|don['’]t|didn['’]t|anymore|any more|stopped|quit|ended|over|joking|kidding)\b/i;
const latin = /\p{Script=Latin}/u;

/** Texts on which a change of a turn may rest, and what is known of the turn. */
export interface Evidence {
  terms: ReadonlySet<string>;
  /** Messages with their speakers. */
  text: string;
  /** Messages alone. */
  said: string;
  /** Whether words of a fact need not be those of the turn, since it is written in another language. */
  isTranslated: boolean;
  suspicious: readonly Suspicion[];
  retracts: boolean;
}

const wordsOf = (text: string): string[] => analyze(text).filter((term) => !generic.has(term));

/** Evidence of a turn: its messages with their speakers, and the messages before it. */
export const evidenceOf = ({ messages, earlier = [], options }: DecideTurn): Evidence => {
  const all = [...earlier, ...messages];
  const text = all.map(({ name = '', content }) => `${name} ${content}`).join('\n');
  const said = messages.map(({ content }) => content).join('\n');
  return {
    terms: new Set(wordsOf(text)),
    text,
    said,
    isTranslated: options.english === true || options.instructions !== undefined,
    suspicious: messages.flatMap(({ content }) => suspicionsOf(content)),
    retracts: languageOf(said) !== undefined || !latin.test(said) || retracts.test(said),
  };
};

const digitsOf = (text: string): string => text.replace(/[^\d]/g, '');

/** Whether a number of the text is neither in the evidence, nor in the memory that is completed, nor part of a date. */
const hasUnknownNumber = (text: string, sources: string): boolean => {
  const known = digitsOf(sources);
  return [...text.replace(date, ' ').matchAll(number)].some(([found]) => {
    const digits = digitsOf(found);
    return digits.length >= minDigits && !known.includes(digits);
  });
};

/** Whether two texts are written in different languages, so that the words of one need not be in the other. */
const differInLanguage = (a: string, b: string): boolean =>
  latin.test(a) !== latin.test(b) || languageOf(a) !== languageOf(b);

const textProblem = (text: string, evidence: Evidence, target: string): string | undefined => {
  if (hasUnknownNumber(text, `${evidence.text} ${target}`))
    return 'its text has a number that the turn does not have.';
  if (evidence.isTranslated || differInLanguage(text, evidence.said)) return undefined;
  const own = [...new Set(wordsOf(text))];
  const known = new Set(wordsOf(target));
  const isSupported = own.some((term) => evidence.terms.has(term) || known.has(term));
  return own.length >= minTerms && !isSupported ? 'its text has no word of the turn.' : undefined;
};

const deletionProblem = (evidence: Evidence, target: string): string | undefined => {
  const own = new Set(wordsOf(evidence.said));
  const isNamed = wordsOf(target).some((term) => own.has(term));
  if (isNamed && !evidence.suspicious.includes('wipe')) return undefined;
  const isAllowed = evidence.retracts && evidence.suspicious.length === 0;
  return isAllowed || (isNamed && evidence.retracts)
    ? undefined
    : 'nothing in the turn takes this memory back.';
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
