import { describe, expect, it } from 'vitest';
import { createMemoryQueue, type MemoryQueue } from '../../shared/adapters/memory-queue/queue.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { describeQueue } from './queue.contract.ts';

const never = new AbortController().signal;

const takeAll = async (queue: MemoryQueue): Promise<Hint[]> => {
  const taken: Hint[] = [];
  const enough = new AbortController();
  for (;;) {
    const receiving = queue.receive(10, enough.signal);
    setImmediate(() => enough.abort());
    const hints = await receiving;
    if (hints.length === 0) return taken;
    taken.push(...hints);
  }
};

describeQueue('memory', async () => {
  const clock = createManualClock();
  const queue = createMemoryQueue(clock);
  return {
    queue,
    settle: () => takeAll(queue),
    advance: clock.advance,
    close: async () => {},
  };
});

const refine = (scope: string): Hint => ({ v: 1, kind: 'refine', project: 'proj_1', scope });

describe('the memory queue', () => {
  it('identical hints that wait together are received once', async () => {
    const queue = createMemoryQueue(createManualClock());

    await queue.send([refine('a'), refine('b'), refine('a')]);
    await queue.send([{ scope: 'a', project: 'proj_1', kind: 'refine', v: 1 }]);

    expect(queue.size()).toBe(2);
    expect(await queue.receive(10, never)).toEqual([refine('a'), refine('b')]);
  });

  it('the earlier of two delays of one hint counts', async () => {
    const clock = createManualClock();
    const queue = createMemoryQueue(clock);
    await queue.send([refine('a')], 5_000);
    await queue.send([refine('a')], 1_000);

    const receiving = queue.receive(10, never);
    await clock.advance(1_000);

    expect(await receiving).toEqual([refine('a')]);
    expect(queue.size()).toBe(0);
  });

  it('a receiver that waits for a delayed hint wakes up for a new hint', async () => {
    const queue = createMemoryQueue(createManualClock());
    await queue.send([refine('later')], 60_000);
    const receiving = queue.receive(10, never);

    await queue.send([refine('now')]);

    expect(await receiving).toEqual([refine('now')]);
  });

  const verbatim = (project: string, scope: string): Hint => ({
    v: 1,
    kind: 'refine',
    project,
    scope,
    verbatim: true,
  });
  const delivery = (project: string, index: number): Hint => ({
    v: 1,
    kind: 'delivery',
    project,
    delivery: `dlv_${String(index).padStart(32, '0')}_${String(index).padStart(32, '0')}`,
  });

  it.each([
    ['ready', 0, (project: string, n: number) => ({ ...refine(`s${n}`), project })],
    ['prompt', 0, (project: string, n: number) => verbatim(project, `s${n}`)],
    ['delayed', 1_000, (project: string, n: number) => ({ ...refine(`s${n}`), project })],
    ['deliveries to many endpoints, all', 0, delivery],
  ] as const)(
    'hints of one project that fill the queue do not push out those of another: %s',
    async (_, delayMs, hintOf) => {
      const clock = createManualClock();
      const queue = createMemoryQueue(clock);
      const few = Array.from({ length: 20 }, (__, n) => hintOf('few', n));
      await queue.send(few.slice(0, 10), delayMs);
      await queue.send(
        Array.from({ length: 10_100 }, (__, n) => hintOf('many', n)),
        delayMs,
      );

      await queue.send(few.slice(10), delayMs);
      const size = queue.size();
      await clock.advance(delayMs);
      const taken = await takeAll(queue);

      expect(size).toBe(10_000);
      expect(taken.filter(({ project }) => project === 'few')).toHaveLength(20);
      expect(taken).toHaveLength(10_000);
    },
  );

  it('hints of each endpoint are received in turn, however many wait for another endpoint', async () => {
    const queue = createMemoryQueue(createManualClock());
    const [busy, calm] = ['a', 'b'].map((character) => character.repeat(32));
    const deliver = (endpoint: string | undefined, index: number): Hint => {
      const notification = String(index).padStart(32, '0');
      return { v: 1, kind: 'delivery', project: 'p', delivery: `dlv_${notification}_${endpoint}` };
    };
    const many = Array.from({ length: 1_000 }, (_, i) => deliver(busy, i));
    const few = [deliver(calm, 0), deliver(calm, 1)];

    await queue.send([...many, ...few]);
    const first = await queue.receive(5, never);

    expect(first).toEqual([many[0], few[0], many[1], few[1], many[2]]);
    expect(queue.size()).toBe(997);
  });

  describe('while requests keep coming', () => {
    const plainOf = (scope: string): Hint => ({
      v: 1,
      kind: 'refine',
      project: 'proj_1',
      scope,
      verbatim: true,
    });
    const plain = plainOf('plain');
    const job: Hint = { v: 1, kind: 'job', project: 'proj_1', job: 'j' };

    /** Debounce of a receiver: resolves when `end` is called, at the end of a burst of requests. */
    const openBurst = () => {
      const queue = createMemoryQueue(createManualClock());
      let end = () => {};
      const debounce = (signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          end = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      const settled = () => new Promise((resolve) => setImmediate(resolve));
      return { queue, debounce, settled, end: () => end() };
    };

    it.each([plain, job])(
      'during a burst of requests %j is received at once and other hints after the burst',
      async (hint) => {
        const { queue, debounce, settled, end } = openBurst();
        await queue.send([refine('a')]);
        const first = queue.receive(10, never, debounce);
        await settled();

        await queue.send([hint, refine('b')]);
        const atOnce = await first;
        const second = queue.receive(10, never, debounce);
        await settled();
        end();

        expect(atOnce).toEqual([hint]);
        expect(await second).toEqual([refine('a'), refine('b')]);
      },
    );

    it('a burst of requests delays hints by at most a second', async () => {
      const clock = createManualClock();
      const queue = createMemoryQueue(clock);
      const endless = (signal: AbortSignal) => clock.sleep(10_000, signal);
      await queue.send([refine('a')]);
      const taken: Hint[][] = [];

      for (let n = 0; n < 12; n++) {
        await queue.send([plainOf(`plain-${n}`)]);
        taken.push(await queue.receive(10, never, endless));
        await clock.advance(100);
      }

      const at = taken.findIndex((hints) => hints.some((hint) => !('verbatim' in hint)));
      expect(at).toBe(10);
    });
  });

  it('hints beyond the capacity of the memory queue are dropped', async () => {
    const queue = createMemoryQueue(createManualClock());

    await queue.send(Array.from({ length: 25_000 }, (_, i) => refine(`user#${i}`)));

    expect(queue.size()).toBe(10_000);
  });

  it('thousands of delayed hints do not displace hints without a delay', async () => {
    const queue = createMemoryQueue(createManualClock());
    await queue.send(
      Array.from({ length: 25_000 }, (_, i) => refine(`user#${i}`)),
      60_000,
    );

    await queue.send([refine('user#now')]);
    const taken = await queue.receive(10, new AbortController().signal);

    expect(taken).toEqual([refine('user#now')]);
  });
});
