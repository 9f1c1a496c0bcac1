import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { RetryableError } from '../../domain/errors.ts';
import type { Hint, HintConsumer } from '../../ports/queue.ts';
import { createSqsQueue } from './queue.ts';

const maxMessages = 10;
const waitSeconds = 5;

const hintsIn = ({ Body = '' }: Message): Hint[] => {
  try {
    return [JSON.parse(Body) as Hint];
  } catch {
    return [];
  }
};

/**
 * The consuming side of a queue for a process of its own. What is taken is taken off the queue at once: whoever takes a
 * hint and dies leaves work that is still due. What is no JSON is thrown away.
 */
export const createSqsReceiver = ({
  client,
  queueUrl,
}: {
  client: SQSClient;
  queueUrl: string;
}) => {
  const take = async (max: number): Promise<Message[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(max, maxMessages),
        WaitTimeSeconds: waitSeconds,
      }),
    );
    if (Messages.length === 0) return [];
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
      }),
    );
    return Messages;
  };

  /**
   * Up to `max` hints, waiting for the first; none once `signal` aborts. A request under way is not broken off then: the
   * messages of its answer would stay out of sight.
   * @throws RetryableError queue_unavailable
   */
  return async (max: number, signal: AbortSignal): Promise<Hint[]> => {
    while (!signal.aborted) {
      try {
        const hints = (await take(max)).flatMap(hintsIn);
        if (hints.length > 0) return hints;
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        throw new RetryableError('queue_unavailable', `The queue cannot be read (${name}).`);
      }
    }
    return [];
  };
};

/** Both sides of a queue, for a process that hints at work and does it. */
export const createSqsConsumer = (queue: {
  client: SQSClient;
  queueUrl: string;
}): HintConsumer => ({
  ...createSqsQueue(queue),
  receive: createSqsReceiver(queue),
});
