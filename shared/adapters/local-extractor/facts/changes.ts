import { analyze } from '../../../domain/memory/analyzer.ts';
import type { KnownFacts } from './known-facts.ts';
import { linkTerms, subjectTerms } from './link-terms.ts';
import type { ParsedFact } from './parsed-fact.ts';
import type { FactAt } from './reconcile.ts';

/** Words that say that something ended, was exchanged or was said wrongly. */
const change = new RegExp(
  [
    String.raw`\b(?:cancel(?:l?ed|ling)|call(?:ed|ing)? off|scrapped|dropped|stopped|quit|gave up|giv(?:e|en|ing) up|kicked|ditched`,
    'sold|traded|swapped|switched|replaced|renamed|moved|rebooked|rescheduled|postponed|pushed|bumped|brought forward|upped',
    'raised|lowered|increased|reduced|doubled|halved|changed|went (?:up|down|from)|broke up|split up|(?:is|are) (?:done|over)|ended|ran out|run out',
    'came off|(?:is|are) off(?! to)|expired|lost interest|ruled out|retired|no longer|no more|is not|are not|was not|anymore|any more',
    'after all|instead|rather than|turns out|turned out|meant|actually|mistake|correction|broken|back from',
    "nowadays|these days|as of|from now on|has not|haven't|got (?:my|their|User's) own",
    // The commonest such words of other languages.
    'vend[ií]|vendu|verkauft|verkocht|gestolen|cambi[eé]|ya no|nicht mehr|ne plus|não mais|non pi[uù]|niet meer|dej[eé]|umgezogen',
    String.raw`ahora|jetzt|maintenant|agora|adesso|comprei|compr[eé])\b|现在|現在|不再|了，|やめ|なりました|今は`,
  ].join('|'),
  'i',
);
/** A change that is denied: "is not going to give up". */
const denied =
  /\b(?:not|never) (?:\w{1,20} ){0,3}(?:giv(?:e|ing) up|stop(?:ped|ping)?|quit(?:ting)?|cancel(?:l?ed|ling)?|drop(?:ped|ping)?|sell(?:ing)?|sold|mov(?:e|ed|ing)|chang(?:e|ed|ing))\b/gi;
/** Words that often go with a change, and as often with something else. */
const hint = /\b(?:now|currently|lately|again|new|since|not|never|nu|ora)\b/i;
const renewed = /\bnew ((?:[\w-]{1,30} )?[\w-]{1,30})/i;
const clauseEnd = /[,;:.]\s|\s(?:so|but|because|and then)\s/i;

/** Terms that many facts share and that name no subject. */
const weak = new Set(
  analyze(
    'go get take make have do work day week month year time today now new one two three thing want need like love plan start stop move change name call use live people good morning night old first last way user said say january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday',
  ),
);
const isYear = /^(?:19|20)\d\d$/;

/** Shares of the terms of a known fact that a change must name. */
const minShare = 0.25;
const minShareWithHint = 0.6;
const minShareElsewhere = 0.5;

/** Terms of a text that name its subject and its details. */
const strongTerms = (text: string): Set<string> =>
  new Set([
    ...analyze(text).filter((term) => !weak.has(term) && !isYear.test(term)),
    ...subjectTerms(text),
  ]);

const clausesWith = (text: string, cue: RegExp): string =>
  text
    .split(clauseEnd)
    .filter((clause) => cue.test(clause))
    .join(' ');

const isNumber = (word: string | undefined): boolean =>
  word !== undefined &&
  /^(?:\d[\d:.]*(?:am|pm)?|one|two|three|four|five|six|seven|eight|nine|ten|noon|midnight)$/.test(
    word,
  );

/** Words in common at the beginning that make two facts forms of one statement: "gets up at". */
const sameFrame = 3;

/** Whether two facts begin alike up to a number: "User gets up at 5 to write", "User gets up at 7 nowadays". */
const differInNumber = (a: ParsedFact, b: ParsedFact): boolean => {
  const [mine, theirs] = [a.words, b.words].map((words) => words.filter((word) => word !== 'the'));
  const at = mine?.findIndex((word, i) => word !== theirs?.[i]) ?? -1;
  return at >= sameFrame && isNumber(mine?.[at]) && isNumber(theirs?.[at]);
};

const ends = /\b(?:cancel(?:l?ed|ling)|dropped|quit|stopped|scrapped)\b/i;

/** Names in a text, its first word aside. */
const namesOf = (text: string): string[] =>
  text.slice(1).match(/(?<=\s)\p{Lu}[\p{L}\d'-]+/gu) ?? [];

/** Whether a text ends a thing of another name: the Netflix subscription, not the one to Spotify. */
const endsAnother = (fact: ParsedFact, other: ParsedFact): boolean => {
  const [mine, theirs] = [namesOf(fact.text), namesOf(other.text)];
  return (
    ends.test(fact.text) &&
    mine.some((name) => !other.text.includes(name)) &&
    theirs.some((name) => !fact.text.toLowerCase().includes(name.toLowerCase()))
  );
};

/** Whether a fact may change another: neither is about another speaker, and what is liked stays liked when an item of it ends. */
const mayConcern = (fact: ParsedFact, other: ParsedFact): boolean =>
  (fact.subject === other.subject || fact.subject === '' || other.subject === '') &&
  !other.slots.some(({ key }) => key.startsWith('taste:')) &&
  !endsAnother(fact, other);

/** A text that reports a change, with the terms of its clauses that do so. */
const readChange = (whole: string) => {
  const text = whole.replace(denied, ' ');
  const isChange = change.test(text);
  if (!isChange && !hint.test(text)) return undefined;
  return {
    isChange,
    terms: strongTerms(whole),
    named: strongTerms(clausesWith(text, isChange ? change : hint)),
    renewed: new Set(analyze(renewed.exec(text)?.[1] ?? '')),
  };
};

type Change = NonNullable<ReturnType<typeof readChange>>;

/** A pet that is adopted ends this, and no pet that is there already. */
const hasNoPet = /^User (?:does not have|has no)\b/i;
const endsHavingNone = (fact: ParsedFact, other: ParsedFact): boolean =>
  hasNoPet.test(other.text) &&
  !hasNoPet.test(fact.text) &&
  subjectTerms(other.text).includes('#pet') &&
  subjectTerms(fact.text).includes('#pet');

/** Terms that a change shares with the only thing that a short fact is about: "rent" of "The rent is 800". */
const maxTermsOfShortFact = 3;

/** Terms of another fact that a change has, and their share. The speaker's name counts for nothing. */
interface Overlap {
  shared: readonly string[];
  share: number;
  /** Whether the other fact has few terms: one of them is what it is about. */
  isShort: boolean;
  isSameSubject: boolean;
}

const overlapOf = (read: Change, fact: ParsedFact, other: ParsedFact): Overlap => {
  const speaker = new Set([...analyze(fact.subject), ...analyze(other.subject)]);
  const terms = [...strongTerms(other.text)].filter((term) => !speaker.has(term));
  const shared = terms.filter((term) => read.terms.has(term));
  return {
    shared,
    share: shared.length / Math.max(terms.length, 1),
    isShort: terms.length <= maxTermsOfShortFact,
    isSameSubject: fact.subject === other.subject,
  };
};

/** Share from which a change concerns the other fact. A single common term is enough only for a short fact of the same speaker. */
const neededShare = (read: Change, { shared, isShort, isSameSubject }: Overlap): number => {
  const isOne = shared.length < 2;
  if (isOne && !isShort) return Number.POSITIVE_INFINITY;
  if (isSameSubject && shared.some((term) => read.renewed.has(term))) return 0;
  if (isOne && !(read.isChange && isSameSubject)) return Number.POSITIVE_INFINITY;
  if (!read.isChange) return minShareWithHint;
  return shared.some((term) => read.named.has(term)) ? minShare : minShareElsewhere;
};

/** Share of the other fact's terms that the change names; zero where that is too little to be about the same. */
const shareOf = (read: Change, fact: ParsedFact, other: ParsedFact): number => {
  if (differInNumber(fact, other)) return 1;
  const overlap = overlapOf(read, fact, other);
  const isSubject = (term: string): boolean => term.startsWith('#') && term !== '#pet';
  const isEnough = overlap.shared.some(isSubject) || overlap.share >= neededShare(read, overlap);
  return isEnough ? Math.max(overlap.share, minShare) : 0;
};

/**
 * Position of the known fact that a fact replaces by reporting a change to the same thing: "They raised the rent to 900" after "The rent is
 * 800". The clause of the change must name the subject of the known fact, and a fair share of its words. Undefined without
 * a word of change, so that two facts that differ in a number alone both stay.
 */
export const changedFact = (
  fact: ParsedFact,
  known: KnownFacts,
  factAt: FactAt,
): number | undefined => {
  const read = readChange(fact.text);
  let best: { at: number; share: number } | undefined;
  for (const at of known.sharing(linkTerms(fact.text))) {
    const other = factAt(at);
    if (!other || !mayConcern(fact, other)) continue;
    if (endsHavingNone(fact, other)) return at;
    const share = read ? shareOf(read, fact, other) : 0;
    if (share > (best?.share ?? 0)) best = { at, share };
  }
  return best?.at;
};
