/** Value that this share of the values stays below. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Prints a figure of a benchmark beside its target. */
export const report = (name: string, figure: string, target: string): void =>
  console.log(`bench ${name}: ${figure} (target ${target})`);
