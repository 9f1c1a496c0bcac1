import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { VectorIndex } from '../../ports/vector-index.ts';

/** Decorates an index with a health check: degraded from the first failed call until a call succeeds. */
export const createWatchedIndex = (index: VectorIndex, clock: Clock): VectorIndex => {
  let failing: { code: string; since: number } | undefined;

  const watch =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        const answer = await call(...args);
        failing = undefined;
        return answer;
      } catch (error) {
        const code = error instanceof RetryableError ? error.code : 'index_failed';
        failing = { code, since: failing?.since ?? clock.now() };
        throw error;
      }
    };

  return {
    ...index,
    upsert: watch(index.upsert),
    remove: watch(index.remove),
    query: watch(index.query),
    areVisible: watch(index.areVisible),
    health: () => (failing ? { status: 'degraded', ...failing } : { status: 'ok' }),
  };
};
