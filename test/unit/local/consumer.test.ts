import { describe, expect, it } from 'vitest';
import { runConsumer } from '../../../functions/local/consumer.ts';
import { createWorkClasses, type WorkClasses } from '../../../functions/local/work-classes.ts';
import {
  createHintHandler,
  type HintHandler,
  type HintLimits,
} from '../../../functions/queue-handler.ts';
import { createMemoryQueue } from '../../../shared/adapters/memory-queue/queue.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import type { LogFields } from '../../../shared/ports/telemetry.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const refine = (scope: string): Hint => ({ v: 1, kind: 'refine', project: 'proj_1', scope });

const newConsumer = (
  work: (hint: Hint, limits: HintLimits) => Promise<void>,
  options: { classes?: WorkClasses; concurrency?: number } = {},
  stop = new AbortController(),
) => {
  const clock = createManualClock();
  const queue = createMemoryQueue(clock);
  const lines: { event: string; fields: LogFields | undefined }[] = [];
  const telemetry = {
    log: (_: string, event: string, fields?: LogFields) => void lines.push({ event, fields }),
  };
  const handle: HintHandler = createHintHandler({ telemetry }, work);
  const cancel = new AbortController();
  const service = { clock, telemetry, ids: createIds(clock) };
  const signals = { stop: stop.signal, cancel: cancel.signal, ...options };
  const ended = runConsumer(service, queue, handle, signals);
  return { clock, queue, lines, stop, cancel, ended };
};

describe('the consumer', () => {
  it('the consumer handles eight different hints at once, and the next when one is done', async () => {
    const finish: (() => void)[] = [];
    const consumer = newConsumer(() => new Promise((resolve) => finish.push(resolve)));

    await consumer.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await consumer.clock.advance(0);
    const atFirst = finish.length;
    finish[0]?.();
    await consumer.clock.advance(0);

    expect(atFirst).toBe(8);
    expect(finish.length).toBe(9);
  });

  it('the consumer never handles two identical hints at once, and reruns a hint that arrived in between', async () => {
    const finish: (() => void)[] = [];
    const consumer = newConsumer(() => new Promise((resolve) => finish.push(resolve)));

    for (let i = 0; i < 4; i++) {
      await consumer.queue.send([refine('user#alex')]);
      await consumer.clock.advance(0);
    }
    const meanwhile = finish.length;
    finish[0]?.();
    await consumer.clock.advance(0);
    finish[1]?.();
    await consumer.clock.advance(0);

    expect(meanwhile).toBe(1);
    expect(finish.length).toBe(2);
  });

  it('the consumer handles a failing hint five times with growing pauses, then leaves it to the sweeper', async () => {
    const tries: number[] = [];
    const consumer = newConsumer(async () => {
      tries.push(consumer.clock.now());
      throw new RetryableError('model_down', 'The model cannot be reached.');
    });

    await consumer.queue.send([refine('user#alex')]);
    for (let i = 0; i < 60; i++) await consumer.clock.advance(1_000);

    const pauses = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(consumer.lines.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 5 }, () => 'hint.retry'),
      'hint.dropped',
    ]);
    expect(consumer.queue.size()).toBe(0);
  });

  it('the consumer does not log the message of an unexpected error, which may quote a memory', async () => {
    const consumer = newConsumer(async () => {
      throw new SyntaxError('Unexpected token in "I live\n    at 12 Elm Street"');
    });

    await consumer.queue.send([refine('user#alex')]);
    await consumer.clock.advance(0);

    expect(JSON.stringify(consumer.lines)).not.toContain('Elm Street');
    const where = expect.stringContaining('consumer.test.ts');
    expect(consumer.lines).toMatchObject([
      { fields: { code: 'internal', name: 'SyntaxError', where } },
    ]);
  });

  it('the consumer receives nothing more once stopped, and ends when its work has ended', async () => {
    const finish: (() => void)[] = [];
    const consumer = newConsumer(() => new Promise((resolve) => finish.push(resolve)));
    await consumer.queue.send([refine('user#alex')]);
    await consumer.clock.advance(0);
    let hasEnded = false;
    const ended = consumer.ended.then(() => {
      hasEnded = true;
    });

    consumer.stop.abort();
    await consumer.queue.send([refine('user#other')]);
    await consumer.clock.advance(0);
    const before = hasEnded;
    finish[0]?.();
    await ended;

    expect(before).toBe(false);
    expect(consumer.queue.size()).toBe(1);
  });

  it('the consumer keeps running work from starting anything new once stopped', async () => {
    const deadlines: number[] = [];
    const consumer = newConsumer(async (_, limits) => {
      deadlines.push(limits.deadlineAt);
      consumer.stop.abort();
      deadlines.push(limits.deadlineAt);
    });

    await consumer.queue.send([refine('user#alex')]);
    await consumer.ended;

    const now = consumer.clock.now();
    expect(deadlines.map((deadline) => deadline > now)).toEqual([true, false]);
  });

  it('the consumer passes the cancel signal to running work', async () => {
    const consumer = newConsumer(
      (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    await consumer.queue.send([refine('user#alex')]);
    await consumer.clock.advance(0);

    consumer.stop.abort();
    consumer.cancel.abort();

    await expect(consumer.ended).resolves.toBeUndefined();
  });
});

describe('a consumer with classes of work', () => {
  const plain = (scope: string): Hint => ({
    v: 1,
    kind: 'refine',
    project: 'p',
    scope,
    verbatim: true,
  });
  const job: Hint = { v: 1, kind: 'job', project: 'p', job: 'j' };
  const index: Hint = { v: 1, kind: 'index', project: 'p', memory: 'm' };

  const open = (work: (hint: Hint, limits: HintLimits) => Promise<void>, models = 1) => {
    const stop = new AbortController();
    const classes = createWorkClasses(models, stop.signal, { log: () => {} });
    return { ...newConsumer(work, { classes, concurrency: 1_000 }, stop), classes };
  };

  it('the consumer lets no class of work block another', async () => {
    const begun: Hint[] = [];
    const consumer = open((hint) => {
      begun.push(hint);
      return new Promise(() => {});
    });
    await consumer.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await consumer.clock.advance(0);

    await consumer.queue.send([job, index, plain('user#other')]);
    await consumer.clock.advance(0);

    expect(begun).toHaveLength(4 + 3);
    expect(begun.slice(4)).toEqual(expect.arrayContaining([job, index, plain('user#other')]));
  });

  it('the consumer merges a hint with an identical one that has not started', async () => {
    const finish: (() => void)[] = [];
    const scopes: string[] = [];
    const consumer = open((hint) => {
      if (hint.kind === 'refine') scopes.push(hint.scope);
      return new Promise((resolve) => finish.push(resolve));
    });
    await consumer.queue.send(Array.from({ length: 4 }, (_, i) => refine(`user#${i}`)));
    for (let times = 0; times < 3; times++) {
      await consumer.queue.send([refine('user#last')]);
      await consumer.clock.advance(0);
    }

    for (let round = 0; round < 4; round++) {
      for (const end of finish.splice(0)) end();
      await consumer.clock.advance(0);
    }

    expect(scopes.filter((scope) => scope === 'user#last')).toHaveLength(1);
  });

  it('the consumer frees the slot of a run that waits for the model, and renews its deadline once admitted', async () => {
    const deadlines: number[] = [];
    const begun: Hint[] = [];
    const leave: (() => void)[] = [];
    const consumer = open(async (hint, limits) => {
      begun.push(hint);
      await limits.model?.enter();
      deadlines.push(limits.deadlineAt - consumer.clock.now());
      await new Promise<void>((resolve) => leave.push(resolve));
    });

    await consumer.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await consumer.clock.advance(0);
    await consumer.clock.advance(90_000);
    leave[0]?.();
    await consumer.clock.advance(0);

    expect(begun).toHaveLength(20);
    expect(deadlines).toEqual([60_000, 60_000]);
  });

  it('the consumer runs deferred work in the index class, and ends after it', async () => {
    const done: string[] = [];
    const finish: (() => void)[] = [];
    const consumer = open(async (hint, limits) => {
      if (hint.kind !== 'refine') return;
      limits.defer?.(async () => {
        await new Promise<void>((resolve) => finish.push(resolve));
        done.push(hint.scope);
      });
    });
    await consumer.queue.send(Array.from({ length: 6 }, (_, i) => plain(`user#${i}`)));
    await consumer.clock.advance(0);
    const atOnce = finish.length;

    for (let round = 0; round < 3; round++) {
      for (const end of finish.splice(0)) end();
      await consumer.clock.advance(0);
    }
    consumer.stop.abort();
    await consumer.ended;

    expect(atOnce).toBe(2);
    expect(done).toHaveLength(6);
  });

  it('the consumer ends although runs wait for the model', async () => {
    const consumer = open(async (_, limits) => {
      if (await limits.model?.enter()) await new Promise<void>((resolve) => setImmediate(resolve));
    });
    await consumer.queue.send(Array.from({ length: 5 }, (_, i) => refine(`user#${i}`)));
    await consumer.clock.advance(0);

    consumer.stop.abort();

    await expect(consumer.ended).resolves.toBeUndefined();
  });
});

describe('a batch of hints', () => {
  it('a batch of hints reports only the failed ones, unreadable ones included', async () => {
    const handle = createHintHandler({ telemetry: { log: () => {} } }, async (hint) => {
      if (hint.kind === 'index') throw new RetryableError('down', 'The index is down.');
    });
    const bodies = [
      JSON.stringify(refine('a')),
      JSON.stringify({ v: 1, kind: 'index', project: 'p', memory: 'm' }),
      JSON.stringify({ v: 2, kind: 'refine', project: 'p', scope: 's' }),
      'not json',
    ];

    const answer = await handle(
      { Records: bodies.map((body, i) => ({ messageId: `m${i}`, body })) },
      { deadlineAt: 0, signal: new AbortController().signal },
    );

    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'm1',
      'm2',
      'm3',
    ]);
  });
});
