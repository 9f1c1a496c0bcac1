import type { ParsedFact } from './parsed-fact.ts';

/** Candidates looked at for one claim, the newest ones: work is bounded however much is alike. */
const maxCandidates = 2_000;

/** The same for texts that differ in numbers at most. */
const numberless = ({ words }: ParsedFact): string =>
  words.map((word) => (/^\d/.test(word) ? '#' : word)).join(' ');

const newestFirst = (positions: Iterable<number>): number[] =>
  [...positions].sort((a, b) => b - a).slice(0, maxCandidates);

/**
 * An inverted index of claims by position: what may agree or conflict with a claim is found without comparing it with all
 * of them. It finds too much rather than too little; old entries of a claim that was replaced stay.
 */
export const createKnownClaims = () => {
  const bySign = new Map<string, number[]>();
  /** Positions by each of their terms. */
  const byTerm = new Map<string, number[]>();
  /** Positions by the rarest of their terms alone. */
  const byRarest = new Map<string, number[]>();

  const file = (index: Map<string, number[]>, key: string, at: number): void => {
    const listed = index.get(key);
    if (listed) listed.push(at);
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

  const signsOf = (claim: ParsedFact): string[] => [
    `text ${claim.text}`,
    `words ${numberless(claim)}`,
    ...[...claim.slotsByKey.keys()].map((key) => `slot ${key}`),
  ];

  /** Positions of claims that hold all these terms, and of some more. */
  const withTerms = (terms: ReadonlySet<string>): readonly number[] => {
    const rarest = rarestOf(terms);
    return rarest === undefined ? [] : (byTerm.get(rarest) ?? []);
  };

  return {
    add(claim: ParsedFact, at: number): void {
      for (const sign of signsOf(claim)) file(bySign, sign, at);
      const rarest = rarestOf(claim.terms);
      if (rarest !== undefined) file(byRarest, rarest, at);
      for (const term of claim.terms) file(byTerm, term, at);
    },
    /** Positions of what may agree or conflict with a claim, newest first. */
    near(claim: ParsedFact): number[] {
      const found = new Set(withTerms(claim.terms));
      for (const sign of signsOf(claim)) for (const at of bySign.get(sign) ?? []) found.add(at);
      for (const term of claim.terms) for (const at of byRarest.get(term) ?? []) found.add(at);
      return newestFirst(found);
    },
    withTerms,
    withSlots: (claim: ParsedFact): readonly number[] =>
      [...claim.slotsByKey.keys()].flatMap((key) => bySign.get(`slot ${key}`) ?? []),
  };
};

export type KnownClaims = ReturnType<typeof createKnownClaims>;
