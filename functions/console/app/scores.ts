/** Part of a score as the playground shows it. */
export interface ScorePart {
  name: string;
  value: number;
  /** Length of its bar, 0 to 1. */
  share: number;
  explanation: string;
}

const explanations: readonly [part: string, name: string, max: number, explanation: string][] = [
  ['semantic', 'Meaning', 1, 'Cosine of the vectors of query and text; 0 when unknown.'],
  ['bm25', 'Words', 1, 'BM25 of the shared words, as a share of what the query could have.'],
  ['coverage', 'Coverage', 1, 'Share of the words of the query that the text has.'],
  ['entity', 'Speaker', 1, '1 if the query names whom the text names, or the speaker.'],
  ['identifiers', 'Numbers', 2, 'Numbers and codes of the query found exactly.'],
  ['rare_words', 'Rare words', 2, 'Shared words that hardly any other text has.'],
  ['context', 'Neighbours', 1, 'Part of the score due to neighbouring messages.'],
];

/** Explains each part of a `score_breakdown`, in a fixed order; parts without a name here come last. */
export const explainScore = (breakdown: { [part: string]: number }): ScorePart[] => {
  const known = explanations.flatMap(([part, name, max, explanation]) => {
    const value = breakdown[part];
    if (value === undefined) return [];
    return [{ name, value, share: Math.min(Math.max(value / max, 0), 1), explanation }];
  });
  const named = new Set(explanations.map(([part]) => part));
  const others = Object.entries(breakdown)
    .filter(([part]) => !named.has(part))
    .map(([name, value]) => ({
      name,
      value,
      share: Math.min(Math.max(value, 0), 1),
      explanation: 'A part of the score that this console does not know.',
    }));
  return [...known, ...others];
};

/** Meaning of a whole score, in one sentence. */
export const scoreInWords = (score: number): string => {
  if (score >= 0.7) return 'Surely related.';
  if (score >= 0.3) return 'Probably an answer: nine of ten right answers reach 0.3.';
  if (score >= 0.1) return 'Perhaps related: the default threshold is 0.1.';
  return 'Below the default threshold of 0.1.';
};
