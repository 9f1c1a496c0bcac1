/** Cosine of the angle between two vectors; 0 when their lengths differ or one is zero. */
export const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return 0;
  let dot = 0;
  let normA = 0;
  let normB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    normA += x * x;
    normB += y * y;
  }
  return normA === 0 || normB === 0 ? 0 : dot / Math.sqrt(normA * normB);
};

/**
 * Dot product of a vector with as many values of `others` from `start` on. This is the hot loop of every search: four
 * independent sums let the processor overlap additions.
 */
export const dot = (vector: Float32Array, others: Float32Array, start = 0): number => {
  const { length } = vector;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (vector[i] ?? 0) * (others[start + i] ?? 0);
    b += (vector[i + 1] ?? 0) * (others[start + i + 1] ?? 0);
    c += (vector[i + 2] ?? 0) * (others[start + i + 2] ?? 0);
    d += (vector[i + 3] ?? 0) * (others[start + i + 3] ?? 0);
  }
  for (; i < length; i++) a += (vector[i] ?? 0) * (others[start + i] ?? 0);
  return a + b + c + d;
};

/** Cosine of the angle between two vectors of unit length; 0 when their lengths differ. */
export const unitCosine = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? Math.min(1, dot(a, b)) : 0;
