import type { TakenBack } from '../statements/taken-back.ts';
import { cutEnd } from '../text/clean-text.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { correctedText } from './revisions.ts';

/** Value that a sentence puts in the place of another one of a known fact. */
export interface Replacement {
  /** Value of the known fact. */
  old?: string;
  /** Words that name the known fact: "standup". */
  about?: string;
  value: string;
  /** The value only goes up or down: "down to 3". */
  isShift?: true;
}

/** A value, which may be a clock time. */
const shape = '[\\p{L}\\d$€£](?:[^,;:!?]|(?<=\\d):(?=\\d)){0,40}?';
const value = `(?<value>${shape})`;
const old = `(?<old>${shape})`;
const about = "(?<about>[\\p{L}][\\p{L}' -]{1,30}?)";
const opening = '(?:please |pls |just |ok |can you |could you )*';
const dismissal =
  '(?:scrap that|strike that|no|nope|wrong|correction|my mistake|my bad|sorry|actually|on second thoughts?|I lied|ignore what I said|ignore that|forget that|never mind|they made it|make (?:that|it)|turns out|well|hm+|oops|update)';
const end =
  '(?: now| instead| please| then| from now on| these days| nowadays| since [^,]{3,24}| as of (?:today|now)| going forward)?$';
/** Verbs and pronouns, with which a value is a statement of its own. */
const statement =
  /\b(?:I|we|my|our|you|your|he|she|they|it|this|that|is|are|was|were|am|has|have|had|do|does|did|not|no|what|why|how|to be|[a-z]{3,}ing)\b/i;

/** "Down to 3", without the thing that goes up or down. */
const shift = `^(?:(?:is |am |are |went |gone |cut |now |already )*)(?:up|down|back) (?:to|at) ${value}${end}`;
const patterns: readonly RegExp[] = [
  `^not ${old}, (?:but )?${value}${end}`,
  `^${value},? (?:and )?not ${old}$`,
  `^forget ${old}, (?:it is )?${value}${end}`,
  `^${old} is (?:out|history|gone), ${value} is in$`,
  `^${old} is (?:out|history|gone), (?:it is )?${value}${end}`,
  `^no more ${old}, ${value}${end}`,
  `^${old} ?(?:->|→|=>) ?${value}$`,
  `^(?:it )?(?:is |was )?(?:changed|switched|moved|went|gone) from ${old} to ${value}${end}`,
  `^from ${old} to ${value}${end}`,
  `^${opening}(?:swap|replace|exchange|switch|change) (?:my |the )?${old} (?:with|for|to|by) ${value}${end}`,
  `^(?:bye|bye bye|goodbye|so long),? ${old},? (?:and )?(?:hello|hi|welcome) ${value}$`,
  `^(?:it )?(?:used to be|was) ${old}(?: until [^,]{2,20})?, (?:it is )?(?:now |is )?${value}${end}`,
  `^${old} (?:until|till) [^,]{2,20}, ${value} (?:since|now)$`,
  `^${value} instead of ${old}$`,
  `^${value},? (?:as|since|because) ${old} (?:is gone|quit|left|retired|closed)$`,
  `^(?:remember|note):? ${value},? (?:not|instead of) ${old}$`,
  `^${opening}(?:update|set|change|correct|move|switch|push) (?:my|the|our) ${about} to ${value}${end}`,
  `^(?:you have|you got) (?:the wrong |my |the )${about}(?: wrong)?, (?:it is )?${value}$`,
  `^new ${about}: ${value}$`,
  `^${about} update: ${value}$`,
  `^${about} (?:is|are) (?:now |up to |down to )?${value} (?:now|these days|from now on|as of (?:today|now)|instead)$`,
  `^(?:my |the |our )?${about} (?:changed|went|moved|has moved|was moved|got moved|has changed|went up|went down) (?:up |down )?to ${value}${end}`,
  `^${dismissal}(?:,? ?:?)(?: ${dismissal},?)? ${value}${end}`,
  `^(?:that|it) should (?:be|say|read) ${value}$`,
  `^${opening}(?:update|change|switch|set|make|put|fix) (?:it |that |this |down )*(?:to|:)? ?${value}${end}`,
  `^(?:go|going) with ${value}${end}`,
  `^(?:I would rather have|(?:let us|lets|let's) (?:say|do|make it|go with)|(?:we|I) will do|it is) ${value} (?:now|instead|then)$`,
  `^(?:only |just |mostly )?${value} (?:instead|now|it is|as of (?:today|now)|from now on|these days|nowadays|lately|since [^,]{3,24}|from here)$`,
  `^(?:[^,]{3,40}, )?${value} (?:works(?: better)?|(?:is|fits|suits me|suits us|would be) better)(?:, use ${shape})?$`,
  `^(?:measured|checked|counted|looked|asked|weighed|calculated) (?:\\w+ )?again,? (?:and )?(?:it is )?${value}$`,
  shift,
].map((pattern) => new RegExp(pattern, 'iu'));

/** Longest sentence that is only a replacement, in characters. */
const maxLength = 90;

/** Reads a sentence that does nothing but replace a value: "make that 9:45", "not Graz, Linz", "set my alarm to 6". */
export const replacementIn = (sentence: string): Replacement | undefined => {
  if (sentence.length > maxLength) return undefined;
  const text = cutEnd(sentence, /[.!?\s]/).replace(
    /,? (?:sorry|finally|though|my bad|my mistake|oops)$/i,
    '',
  );
  for (const pattern of patterns) {
    const { value: meant, old: former, about: named } = pattern.exec(text)?.groups ?? {};
    if (
      meant === undefined ||
      statement.test(meant) ||
      (former !== undefined && statement.test(former))
    )
      continue;
    return {
      value: meant.replace(/^(?:an?|the|on|at|in|to) /i, ''),
      ...(former !== undefined && { old: former.replace(/^(?:an?|the|my|our|on|at|in) /i, '') }),
      ...(named !== undefined && { about: named }),
      ...(pattern.source === shift && { isShift: true as const }),
    };
  }
  return undefined;
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Facts that no request about a thing changes: "replace the peanuts" leaves an allergy to peanuts. */
const lasting =
  /\b(?:allergic|allergy|intolerant|cannot|never|not|no longer|avoids|hates|dislikes)\b/i;
const isAmount = /^[$€£]?\d/;

/**
 * Whether a known fact about a topic may be deleted since the topic was taken back. An allergy or a dislike stays; a mere denial deletes only
 * the fact that the speaker has the thing.
 */
export const isTakenBack = ({ text }: ParsedFact, { topic, isDenial }: TakenBack): boolean => {
  if (lasting.test(text)) return false;
  return (
    isDenial !== true ||
    new RegExp(
      `^User (?:now |also |just |recently )*(?:has|owns|got|bought|adopted) an? (?:[\\w-]+ ){0,2}${escaped(topic)}(?=[.,]| (?:named|called|that|which|who)\\b)`,
      'i',
    ).test(text)
  );
};

/** A fact with another value in the place of the old one; undefined where the fact does not have it, or not as its value. */
const replacedText = (fact: string, former: string, meant: string): string | undefined => {
  const found = new RegExp(`(?<![\\p{L}\\d])${escaped(former)}(?![\\p{L}\\d])`, 'iu').exec(fact);
  if (found === null || lasting.test(fact)) return undefined;
  const rest = fact.slice(found.index + found[0].length);
  const isValue = isAmount.test(former) || /^[\s.!]*$/.test(rest);
  return isValue ? fact.slice(0, found.index) + meant + rest : undefined;
};

/** Whether a fact begins with the thing that a replacement names. */
const isAbout = (fact: string, named: string): boolean =>
  new RegExp(
    `^(?:User's |The )?${escaped(named.replace(/^(?:my|our|the) /i, ''))}(?![\\p{L}\\d])`,
    'iu',
  ).test(fact);

/** The text of a known fact with a value that replaces another one; undefined if the fact has no such value. */
const textWith = (
  { text }: ParsedFact,
  { old: former, about: named, value: meant, isShift }: Replacement,
): string | undefined => {
  if (named !== undefined && !isAbout(text, named)) return undefined;
  const replaced =
    former === undefined
      ? correctedText(text, meant, isShift ? 'amount' : 'slip')
      : replacedText(text, former, meant);
  return replaced === text ? undefined : replaced;
};

interface Known {
  fact: ParsedFact;
  observedAt: number;
  at: number;
}

/**
 * The newest known fact that has another value in the place of a replacement, and its text with the new one. A replacement that does not
 * name the fact or its value means one of the last turn.
 */
export const findReplaced = <K extends Known>(
  known: readonly K[],
  replacement: Replacement,
): { entry: K; text: string } | undefined => {
  const sorted = known.toSorted((a, b) => b.observedAt - a.observedAt || b.at - a.at);
  const newest = sorted.filter(({ observedAt }) => observedAt === sorted[0]?.observedAt);
  const isNamed = replacement.old !== undefined || replacement.about !== undefined;
  for (const entry of isNamed ? sorted : newest) {
    const text = textWith(entry.fact, replacement);
    if (text !== undefined) return { entry, text };
  }
  return undefined;
};
