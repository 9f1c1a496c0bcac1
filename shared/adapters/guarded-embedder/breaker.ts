import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PartHealth } from '../../ports/health.ts';

/** Failures in a row after which no call is made for a while. */
const tolerated = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Longest pause that the other side may ask for. */
const longestWaitMs = 3_600_000;

/** Failures that the next call meets as well: one of them is enough. */
const lasting: readonly string[] = [
  'embedder_unauthorized',
  'embedder_unknown',
  'embedder_quota_exhausted',
  'embedder_rate_limited',
];
/** Failures that are about the texts of the call, or that end without a call. */
const harmless: readonly string[] = ['embedder_rejected', 'embedder_key_missing'];

interface Failing {
  error: RetryableError;
  since: number;
  inARow: number;
  /** Pauses so far, and the end of the last. */
  pauses: number;
  until: number;
}

/** Circuit breaker: closed, open for a pause that doubles, then half-open for one probe. */
export const createBreaker = (clock: Clock, probe: () => Promise<unknown>) => {
  let failing: Failing | undefined;
  let probing: Promise<void> | undefined;

  const pauseOf = ({ error, pauses }: Failing): number => {
    const asked = Math.min(longestWaitMs, error.retryAfterMs ?? 0);
    return Math.max(asked, Math.min(longestPauseMs, firstPauseMs * 2 ** pauses));
  };

  const failed = (error: unknown): void => {
    if (!(error instanceof RetryableError) || harmless.includes(error.code)) return;
    const now = clock.now();
    const former = failing ?? { since: now, inARow: 0, pauses: 0, until: 0 };
    failing = { ...former, error, inARow: former.inARow + 1 };
    const opens =
      failing.inARow >= tolerated ||
      error.retryAfterMs !== undefined ||
      lasting.includes(error.code);
    if (!opens || failing.until > now) return;
    failing.until = now + pauseOf(failing);
    failing.pauses += 1;
  };

  const halfOpen = async (): Promise<void> => {
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
    /** @throws RetryableError the last failure, while the breaker is open or when its probe fails */
    async admit(): Promise<void> {
      if (!failing?.pauses) return;
      const left = failing.until - clock.now();
      if (left > 0) {
        const { code, message } = failing.error;
        throw new RetryableError(code, message, left);
      }
      probing ??= halfOpen();
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
