import { describe, expect, it } from 'vitest';
import { refineScope } from '../../../shared/core/refine/refine.ts';
import type { StoreCall } from '../../support/intercepted-store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { alice, openWorld, project, request, textsOf, type World } from '../../support/world.ts';

const both = ['Learnt: one', 'Learnt: two'];

const isRelease = ({ steps }: StoreCall): boolean =>
  writesOf(steps, 'HEAD').some((step) => step.op === 'update' && step.set['token'] === '');

/** Accepts a second turn when `moment` comes, its hint being lost. */
const acceptAt = (
  world: World,
  side: 'before' | 'after',
  moment: (call: StoreCall, released: boolean) => boolean,
) => {
  let isDone = false;
  let released = false;
  const act = async (call: StoreCall) => {
    if (side === 'after' && isRelease(call)) released = true;
    if (!isDone && moment(call, released)) {
      isDone = true;
      world.hints.become('losing');
      await world.accept(request('two'));
      world.hints.become('sound');
    }
  };
  return world.intercepted({ [side]: act });
};

describe('a turn that is committed while the scope is being released', () => {
  it('just before the release is seen by the look after it', async () => {
    const world = openWorld();
    await world.add('one');

    await world.refine(alice, acceptAt(world, 'before', isRelease));

    expect(textsOf(await world.list())).toEqual(both);
  });

  it('just after the release is seen by the look after it', async () => {
    const world = openWorld();
    await world.add('one');

    await world.refine(alice, acceptAt(world, 'after', isRelease));

    expect(textsOf(await world.list())).toEqual(both);
  });

  it('after the last look is left to the sweeper', async () => {
    const world = openWorld();
    await world.add('one');
    const last = (call: StoreCall, released: boolean) => released && call.method === 'query';

    await world.refine(alice, acceptAt(world, 'after', last));
    const before = textsOf(await world.list());
    await world.pass(0);

    expect(before).toEqual(['Learnt: one', 'user: two']);
    expect(textsOf(await world.list())).toEqual(both);
  });
});

describe('a crash', () => {
  it('between the release and the look after it leaves the due time to the sweeper', async () => {
    const world = openWorld();
    await world.add('one');
    let released = false;
    const dying = acceptAt(world, 'before', isRelease);
    const worker = {
      ...dying,
      store: {
        ...dying.store,
        transact: async (steps: StoreCall['steps']) => {
          const done = await dying.store.transact(steps);
          released ||= isRelease({ at: 0, method: 'transact', steps, keys: [] });
          return done;
        },
        query: (range: Parameters<typeof dying.store.query>[0]) => {
          if (released) throw new Error('crash');
          return dying.store.query(range);
        },
      } as typeof dying.store,
    };

    await expect(world.refine(alice, worker)).rejects.toThrow('crash');
    await world.pass(0);

    expect(textsOf(await world.list())).toEqual(both);
  });

  it('while the scope is held delays it by no more than the lease', async () => {
    const world = openWorld();
    await world.add('one');
    const dying = world.intercepted({
      before: ({ at }) => {
        if (at > 0) throw new Error('crash');
      },
    });

    await world.refine(alice, dying).catch(() => {});
    await world.pass(30_000);

    expect(textsOf(await world.list())).toEqual(['Learnt: one']);
  });
});

describe('draining', () => {
  it('begins nothing new after its deadline and hints at the rest', async () => {
    const world = openWorld();
    world.model.batch.turns = 1;
    await world.add('one');
    await world.add('two');
    while (world.hints.take());
    const deadlineAt = world.clock.now() + 1_000;
    world.model.always(async ({ turns }) => {
      await world.clock.advance(1_000);
      const text = `Learnt: ${turns[0]?.messages[0]?.content}`;
      return {
        ok: true,
        changes: [{ turn: 0, type: 'ADD', text }],
        usage: { prompt: 0, completion: 0 },
      };
    });

    const { signal } = new AbortController();
    await refineScope(world.platform, project, 'user#alice', { deadlineAt, signal });
    const before = textsOf(await world.list());
    const hinted = world.hints.waiting();
    await world.work();

    expect(before).toEqual(['Learnt: one', 'user: two']);
    expect(hinted).toEqual([{ v: 1, kind: 'refine', project, scope: 'user#alice' }]);
    expect(textsOf(await world.list())).toEqual(both);
  });

  it('that is told to stop gives the scope back at once and hints at the rest', async () => {
    const world = openWorld();
    await world.add('one');
    while (world.hints.take());
    const stop = new AbortController();
    world.model.next(async () => {
      stop.abort();
      throw new Error('The request was aborted.');
    });

    const deadlineAt = world.clock.now() + 60_000;
    await refineScope(world.platform, project, 'user#alice', { deadlineAt, signal: stop.signal });
    await world.work();

    expect(textsOf(await world.list())).toEqual(['Learnt: one']);
  });
});
