import { analyze } from '../../../domain/memory/analyzer.ts';
import type { Slot } from '../slots/slot.ts';
import { itemsOf, sameValue } from '../slots/values.ts';
import { cutEnd } from '../text/cut-end.ts';
import type { KnownClaims } from './known-facts.ts';
import type { ParsedFact } from './parsed-fact.ts';

/** What a new claim does to the known ones; `at` is a position among them. */
export type Resolution =
  | { type: 'ADD' }
  | { type: 'NONE'; at: number; reason: string }
  | { type: 'UPDATE'; at: number; text: string }
  | { type: 'DELETE'; at: number };

const alreadyKnown = 'already known';

export const isSubset = (few: ReadonlySet<string>, many: ReadonlySet<string>): boolean => {
  if (few.size === 0 || few.size > many.size) return false;
  for (const term of few) if (!many.has(term)) return false;
  return true;
};

const isEqual = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && isSubset(a, b);

type ComparisonRule = (claim: ParsedFact, known: ParsedFact, at: number) => Resolution | undefined;

const known = (at: number): Resolution => ({ type: 'NONE', at, reason: alreadyKnown });

const duplicateRule: ComparisonRule = (claim, other, at) =>
  claim.negative === other.negative &&
  (claim.text === other.text || isEqual(claim.terms, other.terms)) &&
  !conflicts(claim, other)
    ? known(at)
    : undefined;

const conflicts = (claim: ParsedFact, other: ParsedFact): boolean =>
  claim.slots.some((slot) =>
    other.slotsByKey
      .get(slot.key)
      ?.some((knownSlot) => knownSlot.value !== slot.value || knownSlot.ended !== slot.ended),
  );

/** The one that says more wins; neither is lost when each says something of its own. */
const sameSaid = (claim: ParsedFact, other: ParsedFact, at: number): Resolution | undefined => {
  if (isSubset(claim.terms, other.terms)) return known(at);
  return isSubset(other.terms, claim.terms) && claim.slots.length >= other.slots.length
    ? { type: 'UPDATE', at, text: claim.text }
    : undefined;
};

const endedSlot = (
  slot: Slot,
  knownSlot: Slot,
  claim: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (knownSlot.ended)
    return slot.event === true || slot.value === knownSlot.value ? known(at) : undefined;
  if (slot.value !== '' && knownSlot.value !== '' && !sameValue(slot.value, knownSlot.value))
    return undefined;
  return slot.event ? { type: 'UPDATE', at, text: claim.text } : { type: 'DELETE', at };
};

const onlyTaste = (claim: ParsedFact): boolean => claim.slots.length === 1;

const likings =
  /^(?=.*$)(.*?\b(?:likes|loves|enjoys|adores|prefers|fan of|into|fond of|about|hates|dislikes)) (.+)$/i;

/** A dislike of one thing in a list of likes leaves the others liked. */
const withoutTaste = (claim: ParsedFact, slot: Slot, other: ParsedFact): string => {
  const [, liking = '', list = ''] = likings.exec(cutEnd(other.text, /[.\s]/)) ?? [];
  const rest = itemsOf(list).filter((item) => `taste:${analyze(item).join(' ')}` !== slot.key);
  const predicate = claim.text.slice(claim.subject.length).trimStart();
  return onlyTaste(other) || rest.length === 0
    ? claim.text
    : `${liking} ${rest.join(' and ')} but ${predicate}`;
};

const tasteAgainst = (
  slot: Slot,
  knownSlot: Slot,
  claim: ParsedFact,
  other: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (slot.value !== knownSlot.value)
    return { type: 'UPDATE', at, text: withoutTaste(claim, slot, other) };
  return onlyTaste(claim) ? known(at) : undefined;
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

const slotAgainst = (
  slot: Slot,
  knownSlot: Slot,
  claim: ParsedFact,
  other: ParsedFact,
  at: number,
): Resolution | undefined => {
  if (slot.ended) return endedSlot(slot, knownSlot, claim, at);
  if (slot.key.startsWith('taste:')) return tasteAgainst(slot, knownSlot, claim, other, at);
  const replaced: Resolution = { type: 'UPDATE', at, text: claim.text };
  if (knownSlot.ended) return slot.one || knownSlot.event ? replaced : undefined;
  if (agree(slot, knownSlot)) return sameSaid(claim, other, at);
  return slot.one ? replaced : undefined;
};

const bySlots: ComparisonRule = (claim, other, at) => {
  for (const slot of claim.slots) {
    const [knownSlot] = other.slotsByKey.get(slot.key) ?? [];
    const result = knownSlot ? slotAgainst(slot, knownSlot, claim, other, at) : undefined;
    if (result) return result;
  }
  return undefined;
};

/** "no longer smokes" against "smokes", either way round; "never did" takes back what was said to be. */
const byNegation: ComparisonRule = (claim, other, at) => {
  if (claim.negative === other.negative || claim.slots.some(({ ended }) => !ended))
    return undefined;
  if (!isSubset(other.terms, claim.terms) || other.terms.size * 2 < claim.terms.size)
    return undefined;
  return /\bnever \w+ed\b|\bdid not\b/.test(claim.text)
    ? { type: 'DELETE', at }
    : { type: 'UPDATE', at, text: claim.text };
};

const year = /\b(?:19|20)\d\d\b/;
const digits = /^\d/;

/** "wakes up at 7 am" after "wakes up at 6 am": a habit with another number. */
const byNumber: ComparisonRule = (claim, other, at) => {
  if (claim.words.length !== other.words.length || claim.words.length < 4) return undefined;
  if (year.test(claim.text) || year.test(other.text) || !/^\S+(?:'s \S+)? \w+s\b/.test(claim.text))
    return undefined;
  const [mine, theirs] = [claim.words, other.words];
  const changed = mine.filter((word, i) => word !== theirs[i]);
  const all =
    changed.length > 0 &&
    mine.every(
      (word, i) => word === theirs[i] || (digits.test(word) && digits.test(theirs[i] ?? '')),
    );
  return all ? { type: 'UPDATE', at, text: claim.text } : undefined;
};

const byInclusion: ComparisonRule = (claim, other, at) => {
  if (claim.negative !== other.negative || conflicts(claim, other)) return undefined;
  if (claim.terms.size >= 3 && isSubset(claim.terms, other.terms) && claim.slots.length === 0)
    return known(at);
  const richer =
    other.terms.size >= 3 &&
    claim.terms.size - other.terms.size <= 4 &&
    isSubset(other.terms, claim.terms);
  return richer && other.slots.length === 0 ? { type: 'UPDATE', at, text: claim.text } : undefined;
};

const readers: readonly ComparisonRule[] = [
  duplicateRule,
  bySlots,
  byNegation,
  byNumber,
  byInclusion,
];

/** The claim at a position, if it still stands. */
export type ClaimAt = (position: number) => ParsedFact | undefined;

/** Compares slots, negation and shared words, the newest known claim first; without a sign of conflict a claim is new. */
export const reconcile = (claim: ParsedFact, known: KnownClaims, claimAt: ClaimAt): Resolution => {
  const near = known.near(claim);
  for (const read of readers)
    for (const at of near) {
      const other = claimAt(at);
      const result = other && other.subject === claim.subject ? read(claim, other, at) : undefined;
      if (result) return result;
    }
  return { type: 'ADD' };
};

/** Positions of the claims that say what is to be forgotten, oldest first. */
export const matching = (claim: ParsedFact, known: KnownClaims, claimAt: ClaimAt): number[] => {
  const near = new Set([...known.withSlots(claim), ...known.withTerms(claim.terms)]);
  const holds = (other: ParsedFact | undefined): boolean => {
    if (!other || other.subject !== claim.subject) return false;
    const slot = claim.slots.some((mine) =>
      other.slotsByKey.get(mine.key)?.some((knownSlot) => sameValue(knownSlot.value, mine.value)),
    );
    return slot || isSubset(claim.terms, other.terms);
  };
  return [...near].filter((at) => holds(claimAt(at))).sort((a, b) => a - b);
};
