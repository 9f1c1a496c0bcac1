import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { RetryableError } from '../../domain/errors.ts';
import type { Hint, Queue } from '../../ports/queue.ts';

/** Limits of the service. */
const maxEntries = 10;
const longestDelaySeconds = 900;
/** For one send, all its batches and repeats included: whoever hints has an answer to give. */
const sendTimeoutMs = 4_000;

type Unsent = readonly { hint: Hint; reason: string }[];

const batchesOf = (hints: readonly Hint[]): Hint[][] =>
  Array.from({ length: Math.ceil(hints.length / maxEntries) }, (_, i) =>
    hints.slice(i * maxEntries, (i + 1) * maxEntries),
  );

const secondsOf = (delayMs: number): number =>
  Math.min(Math.max(0, Math.ceil(delayMs / 1_000)), longestDelaySeconds);

const unavailable = (reason: string): RetryableError =>
  new RetryableError('queue_unavailable', `The queue did not take a hint (${reason}).`);

/**
 * Hints through a standard SQS queue. The group of a message is its project, so that one with very many hints does not
 * hold up the others. Entries that the service refuses are sent once more.
 */
export const createSqsQueue = ({
  client,
  queueUrl,
}: {
  client: SQSClient;
  queueUrl: string;
}): Queue => {
  const sendBatch = async (
    hints: readonly Hint[],
    seconds: number,
    abortSignal: AbortSignal,
  ): Promise<Unsent> => {
    const entries = hints.map(
      (hint, i): SendMessageBatchRequestEntry => ({
        Id: String(i),
        MessageBody: JSON.stringify(hint),
        MessageGroupId: hint.project,
        DelaySeconds: seconds,
      }),
    );
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
    const { Failed = [] } = await client.send(command, { abortSignal });
    return Failed.flatMap(({ Id, Code }) => {
      const hint = hints[Number(Id)];
      return hint ? [{ hint, reason: Code ?? 'unknown' }] : [];
    });
  };

  const deliver = async (
    hints: readonly Hint[],
    seconds: number,
    signal: AbortSignal,
  ): Promise<Unsent> => {
    const sent = await Promise.all(
      batchesOf(hints).map((batch) => sendBatch(batch, seconds, signal)),
    );
    return sent.flat();
  };

  return {
    async send(hints, delayMs = 0) {
      const seconds = secondsOf(delayMs);
      const signal = AbortSignal.timeout(sendTimeoutMs);
      try {
        const refused = await deliver(hints, seconds, signal);
        const again = refused.map(({ hint }) => hint);
        const [unsent] = await deliver(again, seconds, signal);
        if (unsent) throw unavailable(unsent.reason);
      } catch (error) {
        if (error instanceof RetryableError) throw error;
        throw unavailable(error instanceof Error ? error.name : 'unknown');
      }
    },
  };
};
