import { isExchange } from './exchanges.ts';
import type { KnownFacts } from './known-facts.ts';
import { type LinkInputs, linkInputNames, linkInputs, mayReplace } from './link-inputs.ts';
import { linkTerms } from './link-terms.ts';
import { linkWeights, minLogOdds, minLogOddsAmongPeers } from './link-weights.ts';
import { type LinkedFact, linkedFact, type NewFact, newFact } from './linked-fact.ts';
import type { ParsedFact } from './parsed-fact.ts';
import type { FactAt } from './reconcile.ts';
import { allSubjectTerms, exclusiveTerms, subjectTerms } from './subjects.ts';

const ends = /\b(?:cancel(?:l?ed|ling)|dropped|quit|stopped|scrapped)\b/i;

const isDayOrMonth =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|User(?:'s)?)$/i;

/** Names in a text, its first word aside. */
const namesOf = (text: string): string[] =>
  (text.slice(1).match(/(?<=\s)\p{Lu}[\p{L}\d'-]+/gu) ?? []).filter(
    (name) => !isDayOrMonth.test(name),
  );

/** Whether a text ends a thing of another name: the Netflix subscription, not the one to Spotify. */
const endsAnother = (fact: ParsedFact, other: ParsedFact): boolean => {
  const [mine, theirs] = [namesOf(fact.text), namesOf(other.text)];
  return (
    ends.test(fact.text) &&
    mine.some((name) => !other.text.includes(name)) &&
    theirs.some((name) => !fact.text.toLowerCase().includes(name.toLowerCase()))
  );
};

/** A thing that a text begins with, and the number or the name that sets it apart from others of its kind: "Depot 3", "The office in Rome". */
const oneOfKind =
  /^(?:[Tt]he )?(?!(?:User|They|He|She|It|We|I)\b)(?<kind>\p{L}[\p{L}-]*(?: \p{Ll}[\p{Ll}-]*)?)(?: (?:no\.|number|#))? (?<which>\d[\w-]*|(?:in|of|at|for|from) \p{Lu}[\p{L}'-]*)(?=[ :,])/u;

/** Whether both begin with things of the same kind that have different numbers or names. */
const isOfAnother = (fact: ParsedFact, other: ParsedFact): boolean => {
  const [mine, theirs] = [fact.text, other.text].map((text) => oneOfKind.exec(text)?.groups);
  return (
    mine !== undefined &&
    mine['kind']?.toLowerCase() === theirs?.['kind']?.toLowerCase() &&
    mine['which'] !== theirs?.['which']
  );
};

/** Words of another person change what is known about that person, and about things without an owner. */
const mayBeReported = ({ author, text }: ParsedFact, other: ParsedFact): boolean =>
  author === undefined ||
  other.text.startsWith(author) ||
  (other.subject === '' && text.startsWith(`${author} said that `));

/** Whether a fact may change another: neither is about another speaker or another thing of the kind, and what is liked stays liked when an item of it ends. */
const mayConcern = (fact: ParsedFact, other: ParsedFact): boolean =>
  (fact.subject === other.subject || fact.subject === '' || other.subject === '') &&
  mayBeReported(fact, other) &&
  !other.slots.some(({ key }) => key.startsWith('taste:')) &&
  !isOfAnother(fact, other) &&
  (!endsAnother(fact, other) || isExchange(fact.text, other.text));

/** A pet that is adopted ends this, and no pet that is there already. */
const hasNoPet = /^User (?:does not have|has no)\b/i;
const endsHavingNone = (fact: ParsedFact, other: ParsedFact): boolean =>
  hasNoPet.test(other.text) &&
  !hasNoPet.test(fact.text) &&
  subjectTerms(other.text).includes('#pet') &&
  subjectTerms(fact.text).includes('#pet');

/** Log odds of facts about a topic of which a person has one, as the home, when a word of change is there. */
const ofTopic = 5;

/** A single day, which no habit changes on. */
const isOfOneDay = (text: string): boolean =>
  /^The \d{1,2} \p{L}+ \d{4} \p{L}/u.test(text) ||
  (/\bon (?:the \w+ of )?\d{1,2} \p{L}+ \d{4}/u.test(text) &&
    !/\b(?:from|since|as of)\b/.test(text));

const shareOne = (
  termsOf: (text: string) => string[],
  fact: ParsedFact,
  other: ParsedFact,
): boolean => {
  const terms = termsOf(fact.text);
  return terms.length > 0 && termsOf(other.text).some((term) => terms.includes(term));
};

const days = '(?:mon|tues|wednes|thurs|fri|satur|sun|week|holi|work)days?';
/** Times or conditions of a habit, beside which another habit may stand. */
const partly = new RegExp(
  `\\b(?:(?:on|every(?: other| second)?) ${days}|(?:on|at|every) (?:the )?weekends?|weekends|when(?:ever)?|if|unless|because|sometimes|occasionally|now and then|(?:some|most|other) (?:days|times|mornings|weeks)|(?:once|twice|(?:one|two|three|four|\\d) (?:days|times)) (?:an?|per|every) (?:week|month|year)|every (?:other|second|few|two|three) \\w+|in (?:the )?(?:spring|summer|autumn|fall|winter))\\b`,
  'i',
);

/** Whether a fact is about what happened on one day, and the other is a habit: "User went to bed at 1 on 11 May 2023". */
const isExceptionTo = ({ fact, cues, isEvent }: NewFact, other: ParsedFact): boolean =>
  (isEvent || /^The \d/.test(fact.text)) &&
  !cues.isChange &&
  isOfOneDay(fact.text) &&
  !linkedOnce(other).isEvent;

/** Whether two habits may stand side by side, as "from home on Fridays" and "in the office on Mondays". */
const mayStandBeside = ({ fact, cues }: NewFact, other: ParsedFact): boolean =>
  cues.isAddition ||
  isOfOneDay(fact.text) ||
  (!cues.isChange && (partly.test(fact.text) || partly.test(other.text)));

const isSameTopic = ({ fact, cues }: NewFact, other: ParsedFact): boolean => {
  if (!cues.isChange && !cues.isHint) return false;
  const termsOf = cues.isChange || cues.isOfNow ? allSubjectTerms : subjectTerms;
  const topics = termsOf(fact.text).filter((topic) => topic !== '#pet');
  return topics.length > 0 && allSubjectTerms(other.text).some((topic) => topics.includes(topic));
};

/** Known facts are compared with many new ones. */
const linked = new WeakMap<ParsedFact, LinkedFact>();

const linkedOnce = (fact: ParsedFact): LinkedFact => {
  const known = linked.get(fact) ?? linkedFact(fact);
  linked.set(fact, known);
  return known;
};

/** Acts of the past, which stay true. */
const happened =
  /^\p{Lu}[\p{L}'-]{1,40} (?:just |recently |finally |also )*(?:is (?:down|up) for|\w{2,30}ed|went|met|saw|ran|ate|made|bought|found|lost|won|told|gave|took|came|had|got|wrote|read)\b/u;

/** Whether two facts have values of one kind, or begin with the same verb or noun. Common words alone say little among named people. */
const hasOtherValue = ({ otherValue, otherName, sameFrame, sameHead }: LinkInputs): boolean =>
  otherValue + otherName + sameFrame + sameHead > 0;

/** Log odds that the new fact replaces the known one. Among named people, both have to be about one of them, too. */
const logOddsOf = (fact: NewFact, other: ParsedFact, isPeerChat: boolean): number => {
  const inputs = linkInputs(fact, linkedOnce(other));
  const { subject } = fact.fact;
  const isOfPerson = subject !== '' && subject === other.subject && !happened.test(other.text);
  if (!mayReplace(inputs) || (isPeerChat && !(isOfPerson && hasOtherValue(inputs))))
    return Number.NEGATIVE_INFINITY;
  const { intercept, ...weights } = linkWeights;
  return linkInputNames.reduce((sum, name) => sum + inputs[name] * weights[name], intercept);
};

/** The same, where habits and days may stand beside each other, and topics of which a person has one value do not. */
const logOddsOfChange = (mine: NewFact, other: ParsedFact, isPeerChat: boolean): number => {
  const isExclusive = shareOne(exclusiveTerms, mine.fact, other);
  if ((isExclusive && mayStandBeside(mine, other)) || isExceptionTo(mine, other))
    return Number.NEGATIVE_INFINITY;
  return isExclusive || isSameTopic(mine, other) ? ofTopic : logOddsOf(mine, other, isPeerChat);
};

/**
 * Position of the known fact that a fact replaces by reporting a change to the same thing: "They raised the rent to 900" after "The rent is
 * 800". A model of what both have in common decides, and the most probable fact is taken. Undefined where none is probable enough, so
 * that two facts that differ in a number alone both stay.
 * @param isPeerChat named people talk with each other, who mention more than they report
 * @param lead fact that was stated before in the same message; empty without any
 */
export const changedFact = (
  fact: ParsedFact,
  known: KnownFacts,
  factAt: FactAt,
  isPeerChat: boolean,
  lead: string,
): number | undefined => {
  const mine = newFact(fact, lead);
  const least = isPeerChat ? minLogOddsAmongPeers : minLogOdds;
  let best: { at: number; logOdds: number } | undefined;
  for (const at of known.sharing(linkTerms(`${lead} ${fact.text}`.trim()))) {
    const other = factAt(at);
    if (!other || !mayConcern(fact, other)) continue;
    if (endsHavingNone(fact, other)) return at;
    const logOdds = logOddsOfChange(mine, other, isPeerChat);
    if (logOdds > (best?.logOdds ?? least)) best = { at, logOdds };
  }
  return best?.at;
};
