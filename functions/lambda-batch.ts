import type { Clock } from '../shared/ports/clock.ts';
import type { BatchAnswer, HintBatch, HintHandler } from './hint-batch.ts';

/** What a handler is told of its invocation. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** A batch of turns that is begun by then has time for its model call; of a short timeout, half is for it. */
const unbegunMs = 50_000;
/** For giving up what is under way: leases are released, hints sent. */
const lastCallMs = 5_000;

/**
 * A handler for an SQS event source that reports batch item failures. What fails becomes visible again after the
 * queue's visibility timeout; what it stood for is due all the same, and the sweeper hints anew.
 */
export const createLambdaBatchHandler =
  ({ clock }: { clock: Pick<Clock, 'now'> }, handle: HintHandler) =>
  async (batch: HintBatch, invocation: Invocation): Promise<BatchAnswer> => {
    const left = invocation.getRemainingTimeInMillis();
    const working = left - Math.min(unbegunMs, left / 2);
    return handle(batch, {
      deadlineAt: clock.now() + working,
      signal: AbortSignal.timeout(Math.max(working, left - lastCallMs)),
    });
  };
