import { describe, expect, it } from 'vitest';
import { maxTurnBytes } from '../../../shared/core/accept.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import {
  entityRecordKey,
  eventKey,
  pendingKey,
  turnKey,
} from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { alice, openWorld, project, request, textsOf } from '../../support/world.ts';

const everyone = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };

const writesTurn = (steps: readonly Step[]) => writesOf(steps, 'TURN').length > 0;

describe('accept', () => {
  it('writes the turn and all that follows from it in one transaction', async () => {
    const world = openWorld();
    const transactions: (readonly Step[])[] = [];
    const client = world.intercepted({ before: ({ steps }) => transactions.push(steps) });

    await world.accept(request('I live in Lisbon.', everyone), client);

    const whole = transactions.find(writesTurn) ?? [];
    const kinds = whole.map(({ key }) => key.kind).sort();
    const pointers = ['RECENT', 'RECENT', 'RECENT', 'RECENT', 'RECENT'];
    expect(kinds).toEqual(['EVENT', 'IDEM', 'OUTBOX', 'PEND', ...pointers, 'TURN']);
    const written = new Set(
      transactions
        .filter((t) => t !== whole)
        .flat()
        .map((s) => s.key.kind),
    );
    expect([...written]).toEqual(['ENTITY']);
  });

  it('makes a pending turn, a pending event, and a work item that is due at once', async () => {
    const world = openWorld();

    const { turn, event } = await world.add('I live in Lisbon.');

    const now = world.clock.now();
    expect(await world.store.get(turnKey(project, turn))).toMatchObject({
      state: 'pending',
      event,
    });
    expect(await world.store.get(eventKey(project, event))).toMatchObject({
      status: 'PENDING',
      attempts: 0,
      turn,
    });
    const pending = await world.store.get(pendingKey(project, 'user#alice', turn));
    expect(pending).toMatchObject({ turn, failures: 0, dueAt: now });
  });

  it('never touches HEAD, so it does not meet the worker that holds the scope', async () => {
    const world = openWorld();
    const touched: string[] = [];
    const client = world.intercepted({
      before: ({ steps }) => touched.push(...steps.map(({ key }) => key.kind)),
    });
    await world.add('I live in Lisbon.');
    world.model.next(async (asked, signal) => {
      await world.accept(request('I like tea.'), client);
      return world.model.decide(asked, signal);
    });

    await world.refine();

    expect(touched).toContain('TURN');
    expect(touched).not.toContain('HEAD');
    expect(textsOf(await world.list())).toEqual([
      'Learnt: I like tea.',
      'Learnt: I live in Lisbon.',
    ]);
  });

  it('takes two round trips for a known entity: the transaction, then the hint', async () => {
    const world = openWorld();
    const trips: string[] = [];
    const store = { before: ({ method }: { method: string }) => trips.push(method) };
    const client = world.intercepted(store);
    await world.accept(request('The first makes the entity known.'), client);
    trips.length = 0;

    const sends = { send: async () => void trips.push('hint') };
    const seen = { ...client, turns: sends, notifications: { send: async () => {} } };
    await world.accept(request('The second.'), seen);

    expect(trips).toEqual(['transact', 'hint']);
  });

  it('hints only after the commit', async () => {
    const world = openWorld();
    const kept: boolean[] = [];
    const turns = { send: async () => void kept.push(world.rows('TURN').length === 1) };

    await world.accept(request('I live in Lisbon.'), { ...world.platform, turns });

    expect(kept).toEqual([true]);
  });

  it('answers although the queue is down, and the sweeper finds the turn', async () => {
    const world = openWorld();
    world.hints.become('down');
    world.notices.become('down');

    const accepted = await world.accept(request('I live in Lisbon.'));
    world.hints.become('sound');
    await world.pass(0);

    expect(accepted.outcome).toBe('accepted');
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('is accepted once when the answer of its transaction is lost', async () => {
    const world = openWorld();
    const client = world.intercepted({
      after: ({ steps }) => {
        if (writesTurn(steps)) throw new Error('The connection was reset.');
      },
    });

    const accepted = await world.accept(request('I live in Lisbon.'), client);

    expect(accepted.outcome).toBe('accepted');
    expect(world.rows('TURN')).toHaveLength(1);
    expect(world.hints.waiting().map(({ kind }) => kind)).toEqual(['refine']);
  });

  it('is not accepted when its transaction did not happen', async () => {
    const world = openWorld();
    const client = world.intercepted({
      before: ({ steps }) => {
        if (writesTurn(steps)) throw new Error('The connection was reset.');
      },
    });

    await expect(world.accept(request('I live in Lisbon.'), client)).rejects.toThrow('reset');

    expect(world.rows('TURN')).toEqual([]);
    expect(world.hints.waiting()).toEqual([]);
  });

  it('tries again after transactions that met others', async () => {
    const world = openWorld();
    let conflicts = 3;
    const client = world.intercepted({
      before: ({ steps }) => {
        if (writesTurn(steps) && conflicts-- > 0)
          throw new RetryableError('transaction_conflict', 'Another transaction was at work.');
      },
    });

    const accepted = await world.until(world.accept(request('I live in Lisbon.'), client));

    expect(accepted.outcome).toBe('accepted');
    expect(conflicts).toBe(-1);
    expect(world.rows('TURN')).toHaveLength(1);
  });

  it('is seen as a rough memory by the very next read of each entity it names', async () => {
    const world = openWorld();

    const { turn, event } = await world.add('I live in Lisbon.', everyone);

    for (const [kind, id] of Object.entries(everyone)) {
      const rough = { id: turn, text: 'user: I live in Lisbon.', rough: true, event };
      expect(await world.list({ [kind]: id })).toMatchObject([rough]);
      expect(await world.search('Where do I live?', { [kind]: id })).toMatchObject([rough]);
    }
    expect(await world.list({ user: 'bob' })).toEqual([]);
  });

  it('records its entities before it answers, and later adds leave their cutoffs alone', async () => {
    const world = openWorld();
    const key = entityRecordKey(project, { kind: 'user', id: 'alice' });

    await world.add('I live in Lisbon.');
    const first = await world.store.get(key);
    const cutoffs = [{ match: alice, before: '0' }];
    await world.store.transact([{ op: 'update', key, set: { cutoffs, revision: 1 }, remove: [] }]);
    await world.accept(request('I like tea.'), world.intercepted({}));

    expect(first).toMatchObject({ kind: 'user', id: 'alice', revision: 0, cutoffs: [] });
    expect(await world.store.get(key)).toMatchObject({ revision: 1, cutoffs });
  });

  it('refuses what no item can hold, before anything is written', async () => {
    const world = openWorld();

    const accepted = await world.accept(request('x'.repeat(maxTurnBytes)));

    expect(accepted).toEqual({ outcome: 'too_large', limit: maxTurnBytes });
    expect(world.rows()).toEqual([]);
  });

  it('gives turns ids that sort in the order they were accepted', async () => {
    const world = openWorld();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      ids.push((await world.add(text)).turn);
      await world.clock.advance(text.length);
    }

    expect(ids.toSorted()).toEqual(ids);
  });
});
