import { linkTerms } from './link-terms.ts';
import type { ParsedFact } from './parsed-fact.ts';

/** Bound on the candidates compared with one fact, so that the work stays bounded however many facts are alike. */
const maxCandidates = 2_000;

/** Bound on the facts that one term finds: a term of many facts says little. */
const maxSharing = 50;

/** Equal for texts that differ at most in numbers. */
const numberless = ({ words }: ParsedFact): string =>
  words.map((word) => (/^\d/.test(word) ? '#' : word)).join(' ');

const newestFirst = (positions: Iterable<number>): number[] =>
  [...positions].sort((a, b) => b - a).slice(0, maxCandidates);

/**
 * Inverted index of facts by position: finds candidates that may agree or conflict with a fact without comparing the fact
 * with all others. Returns false positives rather than missing a candidate; entries of a replaced fact stay.
 */
export const createKnownFacts = () => {
  const byKey = new Map<string, number[]>();
  /** Positions by each term of a fact. */
  const byTerm = new Map<string, number[]>();
  /** Positions by each term of the whole text, subject and parentheses included. */
  const byLinkTerm = new Map<string, number[]>();
  /** Positions by the rarest term of a fact alone. */
  const byRarestTerm = new Map<string, number[]>();

  const addTo = (index: Map<string, number[]>, key: string, at: number): void => {
    const positions = index.get(key);
    if (positions) positions.push(at);
    else index.set(key, [at]);
  };

  const rarestOf = (terms: ReadonlySet<string>): string | undefined => {
    let rarest: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const term of terms) {
      const count = byTerm.get(term)?.length ?? 0;
      if (count >= fewest) continue;
      rarest = term;
      fewest = count;
    }
    return rarest;
  };

  const keysOf = (fact: ParsedFact): string[] => [
    `text ${fact.text}`,
    `words ${numberless(fact)}`,
    ...[...fact.slotsByKey.keys()].map((key) => `slot ${key}`),
  ];

  /** Positions of all facts that have every one of these terms, and of some that do not. */
  const withTerms = (terms: ReadonlySet<string>): readonly number[] => {
    const rarest = rarestOf(terms);
    return rarest === undefined ? [] : (byTerm.get(rarest) ?? []);
  };

  return {
    add(fact: ParsedFact, at: number): void {
      for (const key of keysOf(fact)) addTo(byKey, key, at);
      const rarest = rarestOf(fact.terms);
      if (rarest !== undefined) addTo(byRarestTerm, rarest, at);
      for (const term of fact.terms) addTo(byTerm, term, at);
      for (const term of linkTerms(fact.text)) addTo(byLinkTerm, term, at);
    },
    /** Positions of facts that may agree or conflict with this one, newest first. */
    candidates(fact: ParsedFact): number[] {
      const found = new Set(withTerms(fact.terms));
      for (const key of keysOf(fact)) for (const at of byKey.get(key) ?? []) found.add(at);
      for (const term of fact.terms) for (const at of byRarestTerm.get(term) ?? []) found.add(at);
      return newestFirst(found);
    },
    withTerms,
    /** Positions of facts that share one of the terms with this one, newest first. */
    sharing: (terms: ReadonlySet<string>): number[] =>
      newestFirst(
        new Set([...terms].flatMap((term) => byLinkTerm.get(term)?.slice(-maxSharing) ?? [])),
      ),
    withSlots: (fact: ParsedFact): readonly number[] =>
      [...fact.slotsByKey.keys()].flatMap((key) => byKey.get(`slot ${key}`) ?? []),
  };
};

export type KnownFacts = ReturnType<typeof createKnownFacts>;
