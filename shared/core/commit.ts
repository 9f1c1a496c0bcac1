import { RetryableError } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step, TransactResult } from '../ports/store.ts';
import { traceOf } from './traced.ts';

const firstPauseMs = 8;

/** Attempts of a transaction that others conflict with, and the longest pause between two. */
interface CommitAttempts {
  maxAttempts: number;
  maxPauseMs: number;
}

const defaultAttempts: CommitAttempts = { maxAttempts: 8, maxPauseMs: 2_048 };

/** Adds the current trace to outboxes, so that webhooks go on with it. */
const withTrace = (deps: Pick<Platform, 'tracing'>, steps: readonly Step[]): readonly Step[] => {
  const { trace } = traceOf(deps);
  if (trace === undefined) return steps;
  return steps.map((step) =>
    step.op === 'put' && step.key.kind === 'OUTBOX'
      ? { ...step, item: { ...step.item, trace } }
      : step,
  );
};

/**
 * Commits a transaction. A conflict with a concurrent one on the same items wrote nothing and is retried, with exponential
 * backoff and jitter. After any other error the outcome is unknown, so callers must be safe to repeat.
 */
export const commit = async (
  { store, clock, ids, tracing }: Pick<Platform, 'store' | 'clock' | 'ids' | 'tracing'>,
  steps: readonly Step[],
  { maxAttempts, maxPauseMs }: CommitAttempts = defaultAttempts,
): Promise<TransactResult> => {
  const written = withTrace(tracing ? { tracing } : {}, steps);
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transact(written);
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
