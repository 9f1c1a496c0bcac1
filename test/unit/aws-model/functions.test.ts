import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { connectQueue, createFunctions } from '../../support/aws-model/functions.ts';
import { createQueueService } from '../../support/aws-model/queue-service.ts';
import { createVirtualTime } from '../../support/aws-model/virtual-time.ts';

const url = 'queue';
const timeoutMs = 10_000;

const openQueue = (
  maxConcurrency = 1,
  batches: { maxBatch: number; windowMs?: number } = { maxBatch: 10 },
) => {
  const time = createVirtualTime();
  const start = time.exact();
  const queues = createQueueService(time, { sendMs: 1, pollMs: 1 });
  const client = queues.client(async () => {});
  const received: { at: number; bodies: string[] }[] = [];
  const failing = new Set<string>();
  const report = connectQueue(
    time,
    queues.queue(url),
    queues,
    { maxConcurrency, timeoutMs },
    batches,
    async ({ Records }) => {
      received.push({
        at: Math.round(time.exact() - start),
        bodies: Records.map(({ body }) => body),
      });
      await time.sleep(100);
      const failed = Records.filter(({ body }) => failing.has(body));
      return {
        batchItemFailures: failed.map(({ messageId: itemIdentifier }) => ({ itemIdentifier })),
      };
    },
  );
  const send = (bodies: readonly string[], group: string, DelaySeconds = 0) =>
    client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: bodies.map((MessageBody, i) => ({
          Id: `${i}`,
          MessageBody,
          MessageGroupId: group,
          DelaySeconds,
        })),
      }),
    );
  return { time, start, queues, received, failing, report, send };
};

describe('the model of SQS', () => {
  it('messages are gathered for an invocation until the window is over or the batch is full', async () => {
    const batches = { maxBatch: 15, windowMs: 2_000 };
    const { time, queues, received, send } = openQueue(2, batches);
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `m${from + i}`);

    void send(some(0, 4), 'a');
    await time.runUntil(time.exact() + 1_000);
    void send(some(4, 3), 'a');
    await time.runUntil(time.exact() + 10_000);
    const atFirst = queues.total.requests;
    void send(some(7, 10), 'a');
    void send(some(17, 10), 'a');
    await time.runUntil(time.exact() + 10_000);

    expect(received.map(({ bodies }) => bodies.length)).toEqual([7, 15, 5]);
    expect(received[0]?.at).toBeGreaterThanOrEqual(2_000);
    // Two sends, two receives and one delete.
    expect(atFirst).toBe(5);
  });

  it('groups of messages are served in rotation while one is far behind', async () => {
    const { time, received, send } = openQueue();
    const many = Array.from({ length: 60 }, (_, i) => `busy ${i}`);

    for (let at = 0; at < many.length; at += 10) void send(many.slice(at, at + 10), 'busy');
    await time.runUntil(time.exact() + 50);
    void send(['other'], 'other');
    await time.runUntil(time.exact() + 10_000);

    const batch = received.findIndex(({ bodies }) => bodies.includes('other'));
    expect(received.flatMap(({ bodies }) => bodies)).toHaveLength(61);
    expect(batch).toBeLessThanOrEqual(2);
  });

  it('a delayed message is received after its delay', async () => {
    const { time, received, send } = openQueue();

    void send(['later'], 'a', 60);
    await time.runUntil(time.exact() + 120_000);

    expect(received).toEqual([{ at: 60_002, bodies: ['later'] }]);
  });

  it('a failed message is received again after the visibility timeout, and is dead after five times', async () => {
    const { time, received, failing, queues, send } = openQueue();
    failing.add('bad');

    void send(['bad', 'good'], 'a');
    await time.runUntil(time.exact() + 600_000);

    expect(received[0]?.bodies).toEqual(['bad', 'good']);
    expect(received.slice(1).map(({ bodies }) => bodies)).toEqual(Array(4).fill(['bad']));
    expect((received[1]?.at ?? 0) - (received[0]?.at ?? 0)).toBeGreaterThanOrEqual(6 * timeoutMs);
    expect(queues.queue(url).dead()).toBe(1);
  });

  it('no more invocations run at once than the maximum', async () => {
    const { time, report, send } = openQueue(3);

    for (let i = 0; i < 10; i++) void send(Array(10).fill('x'), `g${i}`);
    await time.runUntil(time.exact() + 60_000);

    expect(report.largestConcurrency).toBe(3);
  });
});

describe('the model of Lambda', () => {
  const openFunctions = () => {
    const time = createVirtualTime();
    const functions = createFunctions(time, { coldStartMs: 500, coreMb: 1_000 });
    return { time, functions, start: time.exact() };
  };
  const settings = { timeoutMs, maxConcurrency: 10 };

  it('an environment is started once and used again, and concurrent invocations have their own', async () => {
    const { time, functions } = openFunctions();
    let starts = 0;
    const invoke = functions.define({
      ...settings,
      memoryMb: 1_000,
      start: () => {
        starts += 1;
        return async () => time.sleep(10);
      },
    });

    void invoke(undefined);
    void invoke(undefined);
    await time.runUntil(time.exact() + 1_000);
    void invoke(undefined);
    await time.runUntil(time.exact() + 1_000);

    expect(starts).toBe(2);
    expect(functions.total.coldStarts).toBe(2);
  });

  it('work of an environment shares its part of a core', async () => {
    const { time, functions, start } = openFunctions();
    const ends: number[] = [];
    const invoke = functions.define({
      ...settings,
      memoryMb: 500,
      start: (environment) => async () => {
        const work = async () => {
          await environment.compute(10);
          ends.push(Math.round(time.exact() - start));
        };
        await Promise.all([work(), work()]);
      },
    });

    void invoke(undefined);
    await time.runUntil(time.exact() + 1_000);

    expect(ends).toEqual([520, 540]);
  });

  it('a sleep that ends while the environment is frozen continues at the next invocation', async () => {
    const { time, functions, start } = openFunctions();
    let wokenAt = 0;
    let isFirst = true;
    const invoke = functions.define({
      ...settings,
      memoryMb: 1_000,
      start:
        ({ clock }) =>
        async () => {
          if (isFirst)
            void clock.sleep(100).then(() => {
              wokenAt = Math.round(time.exact() - start);
            });
          isFirst = false;
          await time.sleep(10);
        },
    });

    void invoke(undefined);
    await time.runUntil(start + 5_000);
    const whileFrozen = wokenAt;
    void invoke(undefined);
    await time.runUntil(start + 6_000);

    expect(whileFrozen).toBe(0);
    expect(wokenAt).toBe(5_000);
  });

  it('billed time is that of the invocation, without the cold start', async () => {
    const { time, functions } = openFunctions();
    const invoke = functions.define({
      ...settings,
      memoryMb: 512,
      start: () => async () => time.sleep(2_000),
    });

    void invoke(undefined);
    await time.runUntil(time.exact() + 5_000);

    expect(functions.total.gbSeconds).toBeCloseTo(1);
  });
});
