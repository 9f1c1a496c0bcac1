import type { Clock } from '../shared/ports/clock.ts';
import type { HintHandler, QueueBatch } from './queue-handler.ts';

/** What a handler is told of its invocation. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** The messages that the queue is to deliver again. */
interface QueueAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** A batch of turns that is begun by then has time for its model call; of a short timeout, half is for it. */
const reservedMs = 50_000;
/** For giving up what is under way: leases are released, hints sent. */
const shutdownMs = 5_000;

/**
 * A handler for an SQS event source that reports batch item failures. What fails by our own mistake becomes visible
 * again after the queue's visibility timeout, and ends in the dead-letter queue if it never succeeds. What fails by a
 * cause that may pass (no key yet, no model, a busy table) is not reported: it stays due, the sweeper hints anew, and
 * the dead-letter queue tells of nothing but mistakes.
 */
export const createLambdaBatchHandler =
  ({ clock }: { clock: Pick<Clock, 'now'> }, handle: HintHandler) =>
  async (batch: QueueBatch, invocation: Invocation): Promise<QueueAnswer> => {
    const left = invocation.getRemainingTimeInMillis();
    const working = left - Math.min(reservedMs, left / 2);
    const { batchItemFailures } = await handle(batch, {
      deadlineAt: clock.now() + working,
      signal: AbortSignal.timeout(Math.max(working, left - shutdownMs)),
    });
    const nonTransient = batchItemFailures.filter(({ transient }) => !transient);
    return { batchItemFailures: nonTransient.map(({ itemIdentifier }) => ({ itemIdentifier })) };
  };
