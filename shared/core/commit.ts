import { RetryableError } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step, Transacted } from '../ports/store.ts';

const tries = 8;
const firstPauseMs = 8;

/**
 * Runs a transaction; one that met another on the same items wrote nothing and is tried again with jitter.
 * Any other error leaves the outcome unknown: callers are written so that running them again is safe.
 */
export const commit = async (
  { store, clock, ids }: Pick<Platform, 'store' | 'clock' | 'ids'>,
  steps: readonly Step[],
): Promise<Transacted> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transact(steps);
    } catch (error) {
      const conflict = error instanceof RetryableError && error.code === 'transaction_conflict';
      if (!conflict || attempt === tries) throw error;
      await clock.sleep(firstPauseMs * 2 ** attempt * (0.5 + ids.random()));
    }
  }
};

/** Names of the conditions that did not hold. */
export const failedConditions = (result: Transacted): string[] =>
  result.committed ? [] : result.refusals.map(({ condition }) => condition);
