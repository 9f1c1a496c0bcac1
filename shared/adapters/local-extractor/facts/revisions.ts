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

/** "it's 9:45 now", "it moved to Thursday", "that got pushed to 4 pm": the newest fact with another value. */
const isNow =
  /^(?:it|that|they) (?:is|are|was|were|got|has been|have been|will be) (?:now )?(?:at |on |in |up to |down to )?(?:an? |the )?([\p{L}\d][^.!?,]{0,30}?)(?:,? (?:now|these days|instead|from now on|as of (?:today|now)))[.!]*$/iu;
const moved =
  /^(?:it|that|they) (?:(?:has|have|was|were|got|been|is|just) )*(?:moved|changed|pushed(?: back)?|bumped|rescheduled|shifted|postponed|switched|went up|went down|dropped|increased|raised|lowered|cut) (?:to|until|till) (?:an? |the )?([\p{L}\d][^.!?,]{0,30}?)(?: (?:now|instead))?[.!]*$/iu;

/** Value that a text says was meant: "it is actually Faro"; undefined for other texts. */
export const correctionIn = (text: string): string | undefined =>
  actually.exec(text)?.[1] ??
  afterSlip.exec(text)?.[1] ??
  isNow.exec(text)?.[1] ??
  moved.exec(text)?.[1];

/** The value of a kind that stands last in a text. */
const lastOf = (text: string, values: ReadonlySet<string>): string | undefined =>
  [...values].toSorted((a, b) => text.lastIndexOf(a) - text.lastIndexOf(b)).at(-1);

/**
 * A fact with the value that was meant in place of the value of the same kind: "User's flight lands in Porto" and "Faro". Undefined where the
 * fact has no value of the kind.
 */
export const correctedText = (fact: string, value: string): string | undefined => {
  const known = valuesOf(fact);
  const isClock = known.has('clock') && /^\d{1,2}$/.test(value);
  const meant = valuesOf(isClock ? `It is at ${value}.` : `It ${value}.`);
  for (const [kind, values] of meant) {
    const old = lastOf(fact, known.get(kind) ?? new Set());
    const isWhole = [...values].some((one) => one.toLowerCase() === value.toLowerCase());
    if (old === undefined || !isWhole) continue;
    const at = fact.toLowerCase().lastIndexOf(old.toLowerCase());
    if (at >= 0) return `${fact.slice(0, at)}${value}${fact.slice(at + old.length)}`;
  }
  return undefined;
};

const ofAnother =
  /^(?:.{1,64} passed on: "|(?!User said).{1,64} said: "|(?!User said).{1,64} said that User\b)/s;

/**
 * Whether a fact has words of another person as they were said, or about the speaker. Such a fact changes no other one: a pasted text must
 * not overwrite what the speaker said.
 */
export const isHearsay = ({ text, subject }: ParsedFact): boolean =>
  ofAnother.test(text) && (subject === '' || !text.toLowerCase().startsWith(`${subject} said`));
