import { setTimeout as after } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SendMessageBatchCommandInput,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqsReceiver } from '../../shared/adapters/sqs/consumer.ts';
import { createSqsQueue } from '../../shared/adapters/sqs/queue.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import { type SqsEmulator, startSqsEmulator } from '../support/sqs-emulator.ts';
import { describeQueue } from './queue.contract.ts';

let emulator: SqsEmulator;
beforeAll(async () => {
  emulator = await startSqsEmulator();
});
afterAll(() => emulator.stop());

const takeAll = async (client: SQSClient, queueUrl: string): Promise<Hint[]> => {
  const taken: Hint[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await client.send(receive);
    if (Messages.length === 0) return taken;
    for (const { Body = '', ReceiptHandle } of Messages) {
      taken.push(JSON.parse(Body));
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
};

describeQueue('sqs', async () => {
  const { client, queueUrl } = emulator.newQueue();
  return {
    queue: createSqsQueue({ client, queueUrl }),
    settle: () => takeAll(client, queueUrl),
    advance: (ms) => after(ms),
    close: async () => client.destroy(),
  };
});

type Batch = SendMessageBatchRequestEntry[];
type Refused = (string | undefined)[];

/** Comes between the queue and the service: answers which entries were refused. */
const onSend = (
  client: SQSClient,
  handle: (batch: Batch, next: (batch: Batch) => Promise<Refused>) => Promise<Refused>,
): void =>
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as SendMessageBatchCommandInput;
      let response: unknown = {};
      const refused = await handle(input.Entries ?? [], async (Entries) => {
        ({ response } = await next({ ...args, input: { ...input, Entries } }));
        return [];
      });
      const Failed = refused.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false }));
      return { response, output: { $metadata: {}, Successful: [], Failed } };
    },
    { step: 'initialize' },
  );

const refine = (scope: string): Hint => ({ v: 1, kind: 'refine', project: 'proj_1', scope });

describe('the sqs queue', () => {
  it('groups messages by project and says nothing but the hint', async () => {
    const { client, queueUrl, inspect } = emulator.newQueue();
    const entries: SendMessageBatchRequestEntry[] = [];
    onSend(client, (batch, next) => {
      entries.push(...batch);
      return next(batch);
    });

    await createSqsQueue({ client, queueUrl }).send([refine('user#alex')]);

    expect(inspect().ready.map(({ body }) => JSON.parse(body))).toEqual([refine('user#alex')]);
    expect(entries).toEqual([
      {
        Id: '0',
        MessageBody: JSON.stringify(refine('user#alex')),
        MessageGroupId: 'proj_1',
        DelaySeconds: 0,
      },
    ]);
    client.destroy();
  });

  it('sends once more what the service refused of a batch', async () => {
    const { client, queueUrl, inspect } = emulator.newQueue();
    const sizes: number[] = [];
    onSend(client, async (batch, next) => {
      sizes.push(batch.length);
      if (sizes.length > 1) return next(batch);
      await next(batch.slice(2));
      return batch.slice(0, 2).map(({ Id }) => Id);
    });

    await createSqsQueue({ client, queueUrl }).send(['a', 'b', 'c'].map(refine));

    expect(sizes).toEqual([3, 2]);
    expect(inspect().ready.map(({ body }) => JSON.parse(body).scope)).toEqual(['c', 'a', 'b']);
    client.destroy();
  });

  it('throws a retryable error when the service refuses an entry twice', async () => {
    const { client, queueUrl } = emulator.newQueue();
    onSend(client, async (batch) => batch.map(({ Id }) => Id));

    await expect(createSqsQueue({ client, queueUrl }).send([refine('a')])).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'queue_unavailable',
      message: 'The queue did not accept a hint (InternalError).',
    });
    client.destroy();
  });

  it('delays by whole seconds, rounded up, and by 15 minutes at most', async () => {
    const { client, queueUrl, inspect } = emulator.newQueue();
    const queue = createSqsQueue({ client, queueUrl });
    const start = Date.now();

    await queue.send([refine('a')], 1_001);
    await queue.send([refine('b')], 7 * 86_400_000);

    const delays = inspect().delayed.map(({ delayUntil }) =>
      Math.round(((delayUntil ?? 0) - start) / 1_000),
    );
    expect(delays.sort((a, b) => a - b)).toEqual([2, 900]);
    client.destroy();
  });

  it('throws a retryable error when there is no such queue', async () => {
    const { client, queueUrl } = emulator.newQueue();
    const queue = createSqsQueue({ client, queueUrl: `${queueUrl}-gone` });

    await expect(queue.send([refine('a')])).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'queue_unavailable',
    });
    client.destroy();
  });
});

describe('the receiver', () => {
  it('takes what it delivers off the queue, what is no hint too', async () => {
    const { client, queueUrl, inspect, put } = emulator.newQueue();
    const receive = createSqsReceiver({ client, queueUrl });
    put('no JSON');
    await createSqsQueue({ client, queueUrl }).send([refine('a'), refine('b')]);

    const hints = await receive(8, new AbortController().signal);

    expect(hints).toEqual([refine('a'), refine('b')]);
    expect(inspect()).toMatchObject({ ready: [], inflight: [] });
    client.destroy();
  });

  it('waits for the first hint', async () => {
    const { client, queueUrl } = emulator.newQueue();
    const receiving = createSqsReceiver({ client, queueUrl })(8, new AbortController().signal);
    await after(100);

    await createSqsQueue({ client, queueUrl }).send([refine('a')]);

    expect(await receiving).toEqual([refine('a')]);
    client.destroy();
  });

  it('takes nothing once it is told to stop', async () => {
    const { client, queueUrl, inspect } = emulator.newQueue();
    await createSqsQueue({ client, queueUrl }).send([refine('a')]);

    const hints = await createSqsReceiver({ client, queueUrl })(8, AbortSignal.abort());

    expect(hints).toEqual([]);
    expect(inspect().ready).toHaveLength(1);
    client.destroy();
  });

  it('throws a retryable error when the queue is gone', async () => {
    const { client, queueUrl } = emulator.newQueue();
    const receive = createSqsReceiver({ client, queueUrl: `${queueUrl}-gone` });

    await expect(receive(8, new AbortController().signal)).rejects.toMatchObject({
      code: 'queue_unavailable',
    });
    client.destroy();
  });
});
