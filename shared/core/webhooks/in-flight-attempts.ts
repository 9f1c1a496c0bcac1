import type { AttemptLease, DispatchPlatform } from './claim-attempt.ts';
import { completeAttempt, completeInBlock, isSuccess } from './complete-attempt.ts';
import { type SendResult, sendAttempt } from './send-attempt.ts';

/** An attempt whose POST has ended, and which is to be recorded. */
export interface CompletedAttempt {
  claim: AttemptLease;
  result: SendResult;
}

/** Time in which results are gathered for one transaction while further attempts are in flight, ms. */
const gatherMs = 50;

/**
 * Creates the attempts in flight of an endpoint's loop. An error in one does not affect the others; the first is rethrown by
 * `throwIfFailed`.
 * @param onCompleted called when an attempt has ended, or was recorded in the background
 */
export const createInFlightAttempts = (platform: DispatchPlatform, onCompleted: () => void) => {
  let inFlight = 0;
  let isRecording = false;
  const completed: CompletedAttempt[] = [];
  const failures: unknown[] = [];

  const run = async (claim: AttemptLease): Promise<void> => {
    let isFree = true;
    try {
      const result = await sendAttempt(platform, claim);
      completed.push({ claim, result });
      isFree = isSuccess(result);
    } catch (error) {
      failures.push(error);
    }
    // The limiter knows of any other result before another attempt has the slot.
    if (isFree) claim.block?.release();
    inFlight -= 1;
    onCompleted();
  };

  const orFail = async (recorded: Promise<void>): Promise<void> => {
    try {
      await recorded;
    } catch (error) {
      failures.push(error);
    }
  };

  /** Records attempts that ended; calls made in the same tick share one transaction (see limiter-store.ts). */
  const record = async (all: readonly CompletedAttempt[]): Promise<void> => {
    const inBlock = all.filter(({ claim }) => claim.block);
    await Promise.all([
      ...all.flatMap(({ claim, result }) =>
        claim.block ? [] : [orFail(completeAttempt(platform, claim, result))],
      ),
      ...(inBlock.length > 0 ? [orFail(completeInBlock(platform, inBlock))] : []),
    ]);
    for (const { claim, result } of inBlock) if (!isSuccess(result)) claim.block?.release();
  };

  const recordInBackground = async (): Promise<void> => {
    while (completed.length > 0) {
      const mayWait = inFlight > 0 && completed.every(({ result }) => isSuccess(result));
      if (mayWait) await platform.clock.sleep(gatherMs);
      await record(completed.splice(0));
    }
    isRecording = false;
    onCompleted();
  };

  return {
    start(claim: AttemptLease): void {
      inFlight += 1;
      void run(claim);
    },
    /** Finished attempts that are not recorded yet. */
    completed: () => completed.length,
    /** Records all finished attempts. */
    flush: (): Promise<void> => record(completed.splice(0)),
    /** Records finished attempts beside the next round; attempts that end meanwhile share the next transaction. */
    flushInBackground(): void {
      if (isRecording || completed.length === 0) return;
      isRecording = true;
      void recordInBackground();
    },
    isIdle: () => inFlight === 0 && !isRecording && completed.length === 0,
    throwIfFailed(): void {
      if (failures.length > 0) throw failures[0];
    },
  };
};
