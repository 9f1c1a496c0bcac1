import { type Inputs, isMatch } from './relevance-inputs.ts';

/**
 * Coefficients of the relevance of a candidate: log odds, but for the constant, which `marks` replace. The sums from which a
 * candidate scores 0.1 (`unrelated`) and 0.3 (`related`) are marks, too.
 */
export type RelevanceWeights = { readonly [input in keyof Inputs]: number } & {
  readonly marks: { readonly unrelated: number; readonly related: number };
};

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));
const logOdds = (share: number): number => Math.log(share / (1 - share));

/** Scores that callers compare with: below the first nothing is related, from the second on a memory is. */
const marks = { unrelated: logOdds(0.1), related: logOdds(0.3) };

/** Score of a sum of weighted inputs: the sums of the two marks get their scores, others keep their distance to the nearer mark. */
const scoreOf = (sum: number, { unrelated, related }: RelevanceWeights['marks']): number => {
  if (sum >= related) return logistic(sum - related + marks.related);
  if (sum <= unrelated) return logistic(sum - unrelated + marks.unrelated);
  const share = (sum - unrelated) / (related - unrelated);
  return logistic(marks.unrelated + share * (marks.related - marks.unrelated));
};

/** Relevance of a candidate, 0..1, and the part of it that is due to its context. */
export interface Relevance {
  score: number;
  context: number;
}

/**
 * Sum of what a text has by itself and of its context. Context alone relates no text to the query: one that is unrelated by itself
 * stays below the mark of related texts.
 */
const withContext = (
  own: number,
  around: number,
  { unrelated, related }: RelevanceWeights['marks'],
): number => {
  const sum = own + around;
  if (own >= unrelated || sum <= unrelated) return sum;
  return unrelated + (related - unrelated) * (1 - Math.exp(unrelated - sum));
};

const relevanceBy = (inputs: Inputs, weights: RelevanceWeights): Relevance => {
  const own =
    weights.bm25 * inputs.bm25 +
    weights.coverage * inputs.coverage +
    weights.cosine * inputs.cosine +
    weights.cosineFrom20 * inputs.cosineFrom20 +
    weights.confirmed * inputs.confirmed +
    weights.identifiers * inputs.identifiers +
    weights.unknownCode * inputs.unknownCode +
    weights.rareWords * inputs.rareWords +
    weights.names * inputs.names +
    weights.speaker * inputs.speaker +
    weights.time * inputs.time +
    weights.place * inputs.place +
    weights.amount * inputs.amount +
    weights.reason * inputs.reason +
    weights.specifics * inputs.specifics +
    weights.quotes * inputs.quotes +
    weights.ofKind * inputs.ofKind +
    weights.repeats * inputs.repeats +
    weights.anotherPerson * inputs.anotherPerson +
    weights.anotherCoverage * inputs.anotherCoverage +
    weights.asked * inputs.asked +
    weights.oneWord * inputs.oneWord +
    weights.length * inputs.length +
    weights.states * inputs.states;
  const around =
    weights.after * inputs.after +
    weights.session * inputs.session +
    weights.completedBefore * inputs.completedBefore +
    weights.completedAfter * inputs.completedAfter +
    weights.answers * inputs.answers +
    weights.cosinesAround * inputs.cosinesAround;
  const score = scoreOf(withContext(own, around, weights.marks), weights.marks);
  return { score, context: around > 0 ? score - scoreOf(own, weights.marks) : 0 };
};

/** Relevance of a candidate by the coefficients by which it is best; 0 if the candidate does not match the query at all. */
export const relevanceOf = (inputs: Inputs, all: readonly RelevanceWeights[]): Relevance => {
  let best: Relevance = { score: 0, context: 0 };
  if (!isMatch(inputs)) return best;
  for (const weights of all) {
    const relevance = relevanceBy(inputs, weights);
    if (relevance.score > best.score) best = relevance;
  }
  return best;
};

/**
 * Returns how far the best score of a query lowers the marks for its other candidates. A query about something that the memories know is
 * no nonsense, so its further answers need less evidence: a weak paraphrase, or the second of several.
 * @param by the lowering of a query that has an answer, as a sum of weighted inputs
 */
export const loweringBy = (best: number, by: number): number =>
  logOdds(best) >= marks.related ? by : 0;

/** Weights with lower marks. */
export const withLowerMarks = (weights: RelevanceWeights, by: number): RelevanceWeights => ({
  ...weights,
  marks: { unrelated: weights.marks.unrelated - by, related: weights.marks.related - by },
});

/** Score to show for a score by lower marks: clearly related texts keep the score of the usual marks, and the order stays. */
export const withoutLowering = (score: number, by: number): number => {
  const above = logOdds(score) - marks.related;
  if (by === 0 || above <= 0) return score;
  return logistic(marks.related + (above < 2 * by ? above / 2 : above - by));
};
