/** Share of the workers' concurrency that keeps the index. */
const upkeepShare = 1 / 4;

/** Least maximum concurrency that a queue may have; the worker has at least 4. */
const least = 2;

/** Batches of hints that keep the index: none is urgent, and an invocation of many asks the index for all of them at once. */
export const upkeepBatches = { size: 100, windowMs: 2_000 };

/**
 * Divides the concurrency of the workers between hints at turns, nearly all of which wait for the model, and hints that keep the index,
 * so that neither waits for the other.
 */
export const workerShares = (workers: number): { turns: number; upkeep: number } => {
  const upkeep = Math.max(least, Math.floor(workers * upkeepShare));
  return { turns: workers - upkeep, upkeep };
};
