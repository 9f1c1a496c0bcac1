import { RetryableError } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step, TransactResult } from '../ports/store.ts';

const firstPauseMs = 8;

/** Attempts of a transaction that others conflict with, and the longest pause between two. */
interface CommitAttempts {
  maxAttempts: number;
  maxPauseMs: number;
}

const defaultAttempts: CommitAttempts = { maxAttempts: 8, maxPauseMs: 2_048 };

/**
 * Commits a transaction. A conflict with a concurrent one on the same items wrote nothing and is retried, with exponential
 * backoff and jitter. After any other error the outcome is unknown, so callers must be safe to repeat.
 */
export const commit = async (
  { store, clock, ids }: Pick<Platform, 'store' | 'clock' | 'ids'>,
  steps: readonly Step[],
  { maxAttempts, maxPauseMs }: CommitAttempts = defaultAttempts,
): Promise<TransactResult> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transact(steps);
    } catch (error) {
      const conflict = error instanceof RetryableError && error.code === 'transaction_conflict';
      if (!conflict || attempt === maxAttempts) throw error;
      const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** attempt);
      await clock.sleep(pauseMs * (0.5 + ids.random()));
    }
  }
};

/** Names of the conditions that refused a transaction; none when it was committed. */
export const failedConditions = (result: TransactResult): string[] =>
  result.committed ? [] : result.refusals.map(({ condition }) => condition);
