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

/** Intercepts requests to the service and answers which entries of a batch failed. */
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
  it('SQS messages are grouped by project and contain only the hint', async () => {
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

  it('hints at turns whose files are to be read go to the queue of files, if there is one', async () => {
    const turns = emulator.newQueue();
    const files = emulator.newQueue();
    const { client, queueUrl } = turns;
    const hints: Hint[] = [
      { v: 1, kind: 'refine', project: 'proj_1', scope: 'user#alex' },
      { v: 1, kind: 'refine', project: 'proj_1', scope: 'user#alex', files: true },
      { v: 1, kind: 'files', project: 'proj_1', turn: 't1' },
    ];

    await createSqsQueue({ client, queueUrl, filesQueueUrl: files.queueUrl }).send(hints);
    await createSqsQueue({ client, queueUrl }).send(hints.slice(1, 2));

    const sent = ({ inspect }: typeof turns) => inspect().ready.map(({ body }) => JSON.parse(body));
    expect(sent(files)).toEqual([hints[1]]);
    expect(sent(turns)).toEqual([hints[0], hints[2], hints[1]]);
    for (const queue of [turns, files]) queue.client.destroy();
  });

  it('hints that keep the index go to the queue of upkeep, if there is one', async () => {
    const turns = emulator.newQueue();
    const upkeep = emulator.newQueue();
    const { client, queueUrl } = turns;
    const hints: Hint[] = [
      { v: 1, kind: 'index', project: 'proj_1', memory: 'm1' },
      { v: 1, kind: 'finish', project: 'proj_1', turn: 't1' },
      refine('user#alex'),
    ];

    await createSqsQueue({ client, queueUrl, upkeepQueueUrl: upkeep.queueUrl }).send(hints);
    await createSqsQueue({ client, queueUrl }).send(hints.slice(0, 1));

    const sent = ({ inspect }: typeof turns) => inspect().ready.map(({ body }) => JSON.parse(body));
    expect(sent(upkeep)).toEqual(hints.slice(0, 2));
    expect(sent(turns)).toEqual([hints[2], hints[0]]);
    for (const queue of [turns, upkeep]) queue.client.destroy();
  });

  it('entries of a batch that SQS rejected are sent once more', async () => {
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

  it('an entry that SQS rejects twice throws a retryable error', async () => {
    const { client, queueUrl } = emulator.newQueue();
    onSend(client, async (batch) => batch.map(({ Id }) => Id));

    await expect(createSqsQueue({ client, queueUrl }).send([refine('a')])).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'queue_unavailable',
      message: 'The queue did not accept a hint (InternalError).',
    });
    client.destroy();
  });

  it('delays are rounded up to whole seconds and limited to 15 minutes', async () => {
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

  it('sending to a missing queue throws a retryable error', async () => {
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
  it('received messages are deleted from the queue, also those that are no hints', async () => {
    const { client, queueUrl, inspect, put } = emulator.newQueue();
    const receive = createSqsReceiver({ client, queueUrl });
    put('no JSON');
    await createSqsQueue({ client, queueUrl }).send([refine('a'), refine('b')]);

    const hints = await receive(8, new AbortController().signal);

    expect(hints).toEqual([refine('a'), refine('b')]);
    expect(inspect()).toMatchObject({ ready: [], inflight: [] });
    client.destroy();
  });

  it('the receiver waits for the first hint', async () => {
    const { client, queueUrl } = emulator.newQueue();
    const receiving = createSqsReceiver({ client, queueUrl })(8, new AbortController().signal);
    await after(100);

    await createSqsQueue({ client, queueUrl }).send([refine('a')]);

    expect(await receiving).toEqual([refine('a')]);
    client.destroy();
  });

  it('the receiver takes no message after its signal aborted', async () => {
    const { client, queueUrl, inspect } = emulator.newQueue();
    await createSqsQueue({ client, queueUrl }).send([refine('a')]);

    const hints = await createSqsReceiver({ client, queueUrl })(8, AbortSignal.abort());

    expect(hints).toEqual([]);
    expect(inspect().ready).toHaveLength(1);
    client.destroy();
  });

  it('receiving from a deleted queue throws a retryable error', async () => {
    const { client, queueUrl } = emulator.newQueue();
    const receive = createSqsReceiver({ client, queueUrl: `${queueUrl}-gone` });

    await expect(receive(8, new AbortController().signal)).rejects.toMatchObject({
      code: 'queue_unavailable',
    });
    client.destroy();
  });
});
