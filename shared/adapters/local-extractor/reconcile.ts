import { termsOf } from '../../domain/terms.ts';
import type { Claim } from './claim.ts';
import { cutEnd } from './cut-end.ts';
import type { KnownClaims } from './known-claims.ts';
import type { Slot } from './slot.ts';
import { itemsOf, sameValue } from './slot-values.ts';

/** What a new claim does to the known ones; `at` is a position among them. */
export type Verdict =
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

type Reader = (claim: Claim, known: Claim, at: number) => Verdict | undefined;

const known = (at: number): Verdict => ({ type: 'NONE', at, reason: alreadyKnown });

const repeats: Reader = (claim, other, at) =>
  claim.negative === other.negative &&
  (claim.text === other.text || isEqual(claim.terms, other.terms)) &&
  !conflicts(claim, other)
    ? known(at)
    : undefined;

const conflicts = (claim: Claim, other: Claim): boolean =>
  claim.slots.some((slot) =>
    other.slotsByKey
      .get(slot.key)
      ?.some((held) => held.value !== slot.value || held.ended !== slot.ended),
  );

/** The one that says more wins; neither is lost when each says something of its own. */
const sameSaid = (claim: Claim, other: Claim, at: number): Verdict | undefined => {
  if (isSubset(claim.terms, other.terms)) return known(at);
  return isSubset(other.terms, claim.terms) && claim.slots.length >= other.slots.length
    ? { type: 'UPDATE', at, text: claim.text }
    : undefined;
};

const endedSlot = (slot: Slot, held: Slot, claim: Claim, at: number): Verdict | undefined => {
  if (held.ended) return slot.event === true || slot.value === held.value ? known(at) : undefined;
  if (slot.value !== '' && held.value !== '' && !sameValue(slot.value, held.value))
    return undefined;
  return slot.event ? { type: 'UPDATE', at, text: claim.text } : { type: 'DELETE', at };
};

const onlyTaste = (claim: Claim): boolean => claim.slots.length === 1;

const likings =
  /^(?=.*$)(.*?\b(?:likes|loves|enjoys|adores|prefers|fan of|into|fond of|about|hates|dislikes)) (.+)$/i;

/** A dislike of one thing in a list of likes leaves the others liked. */
const withoutTaste = (claim: Claim, slot: Slot, other: Claim): string => {
  const [, liking = '', list = ''] = likings.exec(cutEnd(other.text, /[.\s]/)) ?? [];
  const rest = itemsOf(list).filter((item) => `taste:${termsOf(item).join(' ')}` !== slot.key);
  const predicate = claim.text.slice(claim.subject.length).trimStart();
  return onlyTaste(other) || rest.length === 0
    ? claim.text
    : `${liking} ${rest.join(' and ')} but ${predicate}`;
};

const tasteAgainst = (
  slot: Slot,
  held: Slot,
  claim: Claim,
  other: Claim,
  at: number,
): Verdict | undefined => {
  if (slot.value !== held.value)
    return { type: 'UPDATE', at, text: withoutTaste(claim, slot, other) };
  return onlyTaste(claim) ? known(at) : undefined;
};

const agree = (slot: Slot, held: Slot): boolean => {
  if (slot.value === held.value) return true;
  if (slot.key.startsWith('has:')) return held.value === '' || slot.value === '';
  return (
    slot.one &&
    slot.key !== 'role' &&
    slot.value !== '' &&
    held.value !== '' &&
    sameValue(slot.value, held.value)
  );
};

const slotAgainst = (
  slot: Slot,
  held: Slot,
  claim: Claim,
  other: Claim,
  at: number,
): Verdict | undefined => {
  if (slot.ended) return endedSlot(slot, held, claim, at);
  if (slot.key.startsWith('taste:')) return tasteAgainst(slot, held, claim, other, at);
  const replaced: Verdict = { type: 'UPDATE', at, text: claim.text };
  if (held.ended) return slot.one || held.event ? replaced : undefined;
  if (agree(slot, held)) return sameSaid(claim, other, at);
  return slot.one ? replaced : undefined;
};

const bySlots: Reader = (claim, other, at) => {
  for (const slot of claim.slots) {
    const [held] = other.slotsByKey.get(slot.key) ?? [];
    const verdict = held ? slotAgainst(slot, held, claim, other, at) : undefined;
    if (verdict) return verdict;
  }
  return undefined;
};

/** "no longer smokes" against "smokes", either way round; "never did" takes back what was said to be. */
const byNegation: Reader = (claim, other, at) => {
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
const byNumber: Reader = (claim, other, at) => {
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

const byInclusion: Reader = (claim, other, at) => {
  if (claim.negative !== other.negative || conflicts(claim, other)) return undefined;
  if (claim.terms.size >= 3 && isSubset(claim.terms, other.terms) && claim.slots.length === 0)
    return known(at);
  const richer =
    other.terms.size >= 3 &&
    claim.terms.size - other.terms.size <= 4 &&
    isSubset(other.terms, claim.terms);
  return richer && other.slots.length === 0 ? { type: 'UPDATE', at, text: claim.text } : undefined;
};

const readers: readonly Reader[] = [repeats, bySlots, byNegation, byNumber, byInclusion];

/** The claim at a position, if it still stands. */
export type ClaimAt = (position: number) => Claim | undefined;

/** Compares slots, negation and shared words, the newest known claim first; without a sign of conflict a claim is new. */
export const reconcile = (claim: Claim, known: KnownClaims, claimAt: ClaimAt): Verdict => {
  const near = known.near(claim);
  for (const read of readers)
    for (const at of near) {
      const other = claimAt(at);
      const verdict = other && other.subject === claim.subject ? read(claim, other, at) : undefined;
      if (verdict) return verdict;
    }
  return { type: 'ADD' };
};

/** Positions of the claims that say what is to be forgotten, oldest first. */
export const matching = (claim: Claim, known: KnownClaims, claimAt: ClaimAt): number[] => {
  const near = new Set([...known.withSlots(claim), ...known.withTerms(claim.terms)]);
  const holds = (other: Claim | undefined): boolean => {
    if (!other || other.subject !== claim.subject) return false;
    const slot = claim.slots.some((mine) =>
      other.slotsByKey.get(mine.key)?.some((held) => sameValue(held.value, mine.value)),
    );
    return slot || isSubset(claim.terms, other.terms);
  };
  return [...near].filter((at) => holds(claimAt(at))).sort((a, b) => a - b);
};
