import type { AskedQuery } from './feature-rows.ts';

/** Coefficients of the inputs after that of the intercept. */
export type Coefficients = readonly number[];

export interface FitOptions {
  /** Weight of all unrelated items together, and of all items of nonsense, when all right ones weigh 1. */
  unrelated: number;
  nonsense: number;
  /** Weight of the ranking of the LoCoMo questions. */
  ranking: number;
  /** Keeps coefficients small, on which the queries do not agree. */
  penalty: number;
  /** Coefficients that are not fitted, by position; others are not negative, but for those in `signed`, as the intercept should be. */
  fixed: ReadonlyMap<number, number>;
  signed: ReadonlySet<number>;
  /** Coefficients to begin with, near the result: fewer steps are taken. */
  start?: Coefficients;
}

const epochs = { all: 250, near: 80 };
/** Adam (Kingma and Ba, 2015). */
const step = { rate: 0.25, momentum: 0.9, scale: 0.98, smallest: 1e-8 };
const start = { intercept: -5, other: 0.5 };

/** Log odds of the inputs of one candidate. */
const logitOf = (model: Coefficients, row: readonly number[]): number => {
  let logit = model[0] ?? 0;
  for (let i = 0; i < row.length; i++) logit += (model[i + 1] ?? 0) * (row[i] ?? 0);
  return logit;
};

export const probability = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** The candidate of an item with the highest log odds. */
const bestOf = (model: Coefficients, rows: readonly (readonly number[])[]) => {
  let best: { row: readonly number[]; logit: number } | undefined;
  for (const row of rows) {
    const logit = logitOf(model, row);
    if (!best || logit > best.logit) best = { row, logit };
  }
  return best;
};

/** Log odds of an item; without a candidate that matches it is never found. */
export const itemLogit = (model: Coefficients, { rows }: AskedQuery['items'][number]): number =>
  bestOf(model, rows)?.logit ?? Number.NEGATIVE_INFINITY;

type Add = (row: readonly number[], factor: number) => void;

/** Gradient of the log likelihood of the labels of one query. */
const addLabels = (
  model: Coefficients,
  { items }: AskedQuery,
  weights: ReadonlyMap<string, number>,
  add: Add,
): void => {
  for (const { label, rows } of items) {
    const weight = weights.get(label) ?? 0;
    const best = weight > 0 ? bestOf(model, rows) : undefined;
    if (best) add(best.row, weight * ((label === 'right' ? 1 : 0) - probability(best.logit)));
  }
};

/** Gradient of the log likelihood that a right item is drawn, where the odds of all items of the query are compared. */
const addRanking = (model: Coefficients, { items }: AskedQuery, weight: number, add: Add): void => {
  const scored = items.flatMap(({ label, rows }) => {
    const best = bestOf(model, rows);
    return best ? [{ label, ...best }] : [];
  });
  const right = scored.filter(({ label }) => label === 'right');
  if (right.length === 0) return;
  const highest = Math.max(...scored.map(({ logit }) => logit));
  const total = scored.reduce((sum, { logit }) => sum + Math.exp(logit - highest), 0);
  for (const { row } of right) add(row, weight / right.length);
  for (const { row, logit } of scored) add(row, (-weight * Math.exp(logit - highest)) / total);
};

/** Weights of the items by their label, so that all of one label together weigh as much as the options say. */
const weightsOf = (
  labelled: readonly AskedQuery[],
  { unrelated, nonsense }: FitOptions,
): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { label } of labelled.flatMap(({ items }) => items))
    counts.set(label, (counts.get(label) ?? 0) + 1);
  const shares = Object.entries({ right: 1, unrelated, nonsense });
  return new Map(
    shares.map(([label, weight]) => [label, weight / Math.max(1, counts.get(label) ?? 0)]),
  );
};

/** Returns a function that takes one step along a gradient. */
const createAdam = (
  model: number[],
  { fixed, signed, penalty, start: near }: FitOptions,
): ((gradient: Float64Array, epoch: number, epochs: number) => void) => {
  const mean = new Float64Array(model.length);
  const square = new Float64Array(model.length);
  const penalties = model.map((_, i) => (i === 0 ? 0 : penalty));
  const smallest = model.map((_, i) => (signed.has(i) ? Number.NEGATIVE_INFINITY : 0));
  /** Running means of the slope and of its square, each corrected for its start at 0. */
  const average = (means: Float64Array, i: number, value: number, keep: number, epoch: number) => {
    means[i] = keep * (means[i] ?? 0) + (1 - keep) * value;
    return (means[i] ?? 0) / (1 - keep ** epoch);
  };
  return (gradient, epoch, steps) => {
    const rate = (near ? step.rate / 5 : step.rate) * Math.min(1, 3 * (1 - epoch / steps) + 0.01);
    for (const [i, value] of model.entries()) {
      const slope = (gradient[i] ?? 0) - (penalties[i] ?? 0) * value;
      const direction = average(mean, i, slope, step.momentum, epoch);
      const spread = Math.sqrt(average(square, i, slope ** 2, step.scale, epoch));
      const next = value + (rate * direction) / (spread + step.smallest);
      if (!fixed.has(i)) model[i] = Math.max(smallest[i] ?? 0, next);
    }
  };
};

/**
 * Fits one linear model of the log odds to both benchmarks: a logistic regression on the labels of bench:relevance, and the
 * order of LoCoMo's turns within each question (ListNet). Deterministic.
 */
export const fitModel = (queries: readonly AskedQuery[], options: FitOptions): Coefficients => {
  const labelled = queries.filter(({ bench }) => bench === 'relevance');
  const ranked = queries.filter(({ bench }) => bench === 'locomo');
  const weights = weightsOf(labelled, options);
  const inputs = queries.flatMap(({ items }) => items).find(({ rows }) => rows.length > 0)?.rows[0];
  const gradient = new Float64Array(1 + (inputs?.length ?? 0));
  const model = [
    ...(options.start ?? Array.from(gradient, (_, i) => (i === 0 ? start.intercept : start.other))),
  ];
  for (const [i, value] of options.fixed) model[i] = value;
  const add: Add = (row, factor) => {
    gradient[0] = (gradient[0] ?? 0) + factor;
    for (let i = 0; i < row.length; i++)
      gradient[i + 1] = (gradient[i + 1] ?? 0) + factor * (row[i] ?? 0);
  };
  const advance = createAdam(model, options);
  const steps = options.start ? epochs.near : epochs.all;
  for (let epoch = 1; epoch <= steps; epoch++) {
    gradient.fill(0);
    for (const query of labelled) addLabels(model, query, weights, add);
    for (const query of ranked) addRanking(model, query, options.ranking / ranked.length, add);
    advance(gradient, epoch, steps);
  }
  return model;
};
