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

const newPump = (
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

describe('the pump', () => {
  it('carries eight different hints at once, and the next when one is done', async () => {
    const finish: (() => void)[] = [];
    const pump = newPump(() => new Promise((resolve) => finish.push(resolve)));

    await pump.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await pump.clock.advance(0);
    const atFirst = finish.length;
    finish[0]?.();
    await pump.clock.advance(0);

    expect(atFirst).toBe(8);
    expect(finish.length).toBe(9);
  });

  it('does not work on two identical hints at once, and works once more on one that came meanwhile', async () => {
    const finish: (() => void)[] = [];
    const pump = newPump(() => new Promise((resolve) => finish.push(resolve)));

    for (let i = 0; i < 4; i++) {
      await pump.queue.send([refine('user#alex')]);
      await pump.clock.advance(0);
    }
    const meanwhile = finish.length;
    finish[0]?.();
    await pump.clock.advance(0);
    finish[1]?.();
    await pump.clock.advance(0);

    expect(meanwhile).toBe(1);
    expect(finish.length).toBe(2);
  });

  it('delivers a failing hint five times with growing pauses, then leaves it to the sweeper', async () => {
    const tries: number[] = [];
    const pump = newPump(async () => {
      tries.push(pump.clock.now());
      throw new RetryableError('model_down', 'The model cannot be reached.');
    });

    await pump.queue.send([refine('user#alex')]);
    for (let i = 0; i < 60; i++) await pump.clock.advance(1_000);

    const pauses = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pump.lines.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 5 }, () => 'hint.retry'),
      'hint.dropped',
    ]);
    expect(pump.queue.size()).toBe(0);
  });

  it('does not log what an unforeseen error says, for it may quote a memory', async () => {
    const pump = newPump(async () => {
      throw new SyntaxError('Unexpected token in "I live\n    at 12 Elm Street"');
    });

    await pump.queue.send([refine('user#alex')]);
    await pump.clock.advance(0);

    expect(JSON.stringify(pump.lines)).not.toContain('Elm Street');
    const where = expect.stringContaining('consumer.test.ts');
    expect(pump.lines).toMatchObject([
      { fields: { code: 'internal', name: 'SyntaxError', where } },
    ]);
  });

  it('takes nothing more once stopped, and ends when its work has', async () => {
    const finish: (() => void)[] = [];
    const pump = newPump(() => new Promise((resolve) => finish.push(resolve)));
    await pump.queue.send([refine('user#alex')]);
    await pump.clock.advance(0);
    let hasEnded = false;
    const ended = pump.ended.then(() => {
      hasEnded = true;
    });

    pump.stop.abort();
    await pump.queue.send([refine('user#other')]);
    await pump.clock.advance(0);
    const before = hasEnded;
    finish[0]?.();
    await ended;

    expect(before).toBe(false);
    expect(pump.queue.size()).toBe(1);
  });

  it('lets work under way begin nothing new once stopped', async () => {
    const deadlines: number[] = [];
    const pump = newPump(async (_, limits) => {
      deadlines.push(limits.deadlineAt);
      pump.stop.abort();
      deadlines.push(limits.deadlineAt);
    });

    await pump.queue.send([refine('user#alex')]);
    await pump.ended;

    const now = pump.clock.now();
    expect(deadlines.map((deadline) => deadline > now)).toEqual([true, false]);
  });

  it('passes on the request to stop what is under way', async () => {
    const pump = newPump(
      (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    await pump.queue.send([refine('user#alex')]);
    await pump.clock.advance(0);

    pump.stop.abort();
    pump.cancel.abort();

    await expect(pump.ended).resolves.toBeUndefined();
  });
});

describe('the pump with classes of work', () => {
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
    return { ...newPump(work, { classes, concurrency: 1_000 }, stop), classes };
  };

  it('holds no class up by another', async () => {
    const begun: Hint[] = [];
    const pump = open((hint) => {
      begun.push(hint);
      return new Promise(() => {});
    });
    await pump.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await pump.clock.advance(0);

    await pump.queue.send([job, index, plain('user#other')]);
    await pump.clock.advance(0);

    expect(begun).toHaveLength(4 + 3);
    expect(begun.slice(4)).toEqual(expect.arrayContaining([job, index, plain('user#other')]));
  });

  it('merges a hint with its like that has not begun', async () => {
    const finish: (() => void)[] = [];
    const scopes: string[] = [];
    const pump = open((hint) => {
      if (hint.kind === 'refine') scopes.push(hint.scope);
      return new Promise((resolve) => finish.push(resolve));
    });
    await pump.queue.send(Array.from({ length: 4 }, (_, i) => refine(`user#${i}`)));
    for (let times = 0; times < 3; times++) {
      await pump.queue.send([refine('user#last')]);
      await pump.clock.advance(0);
    }

    for (let round = 0; round < 4; round++) {
      for (const end of finish.splice(0)) end();
      await pump.clock.advance(0);
    }

    expect(scopes.filter((scope) => scope === 'user#last')).toHaveLength(1);
  });

  it('gives a slot back while its run waits for the model, and time anew when it is let in', async () => {
    const deadlines: number[] = [];
    const begun: Hint[] = [];
    const leave: (() => void)[] = [];
    const pump = open(async (hint, limits) => {
      begun.push(hint);
      await limits.model?.enter();
      deadlines.push(limits.deadlineAt - pump.clock.now());
      await new Promise<void>((resolve) => leave.push(resolve));
    });

    await pump.queue.send(Array.from({ length: 20 }, (_, i) => refine(`user#${i}`)));
    await pump.clock.advance(0);
    await pump.clock.advance(90_000);
    leave[0]?.();
    await pump.clock.advance(0);

    expect(begun).toHaveLength(20);
    expect(deadlines).toEqual([60_000, 60_000]);
  });

  it('does what was put off for later in the class of the index, and ends after it', async () => {
    const done: string[] = [];
    const finish: (() => void)[] = [];
    const pump = open(async (hint, limits) => {
      if (hint.kind !== 'refine') return;
      limits.defer?.(async () => {
        await new Promise<void>((resolve) => finish.push(resolve));
        done.push(hint.scope);
      });
    });
    await pump.queue.send(Array.from({ length: 6 }, (_, i) => plain(`user#${i}`)));
    await pump.clock.advance(0);
    const atOnce = finish.length;

    for (let round = 0; round < 3; round++) {
      for (const end of finish.splice(0)) end();
      await pump.clock.advance(0);
    }
    pump.stop.abort();
    await pump.ended;

    expect(atOnce).toBe(2);
    expect(done).toHaveLength(6);
  });

  it('ends although runs wait for the model', async () => {
    const pump = open(async (_, limits) => {
      if (await limits.model?.enter()) await new Promise<void>((resolve) => setImmediate(resolve));
    });
    await pump.queue.send(Array.from({ length: 5 }, (_, i) => refine(`user#${i}`)));
    await pump.clock.advance(0);

    pump.stop.abort();

    await expect(pump.ended).resolves.toBeUndefined();
  });
});

describe('a batch of hints', () => {
  it('reports only those that failed, unreadable ones too', async () => {
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
