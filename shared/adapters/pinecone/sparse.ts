import type { Weights } from '../../domain/memory/term-weights.ts';

/** Non-zero values that the service takes in one vector. */
const maxValues = 1_000;

export interface SparseVector {
  indices: number[];
  values: number[];
}

/** Undefined for no weights at all: the service takes no empty vector. */
export const sparseVector = (weights: Weights): SparseVector | undefined => {
  if (weights.size === 0) return undefined;
  const kept = [...weights].slice(0, maxValues).sort(([a], [b]) => a - b);
  return { indices: kept.map(([index]) => index), values: kept.map(([, weight]) => weight) };
};
