import { analyze } from '../../memory/analyzer.ts';
import { type Asked, type Field, hasWords } from './field.ts';
import { isDenial, type Statement } from './statement.ts';

/** End of the first clause of a sentence: the rest is an adjunct, or about something else. */
const tail =
  /[,;(]| (?:since|because|with|and|but|for|in|at|on|called|named|who|which|that|every|these|after|before|from|now)\b/;
const liking = /\b(?:like|love|enjoy|adore|prefer)s?\b/i;
const hating = /\b(?:hate|dislike|detest|can(?:no|['’])t stand)s?\b/i;
/** Verbs of wishes, plans and possibilities: such a sentence says neither yes nor no. */
const unreal =
  /\b(?:wants?|plans?|hopes?|thinks?|considers?|considering|would|might|may|learns?|learning|looking|looks)\b/i;
/** Verbs that a sentence must have for a field whose name begins with one. */
const required: { readonly [verb: string]: RegExp } = {
  has: /\b(?:ha(?:s|ve)|owns?|got|keeps?|adopted)\b/i,
  can: /\bcan(?:not|['’]t)?\b/i,
};

const likes = (head: string): boolean | null => {
  if (hating.test(head)) return false;
  return liking.test(head) ? !isDenial(head) : null;
};

const named =
  /^(?:my|our|(?:the )?(?:user|customer|client|person|patient)['’]s) ([\p{L} -]{1,60}?)(?:['’]s name is| (?:is|are) (?:called|named)) /iu;

/** Whether a sentence gives the name of something that the person has: "My dog is called Bruno". */
const isNamedOwn = ({ words }: Asked, { text }: Statement): boolean => {
  const stems = analyze(named.exec(text)?.[1] ?? '');
  const head = stems.at(-1);
  return (
    head !== undefined &&
    words.length > 0 &&
    words.some((one) => one.includes(head)) &&
    hasWords(new Set(stems), words) &&
    !isDenial(text)
  );
};

/** Whether a sentence about the person says yes or no to a field such as `is_vegetarian`; null where it says neither. */
export const booleanBy = (
  { verb = 'is' }: Field,
  asked: Asked,
  statement: Statement,
): boolean | null => {
  const { words } = asked;
  const { predicate } = statement;
  if (verb === 'has' && isNamedOwn(asked, statement)) return true;
  const head = predicate?.split(tail)[0] ?? '';
  const stems = analyze(head);
  const last = stems.at(-1);
  const isAboutIt = last !== undefined && words.some((one) => one.includes(last));
  if (!isAboutIt || !hasWords(new Set(stems), words)) return null;
  if (verb === 'likes') return likes(head);
  if (liking.test(head) || hating.test(head) || unreal.test(head)) return null;
  return required[verb]?.test(head) === false ? null : !isDenial(head);
};
