import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

export interface EventSourceOptions {
  /** Client with the credentials of the function's role, as Lambda uses. */
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  batchSize: number;
  /** Most batches in flight. */
  max: number;
  reportsFailures: boolean;
  invoke(event: unknown): Promise<unknown>;
}

const FailedItems = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })),
});

const recordOf = (message: Message, queueArn: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: {},
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: 'us-east-1',
});

/** Returns the handled messages of a batch: without partial reports all or none, and none if the report is invalid. */
const settled = (
  messages: readonly Message[],
  answer: unknown,
  reportsFailures: boolean,
): readonly Message[] => {
  if (!reportsFailures) return messages;
  const report = FailedItems.safeParse(answer);
  if (!report.success) return [];
  const failed = new Set(report.data.batchItemFailures.map(({ itemIdentifier: id }) => id));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
};

/**
 * Passes messages of a queue to a function, like an event source mapping. A failed message is received again after its
 * visibility timeout, until the queue moves the message to the dead-letter queue.
 */
export const runEventSource = (options: EventSourceOptions) => {
  const { client, queueUrl: QueueUrl, queueArn, batchSize, max, reportsFailures } = options;
  const running = new Set<Promise<void>>();
  let stopped = false;

  const deliver = async (messages: readonly Message[]): Promise<void> => {
    let done: readonly Message[] = [];
    try {
      const Records = messages.map((message) => recordOf(message, queueArn));
      done = settled(messages, await options.invoke({ Records }), reportsFailures);
    } catch {
      // The whole function failed: every message will be received again.
    }
    if (done.length === 0 || stopped) return;
    const Entries = done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };

  const poll = async (): Promise<void> => {
    await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    while (!stopped) {
      if (running.size >= max) await Promise.race(running);
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(batchSize, 10),
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (messages.length === 0) continue;
      const work: Promise<void> = deliver(messages).finally(() => running.delete(work));
      running.add(work);
    }
    await Promise.all(running);
  };

  const ended = poll();
  return {
    async stop(): Promise<void> {
      stopped = true;
      await ended;
    },
  };
};
