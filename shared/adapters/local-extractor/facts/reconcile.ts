import { analyze } from '../../../domain/memory/analyzer.ts';
import type { Slot } from '../slots/slot.ts';
import { itemsOf, sameValue } from '../slots/slot.ts';
import { cutEnd } from '../text/clean-text.ts';
import type { KnownFacts } from './known-facts.ts';
import { haveOtherOwners } from './owners.ts';
import type { ParsedFact } from './parsed-fact.ts';

/** Effect of a new fact on the known ones; `at` is the position of a known fact. */
export type Resolution =
  | { type: 'ADD' }
  | { type: 'NONE'; at: number; reason: string }
  | { type: 'UPDATE'; at: number; text: string }
  | { type: 'DELETE'; at: number };

export const isSubset = (few: ReadonlySet<string>, many: ReadonlySet<string>): boolean => {
  if (few.size === 0 || few.size > many.size) return false;
  for (const term of few) if (!many.has(term)) return false;
  return true;
};

const isEqual = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && isSubset(a, b);

/** Compares a new fact with a known one; undefined when the rule does not apply. */
type ComparisonRule = (fact: ParsedFact, other: ParsedFact, at: number) => Resolution | undefined;

const alreadyKnown = (at: number): Resolution => ({ type: 'NONE', at, reason: 'already known' });

/** Words without a stem of their own that turn the meaning round, and those that only shift it. */
const turning = /^(?:before|after|with|without|on|off|up|down|above|below|over|under)$/;
const frequency =
  /^(?:other|second|third|once|twice|daily|weekly|monthly|yearly|half|out|off|back|over|again)$/;
const shifting = /^(?:to|from|in|out|into|than|like|by|for|against|his|her|their|my|our|not)$/;

const differIn = (pattern: RegExp, { words: mine }: ParsedFact, { words: theirs }: ParsedFact) => {
  const [a, b] = [mine, theirs].map((words) => words.filter((word) => pattern.test(word)));
  return a?.length === b?.length && a?.some((word, at) => word !== b?.[at]) === true;
};

const wordsLike = (pattern: RegExp, { words }: ParsedFact): string =>
  words.filter((word) => pattern.test(word)).join(' ');

/** "before work" after "after work" replaces it; "to Rome" beside "from Rome" is another fact. */
const duplicateRule: ComparisonRule = (fact, other, at) => {
  if (fact.negative !== other.negative || conflicts(fact, other)) return undefined;
  if (fact.text === other.text) return alreadyKnown(at);
  if (!isEqual(fact.terms, other.terms)) return undefined;
  if (differIn(turning, fact, other) || wordsLike(frequency, fact) !== wordsLike(frequency, other))
    return { type: 'UPDATE', at, text: fact.text };
  return differIn(shifting, fact, other) ? undefined : alreadyKnown(at);
};

const conflicts = (fact: ParsedFact, other: ParsedFact): boolean =>
  fact.slots.some((slot) =>
    other.slotsByKey
      .get(slot.key)
      ?.some((knownSlot) => knownSlot.value !== slot.value || knownSlot.ended !== slot.ended),
  );

/** Keeps the more specific of two agreeing facts. Both stay when each says something that the other lacks. */
const moreSpecific = (fact: ParsedFact, other: ParsedFact, at: number): Resolution | undefined => {
  if (isSubset(fact.terms, other.terms)) return alreadyKnown(at);
  return isSubset(other.terms, fact.terms) && fact.slots.length >= other.slots.length
    ? { type: 'UPDATE', at, text: fact.text }
    : undefined;
};

const resolveEndedSlot = (
  slot: Slot,
  knownSlot: Slot,
  fact: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (knownSlot.ended)
    return slot.event === true || slot.value === knownSlot.value ? alreadyKnown(at) : undefined;
  if (slot.value !== '' && knownSlot.value !== '' && !sameValue(slot.value, knownSlot.value))
    return undefined;
  return slot.event ? { type: 'UPDATE', at, text: fact.text } : { type: 'DELETE', at };
};

const hasOneSlot = (fact: ParsedFact): boolean => fact.slots.length === 1;

const likings =
  /^(?=.*$)(.*?\b(?:likes|loves|enjoys|adores|prefers|fan of|into|fond of|about|hates|dislikes)) (.+)$/i;

/** Text of a list of likes after a dislike of one item: the other items stay liked. */
const withoutTaste = (fact: ParsedFact, slot: Slot, other: ParsedFact): string => {
  const [, liking = '', list = ''] = likings.exec(cutEnd(other.text, /[.\s]/)) ?? [];
  const rest = itemsOf(list).filter((item) => `taste:${analyze(item).join(' ')}` !== slot.key);
  const predicate = fact.text.slice(fact.subject.length).trimStart();
  return hasOneSlot(other) || rest.length === 0
    ? fact.text
    : `${liking} ${rest.join(' and ')} but ${predicate}`;
};

const resolveTaste = (
  slot: Slot,
  knownSlot: Slot,
  fact: ParsedFact,
  other: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (slot.value !== knownSlot.value)
    return { type: 'UPDATE', at, text: withoutTaste(fact, slot, other) };
  return hasOneSlot(fact) ? alreadyKnown(at) : undefined;
};

const agree = (slot: Slot, knownSlot: Slot): boolean => {
  if (slot.value === knownSlot.value) return true;
  if (slot.key.startsWith('has:')) return knownSlot.value === '' || slot.value === '';
  return (
    slot.one &&
    slot.key !== 'role' &&
    slot.value !== '' &&
    knownSlot.value !== '' &&
    sameValue(slot.value, knownSlot.value)
  );
};

const resolveSlot = (
  slot: Slot,
  knownSlot: Slot,
  fact: ParsedFact,
  other: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (slot.ended) return resolveEndedSlot(slot, knownSlot, fact, at);
  if (slot.key.startsWith('taste:')) return resolveTaste(slot, knownSlot, fact, other, at);
  const replaced: Resolution = { type: 'UPDATE', at, text: fact.text };
  if (knownSlot.ended) return slot.one || knownSlot.event ? replaced : undefined;
  if (agree(slot, knownSlot)) return moreSpecific(fact, other, at);
  return slot.one ? replaced : undefined;
};

const slotRule: ComparisonRule = (fact, other, at) => {
  for (const slot of fact.slots) {
    const [knownSlot] = other.slotsByKey.get(slot.key) ?? [];
    const result = knownSlot ? resolveSlot(slot, knownSlot, fact, other, at) : undefined;
    if (result) return result;
  }
  return undefined;
};

/** "no longer smokes" against "smokes", and vice versa. "Never did" deletes the known fact instead of updating it. */
const negationRule: ComparisonRule = (fact, other, at) => {
  if (haveOtherOwners(fact.text, other.text)) return undefined;
  if (fact.negative === other.negative || fact.slots.some(({ ended }) => !ended)) return undefined;
  if (!isSubset(other.terms, fact.terms) || other.terms.size * 2 < fact.terms.size)
    return undefined;
  return /\bnever \w+ed\b|\bdid not\b/.test(fact.text)
    ? { type: 'DELETE', at }
    : { type: 'UPDATE', at, text: fact.text };
};

const year = /\b(?:19|20)\d\d\b/;
const digits = /^\d/;
/** A note of an amount: "Insulin 24 units". */
const ofDose =
  /^(?:User takes |Takes )?[\p{L} -]{3,30} \d[\d.,]* ?(?:mg|mcg|ml|units?|pills?|tablets?|puffs?|drops?|g)\b/iu;

/** Words in front of an amount or a time; a number behind a noun ("ticket 12") names one thing of several. */
const beforeAmount = /^(?:at|for|from|to|until|till|by|about|around|of|over|under|than|\p{L}+s)$/u;

/** "wakes up at 7 am" after "wakes up at 6 am": a habit with another number. */
const numberRule: ComparisonRule = (fact, other, at) => {
  if (fact.words.length !== other.words.length || year.test(fact.text) || year.test(other.text))
    return undefined;
  const isHabit = fact.words.length >= 4 && /^\S+(?:'s \S+)? \w+s\b/.test(fact.text);
  if (!isHabit && !ofDose.test(fact.text)) return undefined;
  const [mine, theirs] = [fact.words, other.words];
  const changed = mine.filter((word, i) => word !== theirs[i]);
  const all =
    changed.length > 0 &&
    mine.every(
      (word, i) =>
        word === theirs[i] ||
        (digits.test(word) &&
          digits.test(theirs[i] ?? '') &&
          (!isHabit || beforeAmount.test(mine[i - 1] ?? ''))),
    );
  return all ? { type: 'UPDATE', at, text: fact.text } : undefined;
};

const inclusionRule: ComparisonRule = (fact, other, at) => {
  if (fact.negative !== other.negative || conflicts(fact, other)) return undefined;
  if (isEqual(fact.terms, other.terms) && differIn(shifting, fact, other)) return undefined;
  if (fact.terms.size >= 3 && isSubset(fact.terms, other.terms) && fact.slots.length === 0)
    return alreadyKnown(at);
  const richer =
    other.terms.size >= 3 &&
    fact.terms.size - other.terms.size <= 4 &&
    isSubset(other.terms, fact.terms);
  return richer && other.slots.length === 0 ? { type: 'UPDATE', at, text: fact.text } : undefined;
};

const rules: readonly ComparisonRule[] = [
  duplicateRule,
  slotRule,
  negationRule,
  numberRule,
  inclusionRule,
];

/** Returns the fact at a position; undefined when that fact is not to be compared. */
export type FactAt = (position: number) => ParsedFact | undefined;

/**
 * Compares a fact with the known ones by slots, negation and shared words. The rules run in order, each over all
 * candidates from the newest on, and the first match decides. A fact without a match is new.
 */
export const reconcile = (fact: ParsedFact, known: KnownFacts, factAt: FactAt): Resolution => {
  const candidates = known.candidates(fact);
  for (const rule of rules)
    for (const at of candidates) {
      const other = factAt(at);
      const result = other && other.subject === fact.subject ? rule(fact, other, at) : undefined;
      if (result) return result;
    }
  return { type: 'ADD' };
};

/** Positions of known facts that state the given one, oldest first. */
export const matchingFacts = (fact: ParsedFact, known: KnownFacts, factAt: FactAt): number[] => {
  const candidates = new Set([...known.withSlots(fact), ...known.withTerms(fact.terms)]);
  const states = (other: ParsedFact | undefined): boolean => {
    if (!other || other.subject !== fact.subject) return false;
    const slot = fact.slots.some((mine) =>
      other.slotsByKey.get(mine.key)?.some((knownSlot) => sameValue(knownSlot.value, mine.value)),
    );
    return slot || isSubset(fact.terms, other.terms);
  };
  return [...candidates].filter((at) => states(factAt(at))).sort((a, b) => a - b);
};
