import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { ItemKind } from '../../../shared/domain/table/items.ts';
import { eventKey, scopeLeaseKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { type StoreCall, savesPlan, writesOf } from '../../support/intercepted-store.ts';
import { failing, learning } from '../../support/scripted-model.ts';

const head = scopeLeaseKey(project, 'user#alice');
const leaseMs = 30_000;

const take = (service: CoreFixture) =>
  service.store.transact([
    {
      op: 'put',
      key: head,
      item: { token: 'another', leaseUntil: service.clock.now() + leaseMs },
    },
  ]);

/** Makes the first call of the model wait until the test lets it answer. */
const holdModel = (service: CoreFixture) => {
  let answer = () => {};
  const released = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  service.model.next(async (request, signal) => {
    asked();
    await released;
    return learning('Learnt: I live in Lisbon.')(request, signal);
  });
  return { isAsked, answer: () => answer() };
};

describe('the claim of a scope', () => {
  it('a claim is refused while another worker holds the scope: the hint is done, and nothing is read', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    await take(service);
    const methods: string[] = [];

    await service.refine(
      { user: 'alice' },
      service.intercepted({ before: ({ method }) => methods.push(method) }),
    );

    expect(methods).toEqual(['transact']);
    expect(service.model.requests).toEqual([]);
    expect(await service.store.get(head)).toMatchObject({ token: 'another' });
  });

  it.each(['before', 'after'] as const)(
    'a claim whose connection breaks %s it takes effect is repeated once, and the turn is refined by the same hint',
    async (moment) => {
      const service = openCoreFixture();
      service.model.next(learning('Learnt: I live in Lisbon.'));
      await service.add('I live in Lisbon.');
      let claims = 0;
      const worker = service.intercepted({
        [moment]: ({ steps }: StoreCall) => {
          if (writesOf(steps, 'LEASE').length === 0) return;
          claims += 1;
          if (claims === 1) throw new RetryableError('store_unavailable', 'socket hang up');
        },
      });

      await service.refine({ user: 'alice' }, worker);

      expect(service.model.requests).toHaveLength(1);
      expect(claims).toBeGreaterThan(1);
      expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
      expect(await service.store.get(head)).toMatchObject({ token: '' });
    },
  );

  it('a claim that fails twice is left to another hint', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const worker = service.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, 'LEASE').length > 0)
          throw new RetryableError('store_unavailable', 'socket hang up');
      },
    });

    const refined = service.refine({ user: 'alice' }, worker);

    await expect(refined).rejects.toThrow('socket hang up');
    expect(service.model.requests).toEqual([]);
  });

  it('a claim succeeds once the lease of a crashed worker has expired', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    await take(service);

    await service.clock.advance(leaseMs - 1);
    await service.refine();
    const early = service.model.requests.length;
    await service.clock.advance(1);
    await service.refine();

    expect(early).toBe(0);
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('the claim of one scope does not delay other scopes', async () => {
    const service = openCoreFixture();
    await service.add('I live in Porto.', { user: 'bob' });
    await take(service);

    await service.refine({ user: 'bob' });

    expect(textsOf(await service.list({ user: 'bob' }))).toEqual(['Learnt: I live in Porto.']);
  });

  it('a claim sets a new token each time and clears it at the end', async () => {
    const service = openCoreFixture();
    const tokens: unknown[] = [];
    const worker = service.intercepted({
      before: ({ steps }) => {
        for (const step of writesOf(steps, 'LEASE'))
          if (step.op === 'update' && 'token' in step.set) tokens.push(step.set['token']);
      },
    });

    await service.refine({ user: 'alice' }, worker);
    await service.refine({ user: 'alice' }, worker);

    const [first, firstEnd, second, secondEnd] = tokens;
    expect([firstEnd, secondEnd]).toEqual(['', '']);
    expect(new Set([first, second, '']).size).toBe(3);
    expect(await service.store.get(head)).toMatchObject({ leaseUntil: 0 });
  });
});

describe('the heartbeat', () => {
  it('the heartbeat renews the lease while the model works', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const { isAsked, answer } = holdModel(service);

    const slow = service.refine();
    await isAsked;
    for (let seconds = 0; seconds < 120; seconds += 5) {
      await service.clock.advance(5_000);
      await service.refine();
    }
    answer();
    await slow;

    expect(service.model.requests).toHaveLength(1);
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('the heartbeat stops the work when the lease was taken over', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    let wasAborted = false;
    service.model.next(async (request, signal) => {
      await take(service);
      await service.clock.advance(leaseMs / 3);
      await new Promise((resolve) => setImmediate(resolve));
      wasAborted = signal.aborted;
      return learning('too late')(request, signal);
    });

    await service.refine();

    expect(wasAborted).toBe(true);
    expect(service.kindsSaying('too late')).toEqual([]);
  });

  it('after a missed heartbeat the next worker takes the scope, and each turn is refined once', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const { isAsked, answer } = holdModel(service);
    const cutOff = service.intercepted({
      before: ({ steps }) => {
        const beats = writesOf(steps, 'LEASE').some(
          (step) => step.op === 'update' && !('token' in step.set),
        );
        if (beats) throw new RetryableError('unreachable', 'The store cannot be reached.');
      },
    });

    const slow = service.refine({ user: 'alice' }, cutOff);
    await isAsked;
    await service.clock.advance(leaseMs);
    await service.refine();
    answer();
    await slow;

    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(service.rows('MEMORY')).toHaveLength(1);
    expect(service.rows('PEND')).toEqual([]);
  });
});

describe('a lost lease', () => {
  const down = new RetryableError('down', 'The model is down.');
  const facts = Array.from({ length: 60 }, (_, n) => `Fact number ${n}.`);
  const writing = (kind: ItemKind) => (steps: readonly Step[]) => writesOf(steps, kind).length > 0;
  const writes: [string, typeof savesPlan, (service: CoreFixture) => void][] = [
    ['save a plan', savesPlan, () => {}],
    ['write a memory ahead', writing('MEMORY'), ({ model }) => model.next(learning(...facts))],
    ['apply a turn', writing('CHANGES'), () => {}],
    ['put a turn off', writing('PEND'), ({ model }) => model.next(failing(down))],
  ];
  it.each(writes)('a worker that lost its lease cannot %s', async (_, isWrite, prepare) => {
    const service = openCoreFixture();
    const { turn, event } = await service.add('I live in Lisbon.');
    prepare(service);
    let before: string | undefined;
    const worker = service.intercepted({
      before: async ({ steps }) => {
        if (before !== undefined || !isWrite(steps)) return;
        await take(service);
        before = JSON.stringify(service.rows());
      },
    });

    await service.refine({ user: 'alice' }, worker);

    expect(before).toBeDefined();
    expect(JSON.stringify(service.rows())).toBe(before);
    expect(await service.list()).toMatchObject([{ id: turn, event, rough: true }]);
  });

  it('a worker that lost its lease cannot fail a turn', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const { event } = await service.add('I live in Lisbon.');
    service.model.next(failing(down));
    const worker = service.intercepted({
      before: async ({ steps }) => {
        const fails = writesOf(steps, 'TURN').length > 0;
        if (fails) await take(service);
      },
    });

    await service.refine({ user: 'alice' }, worker);

    expect(await service.store.get(eventKey(project, event))).toMatchObject({ status: 'RUNNING' });
    expect(service.rows('PEND')).toHaveLength(1);
  });
});

describe('the backoff of a scope', () => {
  const down = failing(new RetryableError('down', 'The model is down.'));

  it('a backoff is not shortened by hints, nor by a later turn', async () => {
    const service = openCoreFixture({ refineSchedule: [60, 60] });
    await service.add('I live in Lisbon.');
    service.model.next(down);
    await service.refine();

    await service.add('I like tea.');
    for (let hint = 0; hint < 5; hint++) await service.refine();
    await service.pass(59_999);
    const early = service.model.requests.length;
    await service.pass(1);

    expect(early).toBe(1);
    expect(textsOf(await service.list())).toEqual([
      'Learnt: I like tea.',
      'Learnt: I live in Lisbon.',
    ]);
  });

  it('a backoff sets when the scope may be claimed and when its turns are due', async () => {
    const service = openCoreFixture({ refineSchedule: [60, 60] });
    await service.add('I live in Lisbon.');
    await service.add('I like tea.');
    service.model.next(down);

    await service.refine();

    const until = service.clock.now() + 60_000;
    expect(await service.store.get(head)).toMatchObject({ token: '', notBefore: until });
    expect(service.rows('PEND').map(({ item }) => item.dueAt)).toEqual([until, until]);
  });

  it('a backoff ends with a success', async () => {
    const service = openCoreFixture({ refineSchedule: [1] });
    await service.add('I live in Lisbon.');
    service.model.next(down);
    await service.refine();

    await service.pass(1_000);

    expect(await service.store.get(head)).not.toHaveProperty('notBefore');
  });
});
