import { analyze } from '../../../domain/memory/analyzer.ts';
import { haveOneFrame, isExchange } from './exchanges.ts';
import type { LinkedFact, NewFact } from './linked-fact.ts';
import { haveNamesOfOneKind } from './name-kinds.ts';
import { areOfOtherSubjects, isOfName } from './other-subjects.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { haveOtherPlaces } from './places.ts';
import { areOfOtherThings, thingIn } from './things.ts';
import { differingKinds } from './value-kinds.ts';

const isNumber = (word: string | undefined): boolean =>
  word !== undefined &&
  /^(?:\d[\d:.]*(?:am|pm)?|one|two|three|four|five|six|seven|eight|nine|ten|noon|midnight)$/.test(
    word,
  );

/** Words in front of an amount or a time; a number behind another noun ("ticket 12") names one thing of several. */
const beforeAmount =
  /^(?:at|for|from|to|until|till|by|about|around|of|over|under|than|only|like|\p{L}+s)$/u;

/** Words in common at the beginning that make two facts forms of one statement: "gets up at". */
const sameFrame = 3;

/** Whether two facts begin alike up to a number: "User gets up at 5 to write", "User gets up at 7 nowadays". */
const differInNumber = (a: ParsedFact, b: ParsedFact): boolean => {
  const [mine, theirs] = [a.words, b.words].map((words) => words.filter((word) => word !== 'the'));
  const at = mine?.findIndex((word, i) => word !== theirs?.[i]) ?? -1;
  const isAmount = beforeAmount.test(mine?.[at - 1] ?? '');
  return at >= sameFrame && isAmount && isNumber(mine?.[at]) && isNumber(theirs?.[at]);
};

/** Share of the terms of what happened once that a fact must name. */
const minShareOfEvent = 0.5;

/** Share of the terms of a known fact that a fact with a mere hint must name. */
const minShareWithHint = 0.6;

/** Inputs of the model that judges links, each 0 to 1. */
export const linkInputNames = [
  'change',
  'hint',
  'addition',
  'shared',
  'share',
  'shareOfNew',
  'named',
  'short',
  'single',
  'sameSubject',
  'sameHead',
  'sameConcept',
  'sameFrame',
  'renewed',
  'otherValue',
  'otherName',
  'sharedName',
  'namedName',
  'negative',
  'event',
  'changeNamed',
  'changeValue',
  'hintValue',
  'changeHead',
  'hintHead',
  'changeConcept',
  'hintConcept',
  'changeSharedName',
  'exchange',
  'thingValue',
  'sameKind',
  'otherPlace',
] as const;

/** Inputs by name, and whether the facts are about different people. */
export interface LinkInputs extends Record<(typeof linkInputNames)[number], number> {
  isOtherPerson: boolean;
  /** Amounts, times of day or seats differ. Two dates may be those of two appointments. */
  isOtherAmount: boolean;
  /** The noun that the known fact begins with is named with another name: "meetings are on Zoom", "does meetings on Teams". */
  isOtherNameOfHead: boolean;
  /** The facts begin with things of different kinds or owners. */
  isOtherThing: boolean;
  /** The new fact is a wish, or about an earlier time. */
  isUnreal: boolean;
  /** The new fact holds from now on. */
  isOfNow: boolean;
  /** The known fact only says how many there are, of which the new one says nothing. */
  isOtherThanCount: boolean;
}

const flag = (value: boolean): number => (value ? 1 : 0);

const namesIn = ({ values }: LinkedFact): readonly string[] => [...(values.get('name') ?? [])];

const isCount = ({ fact, values }: LinkedFact): boolean =>
  /^\S+ (?:now )?has \S+ \S+(?:,|\.)/.test(fact.text) &&
  [...values.keys()].some((kind) => kind.startsWith('count '));
const hasNumber = ({ values }: LinkedFact): boolean =>
  [...values.keys()].some((kind) => kind === 'number' || kind.startsWith('count '));

const noAmounts: ReadonlySet<string> = new Set(['name', 'number', 'date', 'weekday', 'month']);

/** A fact about one thing of its kind: "User's locker is number 41", "The exam is on 3 March 2027". */
const definite =
  /^(?:User's|The|Their) (?:[\w'-]+ ){1,5}?(?:is|are|was|runs?|starts?|ends?|begins?|opens?|closes?|costs?|has|weighs?|meets?|takes?|leaves?|lasts?)\b/;

/** Whether both say another date or number of the same thing, with no more about it than the other says. */
const isOtherOfThing = (
  mine: LinkedFact,
  theirs: LinkedFact,
  shared: readonly string[],
): boolean => {
  const [own, known] = [mine, theirs].map(({ values }) =>
    [...values].flatMap(([kind, some]) => (kind === 'name' ? [] : [...some])),
  );
  return (
    definite.test(theirs.fact.text) &&
    shared.length > 0 &&
    shared.length === mine.terms.size &&
    own !== undefined &&
    known !== undefined &&
    own.length > 0 &&
    known.length > 0 &&
    !own.some((value) => known.includes(value))
  );
};

/** Common parts of a new fact and a known one. */
const commonOf = (mine: NewFact, theirs: LinkedFact) => {
  const speaker = new Set([...analyze(mine.fact.subject), ...analyze(theirs.fact.subject)]);
  const terms = [...theirs.terms].filter((term) => !speaker.has(term));
  const shared = terms.filter((term) => mine.terms.has(term));
  const isConcept = [...theirs.concepts].some((concept) => mine.concepts.has(concept));
  const kinds = differingKinds(mine.values, theirs.values);
  const names = namesIn(theirs).map((name) => ` ${name.toLowerCase()}`);
  const [text, clauses] = [mine.fact.text, mine.cues.clauses].map((one) => ` ${one.toLowerCase()}`);
  return {
    terms,
    shared,
    isConcept,
    hasValue: kinds.some((kind) => kind !== 'name' && kind !== 'number' && kind !== 'month'),
    hasAmount: kinds.some((kind) => !noAmounts.has(kind)) || isOtherOfThing(mine, theirs, shared),
    hasCount: kinds.some((kind) => kind.startsWith('count ')),
    hasOtherName: kinds.includes('name') && !names.some((name) => text?.includes(name)),
    isNamed: shared.some((term) => mine.named.has(term)),
    hasName: names.some((name) => text?.includes(name)),
    isNamedName: names.some((name) => clauses?.includes(name)),
    isKnownHead: shared.includes(theirs.head),
    isHead: mine.head !== '' && mine.head === theirs.head,
    isAlike: shared.length > 0 || isConcept,
    isOfThing: mine.terms.has(thingIn(theirs.fact.text)?.head ?? ''),
    hasOtherAmount: kinds.some((kind) => kind !== 'name'),
  };
};

/** Inputs that go with the words of a change, or with a mere hint at one. */
const cuedInputs = ({ cues }: NewFact, common: ReturnType<typeof commonOf>) => {
  const { isChange } = cues;
  const isHint = cues.isHint && !isChange;
  const { isNamed, hasValue, isAlike, isHead, isConcept, isNamedName } = common;
  return {
    change: flag(isChange),
    hint: flag(isHint),
    changeNamed: flag(isChange && isNamed),
    changeValue: flag(isChange && hasValue && isAlike),
    hintValue: flag(isHint && hasValue && isAlike),
    changeHead: flag(isChange && isHead),
    hintHead: flag(isHint && isHead),
    changeConcept: flag(isChange && isConcept),
    hintConcept: flag(isHint && isConcept),
    changeSharedName: flag(isChange && isNamedName),
  };
};

/** Inputs of a new fact and a known one. */
export const linkInputs = (mine: NewFact, theirs: LinkedFact): LinkInputs => {
  const common = commonOf(mine, theirs);
  const { terms, shared } = common;
  return {
    ...cuedInputs(mine, common),
    addition: flag(mine.cues.isAddition),
    shared: Math.min(shared.length, 3) / 3,
    share: shared.length / Math.max(terms.length, 1),
    shareOfNew: shared.length / Math.max(mine.terms.size, 1),
    named: flag(common.isNamed),
    short: flag(terms.length <= 3),
    single: flag(shared.length === 1),
    sameSubject: flag(mine.fact.subject === theirs.fact.subject),
    sameHead: flag(common.isHead),
    sameConcept: flag(common.isConcept),
    sameFrame: flag(
      differInNumber(mine.fact, theirs.fact) ||
        (!theirs.isEvent &&
          !mine.cues.isAddition &&
          haveOneFrame(mine.fact, theirs.fact, mine.values, theirs.values)),
    ),
    exchange: flag(isExchange(mine.fact.text, theirs.fact.text, mine.lead)),
    otherPlace: flag(haveOtherPlaces(mine.fact.text, theirs.fact.text)),
    sameKind: flag(haveNamesOfOneKind(mine.fact.text, theirs.fact.text)),
    thingValue: flag(common.isOfThing && common.hasOtherAmount),
    renewed: flag(shared.some((term) => mine.renewed.has(term))),
    otherValue: flag(common.hasValue),
    otherName: flag(common.hasOtherName),
    sharedName: flag(common.hasName),
    namedName: flag(common.isNamedName),
    negative: flag(mine.fact.negative !== theirs.fact.negative),
    event: flag(theirs.isEvent),
    isOtherThanCount: isCount(theirs) && !hasNumber(mine) && !mine.fact.negative,
    isOtherAmount: common.hasAmount,
    isOtherThing:
      isOfName(mine, theirs) ||
      areOfOtherThings(mine.fact.text, mine.terms, theirs.fact.text, theirs.terms),
    isUnreal: mine.cues.isUnreal,
    isOfNow: mine.cues.isOfNow,
    isOtherNameOfHead: common.isKnownHead && common.hasOtherName,
    isOtherPerson:
      !(mine.cues.isChange && common.hasCount && isCount(theirs)) &&
      areOfOtherSubjects(mine, theirs),
  };
};

const isSameStatement = (inputs: LinkInputs): boolean =>
  inputs.renewed + inputs.sameFrame > 0 || inputs.share >= minShareWithHint;

/** Shared terms besides the verb or noun that both begin with. */
const further = ({ shared, single }: LinkInputs): number => (single ? 0 : shared);

/** Whether a pair with a mere hint at a change has another value, the same verb, or much else in common. */
const isHinted = (inputs: LinkInputs): boolean =>
  inputs.hintValue + inputs.hintHead * further(inputs) + inputs.hintConcept * inputs.short > 0 ||
  (inputs.isOtherNameOfHead && inputs.short === 1) ||
  inputs.thingValue === 1 ||
  isSameStatement(inputs);

/** Whether two facts may have one subject: nothing speaks for two people, or for two things of a kind. */
const mayBeOfOneSubject = (inputs: LinkInputs): boolean => {
  if (inputs.isUnreal) return false;
  if (inputs.exchange) return true;
  if (inputs.isOtherPerson || inputs.isOtherThanCount || inputs.isOtherThing) return false;
  if (inputs.event && inputs.share < minShareOfEvent) return false;
  return (
    inputs.sameSubject + inputs.shared + inputs.sameKind > 0 ||
    inputs.sameConcept * inputs.otherValue > 0
  );
};

/** Whether the new fact has another name of one kind from now on, or another place of the thing. */
const isOtherOfKind = ({ sameKind, otherPlace, change, isOfNow, addition, event }: LinkInputs) =>
  addition === 0 && (sameKind * (change + Number(isOfNow)) > 0 || otherPlace * (1 - event) > 0);

/**
 * Whether a pair has what a replacement needs: words of a change and a common subject; with a mere hint at a change, another value or the same
 * verb, too; without either, another value of the same kind.
 */
export const mayReplace = (inputs: LinkInputs): boolean => {
  if (!mayBeOfOneSubject(inputs)) return false;
  if (inputs.exchange || isOtherOfKind(inputs)) return true;
  if (inputs.change) return inputs.shared + inputs.sameConcept + inputs.sameFrame > 0;
  if (inputs.hint) return inputs.addition === 0 && isHinted(inputs);
  const isAlike = inputs.shared + inputs.sameConcept * inputs.short > 0;
  const mayDiffer = isAlike && inputs.event + inputs.addition === 0;
  return ((inputs.isOtherAmount || inputs.thingValue === 1) && mayDiffer) || inputs.sameFrame === 1;
};
