const defaultConcurrency = 8;

/**
 * Maps items with bounded concurrency, results in order. Starts no further item after a failure, waits for those in
 * flight, then throws the first failure: when the promise settles, nothing runs any more.
 */
export const mapConcurrent = async <T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  concurrency = defaultConcurrency,
): Promise<R[]> => {
  const queue = items.entries();
  const results = new Map<number, R>();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [position, item] of queue) {
      if (failed) return;
      try {
        results.set(position, await work(item));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: Math.min(concurrency, items.length) }, worker),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
};
