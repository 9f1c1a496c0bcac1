const concurrency = 8;

/**
 * Does the work on every item, a bounded number at a time; results in order. Everything has ended when it resolves or
 * throws the first failure: nothing is begun after one.
 */
export const mapConcurrent = async <T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const waiting = items.entries();
  const results = new Map<number, R>();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [position, item] of waiting) {
      if (failed) return;
      try {
        results.set(position, await work(item));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(concurrency, items.length) }, worker),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
};
