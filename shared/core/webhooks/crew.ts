import type { WebhookPlatform } from '../../ports/platform.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { completeAttempt } from './complete-attempt.ts';
import { type SendResult, sendAttempt } from './send-attempt.ts';

interface CompletedAttempt {
  claim: AttemptLease;
  posted: SendResult;
}

/** Attempts under way; one that fails to be made does not keep the others from it. */
export const createInFlightAttempts = (platform: WebhookPlatform, ended: () => void) => {
  let inFlight = 0;
  const completed: CompletedAttempt[] = [];
  const failures: unknown[] = [];

  const run = async (claim: AttemptLease): Promise<void> => {
    try {
      completed.push({ claim, posted: await sendAttempt(platform, claim) });
    } catch (error) {
      failures.push(error);
    }
    inFlight -= 1;
    ended();
  };

  const recordOne = async ({ claim, posted }: CompletedAttempt): Promise<void> => {
    try {
      await completeAttempt(platform, claim, posted);
    } catch (error) {
      failures.push(error);
    }
  };

  return {
    start(claim: AttemptLease): void {
      inFlight += 1;
      void run(claim);
    },
    inFlight: () => inFlight,
    /** Attempts that are over and not recorded yet. */
    completed: () => completed.length,
    /** Records all of them, in one breath: they share a transaction. */
    async flush(): Promise<void> {
      await Promise.all(completed.splice(0).map(recordOne));
    },
    isIdle: () => inFlight === 0 && completed.length === 0,
    /** @throws what the first of them failed with */
    throwIfFailed(): void {
      if (failures.length > 0) throw failures[0];
    },
  };
};
