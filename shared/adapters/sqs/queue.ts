import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { RetryableError } from '../../domain/errors.ts';
import type { Hint, Queue } from '../../ports/queue.ts';

// Limits of SQS.
const maxEntries = 10;
const maxDelaySeconds = 900;
/** Timeout of one send with all its batches and retries. Requests of the API wait for the send. */
const sendTimeoutMs = 4_000;

type FailedEntries = readonly { hint: Hint; reason: string }[];

const toBatches = (hints: readonly Hint[]): Hint[][] =>
  Array.from({ length: Math.ceil(hints.length / maxEntries) }, (_, i) =>
    hints.slice(i * maxEntries, (i + 1) * maxEntries),
  );

const toDelaySeconds = (delayMs: number): number =>
  Math.min(Math.max(0, Math.ceil(delayMs / 1_000)), maxDelaySeconds);

const unavailable = (reason: string): RetryableError =>
  new RetryableError('queue_unavailable', `The queue did not accept a hint (${reason}).`);

/**
 * Creates the sending side of a standard SQS queue. The message group is the project: SQS's fair queues keep a project
 * with very many hints from delaying the others. Entries that SQS rejects are retried once; a hint may be sent twice.
 * @param filesQueueUrl queue of the hints at turns whose files are to be read; absent: the same queue
 * @param upkeepQueueUrl queue of the hints that keep the index; absent: the same queue
 */
export const createSqsQueue = ({
  client,
  queueUrl,
  filesQueueUrl = queueUrl,
  upkeepQueueUrl = queueUrl,
}: {
  client: SQSClient;
  queueUrl: string;
  filesQueueUrl?: string;
  upkeepQueueUrl?: string;
}): Queue => {
  const urlOf = (hint: Hint): string => {
    if (hint.kind === 'index' || hint.kind === 'finish') return upkeepQueueUrl;
    return hint.kind === 'refine' && hint.files ? filesQueueUrl : queueUrl;
  };

  const sendBatch = async (
    url: string,
    hints: readonly Hint[],
    seconds: number,
    abortSignal: AbortSignal,
  ): Promise<FailedEntries> => {
    const entries = hints.map(
      (hint, i): SendMessageBatchRequestEntry => ({
        Id: String(i),
        MessageBody: JSON.stringify(hint),
        MessageGroupId: hint.project,
        DelaySeconds: seconds,
      }),
    );
    const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries });
    const { Failed = [] } = await client.send(command, { abortSignal });
    return Failed.flatMap(({ Id, Code }) => {
      const hint = hints[Number(Id)];
      return hint ? [{ hint, reason: Code ?? 'unknown' }] : [];
    });
  };

  const sendAll = async (
    hints: readonly Hint[],
    seconds: number,
    signal: AbortSignal,
  ): Promise<FailedEntries> => {
    const failed = await Promise.all(
      [...Map.groupBy(hints, urlOf)].flatMap(([url, some]) =>
        toBatches(some).map((batch) => sendBatch(url, batch, seconds, signal)),
      ),
    );
    return failed.flat();
  };

  return {
    async send(hints, delayMs = 0) {
      const seconds = toDelaySeconds(delayMs);
      const signal = AbortSignal.timeout(sendTimeoutMs);
      try {
        const failed = await sendAll(hints, seconds, signal);
        const retried = failed.map(({ hint }) => hint);
        const [unsent] = await sendAll(retried, seconds, signal);
        if (unsent) throw unavailable(unsent.reason);
      } catch (error) {
        if (error instanceof RetryableError) throw error;
        throw unavailable(error instanceof Error ? error.name : 'unknown');
      }
    },
  };
};
