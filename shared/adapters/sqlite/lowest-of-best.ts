/** Moves the first value of a heap, whose first is its least, to its place. */
const sink = (heap: Float64Array, value: number): void => {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
    const least = heap[child] ?? 0;
    if (least >= value) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = value;
};

/** Returns the lowest of the `limit` highest scores; -Infinity if there are no more. NaN stands for no score. */
export const lowestOfBest = (scores: Float32Array | Float64Array, limit: number): number => {
  const best = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? Number.NaN;
    if (score > (best[0] ?? 0)) sink(best, score);
  }
  return best[0] ?? Number.POSITIVE_INFINITY;
};
