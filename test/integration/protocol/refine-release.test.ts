import { describe, expect, it } from 'vitest';
import { refineScope } from '../../../shared/core/refine/refine.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  request,
  textsOf,
} from '../../support/core-fixture.ts';
import type { StoreCall } from '../../support/intercepted-store.ts';
import { writesOf } from '../../support/intercepted-store.ts';

const both = ['Learnt: one', 'Learnt: two'];

const isRelease = ({ steps }: StoreCall): boolean =>
  writesOf(steps, 'LEASE').some((step) => step.op === 'update' && step.set['token'] === '');

/** Accepts a second turn, whose hint is lost, at the given moment. */
const acceptAt = (
  service: CoreFixture,
  side: 'before' | 'after',
  moment: (call: StoreCall, released: boolean) => boolean,
) => {
  let isDone = false;
  let released = false;
  const act = async (call: StoreCall) => {
    if (side === 'after' && isRelease(call)) released = true;
    if (!isDone && moment(call, released)) {
      isDone = true;
      service.hints.become('losing');
      await service.accept(request('two'));
      service.hints.become('sound');
    }
  };
  return service.intercepted({ [side]: act });
};

describe('a turn that is committed while the scope is being released', () => {
  it('a turn committed just before the release is found by the read after it', async () => {
    const service = openCoreFixture();
    await service.add('one');

    await service.refine(alice, acceptAt(service, 'before', isRelease));

    expect(textsOf(await service.list())).toEqual(both);
  });

  it('a turn committed just after the release is found by the read after it', async () => {
    const service = openCoreFixture();
    await service.add('one');

    await service.refine(alice, acceptAt(service, 'after', isRelease));

    expect(textsOf(await service.list())).toEqual(both);
  });

  it('a turn committed after the last read is found by the sweeper', async () => {
    const service = openCoreFixture();
    await service.add('one');
    const last = (call: StoreCall, released: boolean) => released && call.method === 'query';

    await service.refine(alice, acceptAt(service, 'after', last));
    const before = textsOf(await service.list());
    await service.pass(0);

    expect(before).toEqual(['Learnt: one', 'user: two']);
    expect(textsOf(await service.list())).toEqual(both);
  });
});

describe('a crash', () => {
  it('a crash between the release and the read after it leaves the due time to the sweeper', async () => {
    const service = openCoreFixture();
    await service.add('one');
    let released = false;
    const dying = acceptAt(service, 'before', isRelease);
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

    await expect(service.refine(alice, worker)).rejects.toThrow('crash');
    await service.pass(0);

    expect(textsOf(await service.list())).toEqual(both);
  });

  it('a crash under a lease delays the scope by no more than the lease', async () => {
    const service = openCoreFixture();
    await service.add('one');
    const dying = service.intercepted({
      before: ({ at }) => {
        if (at > 0) throw new Error('crash');
      },
    });

    await service.refine(alice, dying).catch(() => {});
    await service.pass(30_000);

    expect(textsOf(await service.list())).toEqual(['Learnt: one']);
  });
});

describe('draining', () => {
  it('a run starts nothing after its deadline and hints at the rest', async () => {
    const service = openCoreFixture();
    service.model.batch.turns = 1;
    await service.add('one');
    await service.add('two');
    while (service.hints.take());
    const deadlineAt = service.clock.now() + 1_000;
    service.model.always(async ({ turns }) => {
      await service.clock.advance(1_000);
      const text = `Learnt: ${turns[0]?.messages[0]?.content}`;
      return {
        ok: true,
        changes: [{ turn: 0, type: 'ADD', text }],
        usage: { prompt: 0, completion: 0 },
      };
    });

    const { signal } = new AbortController();
    await refineScope(service.platform, project, 'user#alice', { deadlineAt, signal });
    const before = textsOf(await service.list());
    const hinted = service.hints.waiting().filter(({ kind }) => kind === 'refine');
    await service.work();

    expect(before).toEqual(['Learnt: one', 'user: two']);
    expect(hinted).toEqual([{ v: 1, kind: 'refine', project, scope: 'user#alice' }]);
    expect(textsOf(await service.list())).toEqual(both);
  });

  it('an aborted run releases the scope at once and hints at the rest', async () => {
    const service = openCoreFixture();
    await service.add('one');
    while (service.hints.take());
    const stop = new AbortController();
    service.model.next(async () => {
      stop.abort();
      throw new Error('The request was aborted.');
    });

    const deadlineAt = service.clock.now() + 60_000;
    await refineScope(service.platform, project, 'user#alice', { deadlineAt, signal: stop.signal });
    await service.work();

    expect(textsOf(await service.list())).toEqual(['Learnt: one']);
  });
});
