import { analyze } from '../../../domain/memory/analyzer.ts';
import { slotsOf } from '../slots/rules.ts';
import { expandAliases, type Slot } from '../slots/slot.ts';
import type { People } from '../statements/people.ts';
import { cutEnd } from '../text/clean-text.ts';
import { thirdPerson } from '../text/verb-forms.ts';

/** A fact parsed into the parts by which facts are compared. */
export interface ParsedFact {
  text: string;
  /** In lower case; empty when the text does not begin with a known speaker. */
  subject: string;
  /** Person whose words the fact was drawn from, if that is not the speaker. */
  author?: string;
  /** Stems of the predicate, without negation and stop words. */
  terms: ReadonlySet<string>;
  /** Whether the fact states that something is not, or no longer, the case. */
  negative: boolean;
  slots: readonly Slot[];
  slotsByKey: ReadonlyMap<string, readonly Slot[]>;
  /** Words and numbers of the text, in lower case. */
  words: readonly string[];
}

const slotsByKey = (slots: readonly Slot[]): Map<string, Slot[]> =>
  Map.groupBy(slots, ({ key }) => key);

const leadingVerb =
  /^(?=(?:is|has|was|lives|works|likes|loves|hates|prefers|enjoys|drives|owns|wants|speaks|studies|moved|plays) )/i;
const leadingAttribute =
  /^(?=(?:name|birthday|favou?rite \w+|age|email|job|wife|husband|dog|cat) (?:is|are) )/i;

/**
 * Rewrites the subject as "User". Memories that clients wrote vary: "Lives in Rome", "The user lives in Rome", "I live
 * in Rome".
 */
const normalizeSubject = (text: string): string =>
  text
    .replace(/^(?:user|human): /i, '')
    .replace(/^the user\b/i, 'User')
    .replace(/^I am\b/, 'User is')
    .replace(
      /^I ((?:really |just |also )?)(\w+)/,
      (_, adverb: string, verb: string) => `User ${adverb}${thirdPerson(verb)}`,
    )
    .replace(/^my\b/i, "User's")
    .replace(leadingVerb, 'User ')
    .replace(leadingAttribute, "User's ");

const pastToPresent: ReadonlyMap<string, string> = new Map([
  ['worked', 'works'],
  ['lived', 'lives'],
  ['had', 'has'],
  ['owned', 'owns'],
  ['liked', 'likes'],
  ['loved', 'loves'],
  ['drove', 'drives'],
  ['was', 'is'],
  ['were', 'is'],
  ['spoke', 'speaks'],
  ['ate', 'eats'],
]);

/** "used to smoke but quit": the habit is over. */
const formerHabit =
  /^used to (\w+)((?: [\w'-]+)*?),? but (?:\w+ )?(?:quit|stopped|left|gave|do not|did)\b.*$/i;

const negations: readonly (readonly [RegExp, string | ((...parts: string[]) => string)])[] = [
  [formerHabit, (_: string, verb = '', rest = '') => thirdPerson(verb) + rest],
  [/\b(?:is|are) no longer\b/i, 'is'],
  [/\bno longer (?=\w)/i, ''],
  [/^is off (?!(?:to|work|on|the|at|in)\b)(?=\w)/i, 'is on '],
  [
    /\bdo(?:es)? not (?:really |actually |even )?(\w+)/i,
    (_: string, verb = '') => thirdPerson(verb),
  ],
  [/\b(is|are|was) not (?=\w)/i, '$1 '],
  [/\b(has|have) (?:no|zero)(?: more)? (?=\w)/i, 'has a '],
  [
    /\b(?:has |have )?never (?:actually |really |even )?(\w+)/i,
    (_: string, verb = '') => pastToPresent.get(verb) ?? thirdPerson(verb),
  ],
  [/\bdid not (?:ever |actually )?(\w+)/i, (_: string, verb = '') => thirdPerson(verb)],
];
const negationTail = / (?:anymore|any more|any longer|at all)\b/gi;

/** Removes the negation of a predicate, and reports whether there was one. */
const splitNegation = (predicate: string): { positive: string; negative: boolean } => {
  for (const [form, positive] of negations) {
    if (!form.test(predicate)) continue;
    const replaced =
      typeof positive === 'string'
        ? predicate.replace(form, positive)
        : predicate.replace(form, positive);
    return { positive: replaced.replace(negationTail, ''), negative: true };
  }
  return { positive: predicate, negative: false };
};

const cessation =
  /^(?:just |recently |has |have |finally )*(?:stopped|quit|gave up|given up) (?=\w+ing\b|smoking|drinking|coffee|meat|alcohol)/i;

/** Removes parentheses with their content and the space before. */
const withoutParentheses = (text: string): string => {
  let kept = '';
  let from = 0;
  for (;;) {
    const open = text.indexOf('(', from);
    const close = open < 0 ? -1 : text.indexOf(')', open);
    if (close < 0) return kept + text.slice(from);
    const end = open > from && text[open - 1] === ' ' ? open - 1 : open;
    kept += text.slice(from, end);
    from = close + 1;
  }
};

/** Parses a fact in the third person; `people` are the speakers that may be its subject. */
export const parseFact = (fact: string, people: People): ParsedFact => {
  const text = normalizeSubject(fact.trim());
  const subject = people.subjectOf(text);
  const rest = cutEnd(withoutParentheses(text.slice(subject.length)), /[.!\s]/);
  const owned = rest.startsWith("'s ");
  const { positive, negative } = splitNegation(owned ? rest.slice(3) : rest.trimStart());
  const isCessation = cessation.test(positive);
  const predicate = expandAliases(positive.replace(cessation, ''));
  const found = subject === '' ? [] : slotsOf(predicate, { owned, negative });
  const isFormer = !owned && formerHabit.test(rest.trimStart());
  const slots = isFormer ? found.map((slot) => ({ ...slot, event: true })) : found;
  return {
    text: fact,
    subject: subject.toLowerCase(),
    terms: new Set(analyze(predicate)),
    negative: negative || isCessation,
    slots,
    slotsByKey: slotsByKey(slots),
    words: fact.toLowerCase().match(/[\p{L}\p{N}:]+/gu) ?? [],
  };
};

/** The fact as one that is over: each slot has ended, and no term agrees with another fact. */
export const withEndedSlots = (fact: ParsedFact): ParsedFact => {
  const slots = fact.slots.map((slot) => ({ ...slot, ended: true }));
  return { ...fact, terms: new Set(), slots, slotsByKey: slotsByKey(slots) };
};

/** Whether a text starts with one of the names: "Rex barks", "Rex's food". */
export const startsWithName = ({ text }: ParsedFact, names: ReadonlySet<string>): boolean => {
  const [first = ''] = text.split(' ', 1);
  if (first.length === text.length) return false;
  return names.has(first) || (first.endsWith("'s") && names.has(first.slice(0, -2)));
};
