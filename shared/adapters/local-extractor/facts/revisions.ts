import type { ProposedChange } from '../../../ports/language-model.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { type Values, valuesOf } from './value-kinds.ts';

/** A change to a fact that is known already. */
export type Revision = { type: 'UPDATE'; text: string; verbatim?: true } | { type: 'DELETE' };

/**
 * Merges two changes of one turn to one fact: an addition absorbs the revision, with the message that says the new text; any other
 * change is replaced by the revision.
 */
export const mergeChanges = (
  earlier: ProposedChange | undefined,
  revision: ProposedChange,
): ProposedChange => {
  if (earlier?.type !== 'ADD') return revision;
  const { turn, message } = earlier;
  const { verbatim: _, ...added } = earlier;
  return revision.type === 'DELETE'
    ? {
        turn,
        ...(message !== undefined && { message }),
        type: 'NONE',
        reason: 'taken back in the same turn',
      }
    : {
        ...added,
        ...(revision.text !== undefined && { text: revision.text }),
        ...(revision.message !== undefined && { message: revision.message }),
        ...(revision.verbatim && { verbatim: true }),
      };
};

/** Whether two facts are about the same speaker. A fact about a name has no subject and may be about anything that is known. */
export const isSameSubject = (fact: ParsedFact, other: ParsedFact): boolean =>
  fact.subject === '' || fact.subject === other.subject;

const actually =
  /^(?:it|that|this) (?:is|was|should be) actually (?:an? |the )?([\p{L}\d][^.!?]{0,40}?)(?:,? (?:not|instead of|rather than) .{1,40})?[.!]*$/iu;
const afterSlip =
  /^(?:autocorrect|typo|wrong (?:name|number|day|date|word)|misspelt|misspelled|slip of the tongue)[,:;]? (?:it|that|this) (?:is|was|should be) (?:an? |the )?([\p{L}\d][^.!?]{0,40}?)(?: with (?:an?|one|two) .{1,12})?[.!]*$/iu;

/** "it's 9:45 now", "she left, it is Peter now": the newest fact with another value. */
const isNow =
  /^(?:[^,.;]{3,40}, )?(?:so )?(?:it|that|they|he|she) (?:is|are|was|were|got|has been|have been|will be|costs?|takes?|starts?|ends?|leaves?|opens?|closes?|lands?|lasts?|weighs?|runs?|comes? to) (?:now )?(?:called |at |on |in |from |up to |down to )?(?:an? |the )?([\p{L}\d$€£][^.!?,]{0,30}?)(?:,? (?:now|these days|instead|from now on|as of (?:today|now)|since .{3,24}))[.!]*$/iu;
const changing =
  '(?:moved|changed|pushed|bumped|rescheduled|shifted|postponed|delayed|switched|swapped|went|gone|dropped|increased|raised|lowered|cut|rebooked|put|brought|extended|upgraded|downgraded|reduced|renamed|transferred|reseated|refinanced|revised|corrected|updated|crept|climbed|risen|fallen|hiked|knocked)';
const adverbs = '(?:(?:has|have|was|were|got|been|is|are|had to|just|already|now) )*';
const value = '(?:an? |the )?([\\p{L}\\d$€£](?:[^.!?,]|(?<=\\d)[.,](?=\\d)){0,30}?)';
const afterwards = '(?:,? (?:now|instead|since [^,]{3,24}|already|lately))?[.!]*$';
/** "it moved to Thursday", "they raised it to 950": the thing is only known from what was said before. */
const moved = new RegExp(
  `^(?:(?:it|that|they) ${adverbs}${changing}|they ${adverbs}${changing} (?:it|that|them|this))(?: (?:up|down|back|forward|over|out))? (?:to|until|till|on|onto) ${value}${afterwards}`,
  'iu',
);
/** "postponed to August", "up to 100 mg since last week", "cut down to 32": without any thing. */
const leaped = new RegExp(
  `^(?:User (?:is |has )?)?(?:${changing} ?)?(?:it |that |them )?(?:up|down|back|forward|over)? ?(?:to|until|till|at) ${value}${afterwards}`,
  'iu',
);

/** A slip of the tongue, a change of "it", or an amount without any thing, which can only replace an amount. */
type Way = 'slip' | 'change' | 'amount';

/** Value that a text says was meant. */
interface Correction {
  said: string;
  value: string;
  way: Way;
}

/** Value that a text says was meant: "it is actually Faro"; undefined for other texts. */
export const correctionIn = (text: string): Correction | undefined => {
  const meant = actually.exec(text)?.[1] ?? afterSlip.exec(text)?.[1];
  if (meant !== undefined) return { said: text, value: meant, way: 'slip' };
  const changed = isNow.exec(text)?.[1] ?? moved.exec(text)?.[1];
  if (changed !== undefined) return { said: text, value: changed, way: 'change' };
  const amount = /^(?:User )?(?:to|at|until|till) /i.test(text)
    ? undefined
    : leaped.exec(text)?.[1];
  return amount === undefined ? undefined : { said: text, value: amount, way: 'amount' };
};

const bareNumber = /^[$€£]?\d[\d.,]*k?$/i;
const numbers = /(?<![\p{L}\d.,:])[$€£]?\d[\d.,]*\d?k?(?![\p{L}\d:])/giu;

/** Whether values have a count of a noun, as that of children, which no number of "it" replaces. */
const isCount = (values: Values): boolean =>
  [...values.keys()].some((kind) => kind.startsWith('count '));
const isHabit = /^User (?!has\b|is\b)\w+s\b/;

/** A fact with its only number replaced; undefined if it has none or several. */
const withNumber = (fact: string, number: string): string | undefined => {
  const [found, ...others] = [...fact.matchAll(numbers)];
  if (!found || others.length > 0 || !bareNumber.test(number)) return undefined;
  const old = found[0].replace(/[.,]$/, '');
  return `${fact.slice(0, found.index)}${number}${fact.slice(found.index + old.length)}`;
};

/** The value of a kind that stands last in a text. */
const lastOf = (text: string, values: ReadonlySet<string>): string | undefined =>
  [...values].toSorted((a, b) => text.lastIndexOf(a) - text.lastIndexOf(b)).at(-1);

/** A fact with a value in the place of its own of that kind; undefined where it has none. A day of every week is no single day. */
const withValue = (
  fact: string,
  old: string | undefined,
  kind: string,
  value: string,
): string | undefined => {
  if (old === undefined) return undefined;
  if (kind === 'weekday' && old.endsWith('s') && !value.endsWith('s')) return undefined;
  const at = fact.toLowerCase().lastIndexOf(old.toLowerCase());
  return at < 0 ? undefined : `${fact.slice(0, at)}${value}${fact.slice(at + old.length)}`;
};

/**
 * A fact with the value that was meant in place of the value of the same kind: "User's flight lands in Porto" and "Faro". Undefined where the
 * fact has no value of the kind.
 */
export const correctedText = (
  fact: string,
  value: string,
  way: Way = 'slip',
): string | undefined => {
  const known = valuesOf(fact);
  const keepsCount = way !== 'slip' && isCount(known) && !(way === 'amount' && isHabit.test(fact));
  const isKept = (kind: string): boolean =>
    (way === 'amount' && kind === 'name') || (keepsCount && kind === 'number');
  const isClock = known.has('clock') && /^\d{1,2}$/.test(value);
  const meant = valuesOf(isClock ? `It is at ${value}.` : `It ${value}.`);
  for (const [kind, values] of meant) {
    const isWhole = [...values].some((one) => one.toLowerCase() === value.toLowerCase());
    if (!isWhole || isKept(kind)) continue;
    const text = withValue(fact, lastOf(fact, known.get(kind) ?? new Set()), kind, value);
    if (text !== undefined) return text;
  }
  return keepsCount ? undefined : withNumber(fact, value);
};

/** "She is 45 now" is about a person, and no thing of the speaker. */
const ofPerson = /^(?:so )?(?:he|she) [^,]*$/i;
const ofThing = /^(?:it|that) /i;
const home = /\blives? (?:in|at|on|with)\b/i;

/** Age of a fact, in ms, that a pronoun or a bare value may still mean. */
const maxAge = 30 * 60_000;

/**
 * The newest fact with the value that a text says was meant; undefined where it has no such value. A slip of the tongue may be named much
 * later; a change of "it" means no older fact, and no fact about a person.
 */
export const correctedBy = (
  { said, value: meant, way }: Correction,
  { fact: { text, subject }, observedAt }: { fact: ParsedFact; observedAt: number },
  saidAt: number,
): string | undefined => {
  const isOther =
    saidAt - observedAt > maxAge ||
    (ofPerson.test(said) && subject !== '') ||
    (ofThing.test(said) && home.test(text));
  if (way !== 'slip' && isOther) return undefined;
  return correctedText(text, meant, way);
};

const ofAnother =
  /^(?:.{1,64} passed on: "|(?!User said).{1,64} said: "|(?!User said).{1,64} said that User\b)/s;

/**
 * Whether a fact has words of another person as they were said, or about the speaker. Such a fact changes no other one: a pasted text must
 * not overwrite what the speaker said.
 */
export const isHearsay = ({ text, subject }: ParsedFact): boolean =>
  ofAnother.test(text) && (subject === '' || !text.toLowerCase().startsWith(`${subject} said`));

/** The fact that was observed last. */
export const newestOf = <F extends { observedAt: number }>(facts: readonly F[]): F | undefined =>
  facts.toSorted((a, b) => a.observedAt - b.observedAt).at(-1);
