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

const parseHint = ({ Body = '' }: Message): Hint[] => {
  try {
    return [JSON.parse(Body) as Hint];
  } catch {
    return [];
  }
};

/**
 * Creates the receiving side of a queue. Delivery is at most once: messages are deleted as soon as they are received,
 * and a process that crashes afterwards leaves work that is still due in the store. Messages that are not JSON are
 * dropped.
 */
export const createSqsReceiver = ({
  client,
  queueUrl,
}: {
  client: SQSClient;
  queueUrl: string;
}) => {
  const receiveBatch = async (max: number): Promise<Message[]> => {
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
   * Receives up to `max` hints and waits for the first; returns none after `signal` aborts. A request in flight is not
   * aborted, since SQS would hide the messages of its response until their visibility timeout.
   *
   * @throws RetryableError queue_unavailable
   */
  return async (max: number, signal: AbortSignal): Promise<Hint[]> => {
    while (!signal.aborted) {
      try {
        const hints = (await receiveBatch(max)).flatMap(parseHint);
        if (hints.length > 0) return hints;
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        throw new RetryableError('queue_unavailable', `The queue cannot be read (${name}).`);
      }
    }
    return [];
  };
};

/** Creates both sides of a queue, for a long-running process that sends hints and works on them. */
export const createSqsConsumer = (queue: {
  client: SQSClient;
  queueUrl: string;
}): HintConsumer => ({
  ...createSqsQueue(queue),
  receive: createSqsReceiver(queue),
});
