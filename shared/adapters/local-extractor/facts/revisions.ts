import type { ProposedChange } from '../../../ports/language-model.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { valuesOf } from './value-kinds.ts';

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
  `^(?:(?:it|that|they) ${adverbs}${changing}|they ${adverbs}${changing} (?:it|that|them|User|this|us))(?: (?:up|down|back|forward|over|out))? (?:to|until|till|on|onto) ${value}${afterwards}`,
  'iu',
);
/** "postponed to August", "up to 100 mg since last week", "cut down to 32": without any thing. */
const leaped = new RegExp(
  `^(?:User (?:is |has )?)?(?:${changing} ?)?(?:it |that |them )?(?:up|down|back|forward|over)? ?(?:to|until|till|at) ${value}${afterwards}`,
  'iu',
);

/** Value that a text says was meant: "it is actually Faro"; undefined for other texts. An amount can only replace an amount. */
export const correctionIn = (text: string): { value: string; isAmount: boolean } | undefined => {
  const meant =
    actually.exec(text)?.[1] ??
    afterSlip.exec(text)?.[1] ??
    isNow.exec(text)?.[1] ??
    moved.exec(text)?.[1];
  if (meant !== undefined) return { value: meant, isAmount: false };
  const amount = /^(?:User )?(?:to|at|until|till) /i.test(text)
    ? undefined
    : leaped.exec(text)?.[1];
  return amount === undefined ? undefined : { value: amount, isAmount: true };
};

const bareNumber = /^[$€£]?\d[\d.,]*k?$/i;
const numbers = /(?<![\p{L}\d.,:])[$€£]?\d[\d.,]*\d?k?(?![\p{L}\d:])/giu;

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
  isAmount = false,
): string | undefined => {
  const known = valuesOf(fact);
  const isClock = known.has('clock') && /^\d{1,2}$/.test(value);
  const meant = valuesOf(isClock ? `It is at ${value}.` : `It ${value}.`);
  for (const [kind, values] of meant) {
    const isWhole = [...values].some((one) => one.toLowerCase() === value.toLowerCase());
    if (!isWhole || (isAmount && kind === 'name')) continue;
    const text = withValue(fact, lastOf(fact, known.get(kind) ?? new Set()), kind, value);
    if (text !== undefined) return text;
  }
  return withNumber(fact, value);
};

const ofAnother =
  /^(?:.{1,64} passed on: "|(?!User said).{1,64} said: "|(?!User said).{1,64} said that User\b)/s;

/**
 * Whether a fact has words of another person as they were said, or about the speaker. Such a fact changes no other one: a pasted text must
 * not overwrite what the speaker said.
 */
export const isHearsay = ({ text, subject }: ParsedFact): boolean =>
  ofAnother.test(text) && (subject === '' || !text.toLowerCase().startsWith(`${subject} said`));
