import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PartHealth } from '../../ports/health.ts';

/** Consecutive failures that open the breaker. */
const maxFailures = 3;
const firstPauseMs = 1_000;
const maxPauseMs = 60_000;
/** Longest `Retry-After` that is respected. */
const maxRetryAfterMs = 3_600_000;

/** Failures that the next call would meet, too: a single one opens the breaker. */
const lasting: readonly string[] = [
  'embedder_unauthorized',
  'embedder_unknown',
  'embedder_quota_exhausted',
  'embedder_rate_limited',
];
/** Failures that do not count: about the texts of one call, or before any request was sent. */
const ignored: readonly string[] = ['embedder_rejected', 'embedder_key_missing'];

interface Failing {
  error: RetryableError;
  since: number;
  consecutive: number;
  /** Number of pauses so far. */
  pauses: number;
  /** End of the last pause. */
  openUntil: number;
}

/**
 * Circuit breaker: closed; open for a pause that doubles each time; then half-open for one probe. All callers of a
 * half-open breaker wait for the same probe. The state belongs to the process: a restart begins closed.
 */
export const createBreaker = (clock: Clock, probe: () => Promise<unknown>) => {
  let failing: Failing | undefined;
  let probing: Promise<void> | undefined;

  const pauseOf = ({ error, pauses }: Failing): number => {
    const retryAfterMs = Math.min(maxRetryAfterMs, error.retryAfterMs ?? 0);
    return Math.max(retryAfterMs, Math.min(maxPauseMs, firstPauseMs * 2 ** pauses));
  };

  const failed = (error: unknown): void => {
    if (!(error instanceof RetryableError) || ignored.includes(error.code)) return;
    const now = clock.now();
    const former = failing ?? { since: now, consecutive: 0, pauses: 0, openUntil: 0 };
    failing = { ...former, error, consecutive: former.consecutive + 1 };
    const opens =
      failing.consecutive >= maxFailures ||
      error.retryAfterMs !== undefined ||
      lasting.includes(error.code);
    if (!opens || failing.openUntil > now) return;
    failing.openUntil = now + pauseOf(failing);
    failing.pauses += 1;
  };

  const runProbe = async (): Promise<void> => {
    try {
      await probe();
      failing = undefined;
    } catch (error) {
      failed(error);
      throw error;
    } finally {
      probing = undefined;
    }
  };

  return {
    /** @throws RetryableError the last failure, while the breaker is open or when the probe fails */
    async admit(): Promise<void> {
      if (!failing?.pauses) return;
      const remainingMs = failing.openUntil - clock.now();
      if (remainingMs > 0) {
        const { code, message } = failing.error;
        throw new RetryableError(code, message, remainingMs);
      }
      probing ??= runProbe();
      await probing;
    },
    succeeded(): void {
      failing = undefined;
    },
    failed,
    health: (): PartHealth =>
      failing
        ? { status: 'degraded', code: failing.error.code, since: failing.since }
        : { status: 'ok' },
  };
};
