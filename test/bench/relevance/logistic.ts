/** An example: its features, whether it is positive, and its weight. */
export interface Example {
  features: readonly number[];
  positive: boolean;
  weight: number;
}

/** Coefficients of the features after that of the intercept. */
export type Coefficients = readonly number[];

const maxSteps = 50;
const smallestStep = 1e-9;
/** Keeps the system solvable. */
const smallestPenalty = 1e-9;

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Probability of an example under a model. */
export const probability = (model: Coefficients, features: readonly number[]): number =>
  1 / (1 + Math.exp(-dot(model, [1, ...features])));

const addScaled = (a: readonly number[], b: readonly number[], factor: number): number[] =>
  a.map((value, i) => value + factor * (b[i] ?? 0));

/** Solves a system of linear equations with a positive definite matrix by Gaussian elimination. */
const solve = (matrix: readonly (readonly number[])[], right: readonly number[]): number[] => {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (const [i, pivot] of rows.entries())
    for (let j = i + 1; j < rows.length; j++) {
      const row = rows[j] ?? [];
      rows[j] = addScaled(row, pivot, -(row[i] ?? 0) / (pivot[i] ?? 1));
    }
  const solution = rows.map(() => 0);
  for (const [i, row] of [...rows.entries()].reverse())
    solution[i] = ((row.at(-1) ?? 0) - dot(row.slice(0, -1), solution)) / (row[i] ?? 1);
  return solution;
};

/** One step of Newton's method towards the maximum of the penalized likelihood. */
const newtonStep = (
  model: Coefficients,
  examples: readonly Example[],
  penalties: readonly number[],
): number[] => {
  let gradient = model.map((value, i) => -(penalties[i] ?? 0) * value);
  let hessian = penalties.map((penalty, i) => penalties.map((_, j) => (i === j ? penalty : 0)));
  for (const { features, positive, weight } of examples) {
    const p = probability(model, features);
    const inputs = [1, ...features];
    gradient = addScaled(gradient, inputs, weight * ((positive ? 1 : 0) - p));
    hessian = hessian.map((row, i) =>
      addScaled(row, inputs, weight * p * (1 - p) * (inputs[i] ?? 0)),
    );
  }
  return solve(hessian, gradient);
};

/**
 * Fits a logistic regression with an L2 penalty on all coefficients but the intercept, by Newton's method. Deterministic:
 * the same examples give the same coefficients.
 */
export const fitLogistic = (examples: readonly Example[], penalty: number): Coefficients => {
  const penalties = [smallestPenalty, ...(examples[0]?.features ?? []).map(() => penalty)];
  let model: Coefficients = penalties.map(() => 0);
  for (let step = 0; step < maxSteps; step++) {
    const change = newtonStep(model, examples, penalties);
    model = addScaled(model, change, 1);
    if (Math.max(...change.map(Math.abs)) < smallestStep) break;
  }
  return model;
};
