import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { ItemKind } from '../../../shared/domain/table/items.ts';
import { eventKey, headKey } from '../../../shared/domain/table/keys.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, learning } from '../../support/scripted-model.ts';
import { openWorld, project, textsOf, type World } from '../../support/world.ts';

const head = headKey(project, 'user#alice');
const leaseMs = 30_000;

const take = (world: World) =>
  world.store.transact([
    {
      op: 'put',
      key: head,
      item: { token: 'another', leaseUntil: world.clock.now() + leaseMs },
    },
  ]);

/** Lets the first call of the model wait until it is told to answer. */
const holdModel = (world: World) => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  world.model.next(async (request, signal) => {
    asked();
    await held;
    return learning('Learnt: I live in Lisbon.')(request, signal);
  });
  return { isAsked, answer: () => answer() };
};

describe('the claim of a scope', () => {
  it('is refused while another holds it: the hint is done with, nothing is read', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.');
    await take(world);
    const methods: string[] = [];

    await world.refine(
      { user: 'alice' },
      world.intercepted({ before: ({ method }) => methods.push(method) }),
    );

    expect(methods).toEqual(['transact']);
    expect(world.model.requests).toEqual([]);
    expect(await world.store.get(head)).toMatchObject({ token: 'another' });
  });

  it('succeeds once the lease of a worker that crashed has run out', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.');
    await take(world);

    await world.clock.advance(leaseMs - 1);
    await world.refine();
    const early = world.model.requests.length;
    await world.clock.advance(1);
    await world.refine();

    expect(early).toBe(0);
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('of one scope does not keep others waiting', async () => {
    const world = openWorld();
    await world.add('I live in Porto.', { user: 'bob' });
    await take(world);

    await world.refine({ user: 'bob' });

    expect(textsOf(await world.list({ user: 'bob' }))).toEqual(['Learnt: I live in Porto.']);
  });

  it('sets a new token each time and gives it back at the end', async () => {
    const world = openWorld();
    const tokens: unknown[] = [];
    const worker = world.intercepted({
      before: ({ steps }) => {
        for (const step of writesOf(steps, 'HEAD'))
          if (step.op === 'update' && 'token' in step.set) tokens.push(step.set['token']);
      },
    });

    await world.refine({ user: 'alice' }, worker);
    await world.refine({ user: 'alice' }, worker);

    const [first, firstEnd, second, secondEnd] = tokens;
    expect([firstEnd, secondEnd]).toEqual(['', '']);
    expect(new Set([first, second, '']).size).toBe(3);
    expect(await world.store.get(head)).toMatchObject({ leaseUntil: 0 });
  });
});

describe('the heartbeat', () => {
  it('renews the lease for as long as the model takes', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.');
    const { isAsked, answer } = holdModel(world);

    const slow = world.refine();
    await isAsked;
    for (let seconds = 0; seconds < 120; seconds += 5) {
      await world.clock.advance(5_000);
      await world.refine();
    }
    answer();
    await slow;

    expect(world.model.requests).toHaveLength(1);
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('stops the work when it finds the lease gone', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.');
    let wasAborted = false;
    world.model.next(async (request, signal) => {
      await take(world);
      await world.clock.advance(leaseMs / 3);
      await new Promise((resolve) => setImmediate(resolve));
      wasAborted = signal.aborted;
      return learning('too late')(request, signal);
    });

    await world.refine();

    expect(wasAborted).toBe(true);
    expect(world.rows('PLAN')).toEqual([]);
  });

  it('that missed its time leaves the scope to the next worker, and each turn is refined once', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.');
    const { isAsked, answer } = holdModel(world);
    const cutOff = world.intercepted({
      before: ({ steps }) => {
        const beats = writesOf(steps, 'HEAD').some(
          (step) => step.op === 'update' && !('token' in step.set),
        );
        if (beats) throw new RetryableError('unreachable', 'The store cannot be reached.');
      },
    });

    const slow = world.refine({ user: 'alice' }, cutOff);
    await isAsked;
    await world.clock.advance(leaseMs);
    await world.refine();
    answer();
    await slow;

    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(world.rows('MEMORY')).toHaveLength(1);
    expect(world.rows('PLAN')).toEqual([]);
  });
});

describe('a lost lease', () => {
  const facts = Array.from({ length: 60 }, (_, n) => `Fact number ${n}.`);
  const writes: [string, ItemKind, (world: World) => void][] = [
    ['mark an event as running', 'EVENT', () => {}],
    ['save a plan', 'PLAN', () => {}],
    ['write a memory ahead', 'MEMORY', ({ model }) => model.next(learning(...facts))],
    ['apply a turn', 'CHANGES', () => {}],
    [
      'put a turn off',
      'PEND',
      ({ model }) => model.next(failing(new RetryableError('down', 'The model is down.'))),
    ],
  ];
  it.each(writes)('lets its holder not even %s', async (_, kind, prepare) => {
    const world = openWorld();
    const { turn, event } = await world.add('I live in Lisbon.');
    prepare(world);
    let before: string | undefined;
    const worker = world.intercepted({
      before: async ({ steps }) => {
        if (before !== undefined || writesOf(steps, kind).length === 0) return;
        await take(world);
        before = JSON.stringify(world.rows());
      },
    });

    await world.refine({ user: 'alice' }, worker);

    expect(before).toBeDefined();
    expect(JSON.stringify(world.rows())).toBe(before);
    expect(await world.list()).toMatchObject([{ id: turn, event, rough: true }]);
  });

  it('does not let its holder fail a turn', async () => {
    const world = openWorld({ refineSchedule: [] });
    const { event } = await world.add('I live in Lisbon.');
    world.model.next(failing(new RetryableError('down', 'The model is down.')));
    const worker = world.intercepted({
      before: async ({ steps }) => {
        const fails = writesOf(steps, 'TURN').length > 0;
        if (fails) await take(world);
      },
    });

    await world.refine({ user: 'alice' }, worker);

    expect(await world.store.get(eventKey(project, event))).toMatchObject({ status: 'RUNNING' });
    expect(world.rows('PEND')).toHaveLength(1);
  });
});

describe('the backoff of a scope', () => {
  const down = failing(new RetryableError('down', 'The model is down.'));

  it('is not jumped by hints, nor by a later turn', async () => {
    const world = openWorld({ refineSchedule: [60, 60] });
    await world.add('I live in Lisbon.');
    world.model.next(down);
    await world.refine();

    await world.add('I like tea.');
    for (let hint = 0; hint < 5; hint++) await world.refine();
    await world.pass(59_999);
    const early = world.model.requests.length;
    await world.pass(1);

    expect(early).toBe(1);
    expect(textsOf(await world.list())).toEqual([
      'Learnt: I like tea.',
      'Learnt: I live in Lisbon.',
    ]);
  });

  it('sets when the scope may be claimed and when its turns are due', async () => {
    const world = openWorld({ refineSchedule: [60, 60] });
    await world.add('I live in Lisbon.');
    await world.add('I like tea.');
    world.model.next(down);

    await world.refine();

    const until = world.clock.now() + 60_000;
    expect(await world.store.get(head)).toMatchObject({ token: '', notBefore: until });
    expect(world.rows('PEND').map(({ item }) => item.dueAt)).toEqual([until, until]);
  });

  it('is forgotten after a success', async () => {
    const world = openWorld({ refineSchedule: [1] });
    await world.add('I live in Lisbon.');
    world.model.next(down);
    await world.refine();

    await world.pass(1_000);

    expect(await world.store.get(head)).not.toHaveProperty('notBefore');
  });
});
