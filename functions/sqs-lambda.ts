import type { UsageMeter } from '../shared/core/projects/usage-meter.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { HintHandler, QueueBatch } from './queue-handler.ts';

/** Part of the Lambda context that the handler uses. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** Messages that SQS makes visible again after the visibility timeout. */
interface SqsBatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** Time reserved for the last model call: no new batch of turns starts within it. At most half of a short timeout. */
const reservedMs = 50_000;
/** Time reserved for stopping work in progress: releasing leases and sending hints. */
const shutdownMs = 5_000;

/**
 * Builds a handler for an SQS event source with partial batch responses. Only failures caused by a bug are reported to
 * SQS: such a message becomes visible again after the visibility timeout and moves to the dead-letter queue after five
 * failures. A transient failure (no API key yet, model unavailable, throttled table) is not reported: the work stays due,
 * and the sweeper sends a new hint. So every message in the dead-letter queue points to a bug.
 * @param usage counts to write after a batch: an environment may be frozen then, and never called again
 */
export const createLambdaBatchHandler =
  (
    { clock }: { clock: Pick<Clock, 'now'> },
    handle: HintHandler,
    usage?: Pick<UsageMeter, 'flush'>,
  ) =>
  async (batch: QueueBatch, invocation: Invocation): Promise<SqsBatchResponse> => {
    const remainingMs = invocation.getRemainingTimeInMillis();
    const workMs = remainingMs - Math.min(reservedMs, remainingMs / 2);
    const { batchItemFailures } = await handle(batch, {
      deadlineAt: clock.now() + workMs,
      signal: AbortSignal.timeout(Math.max(workMs, remainingMs - shutdownMs)),
    });
    await usage?.flush();
    const nonTransient = batchItemFailures.filter(({ transient }) => !transient);
    return { batchItemFailures: nonTransient.map(({ itemIdentifier }) => ({ itemIdentifier })) };
  };
