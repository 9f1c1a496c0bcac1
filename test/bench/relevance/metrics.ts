/** Scores of one question's right answers and of the user's unrelated facts; 0 for a fact that was not found. */
export interface Outcome {
  right: readonly number[];
  unrelated: readonly number[];
}

/** Score from which a memory counts as clearly related. */
const relatedFrom = 0.3;

const share = <T>(items: readonly T[], passes: (item: T) => boolean): number =>
  items.length === 0 ? Number.NaN : items.filter(passes).length / items.length;

const best = (scores: readonly number[]): number => Math.max(0, ...scores);

const winsOver = (score: number, other: number): number =>
  score > other ? 1 : score === other ? 0.5 : 0;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Computes the probability that the score of a right answer, of any question, is above the best score of an unrelated fact,
 * of any other or the same question. Ties count half. All pairs are pooled, so the scores must mean the same for all queries.
 */
export const pooledAuc = (outcomes: readonly Outcome[]): number => {
  const rights = outcomes.flatMap(({ right }) => right);
  const worst = outcomes.map(({ unrelated }) => best(unrelated));
  return mean(rights.map((score) => mean(worst.map((other) => winsOver(score, other)))));
};

/** Shares, each 0..1, of questions with their right answers and unrelated facts. */
export const summarize = (outcomes: readonly Outcome[]) => ({
  questions: outcomes.length,
  /** Right answers at or above `relatedFrom`. */
  kept: share(
    outcomes.flatMap(({ right }) => right),
    (score) => score >= relatedFrom,
  ),
  /** Pairs of a question and an unrelated fact below `relatedFrom`. */
  dropped: share(
    outcomes.flatMap(({ unrelated }) => unrelated),
    (score) => score < relatedFrom,
  ),
  auc: pooledAuc(outcomes),
  /** Questions whose best right answer is above their own best unrelated fact; ties count half. */
  first: mean(outcomes.map(({ right, unrelated }) => winsOver(best(right), best(unrelated)))),
});

/** Value that the given share of the values is at or below. */
export const quantile = (values: readonly number[], at: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN;
};

/** Formats a share in percent. */
export const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
