import { describe, expect, it } from 'vitest';
import { maxTurnBytes } from '../../../shared/core/accept.ts';
import { put } from '../../../shared/core/steps.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import {
  entityRecordKey,
  eventKey,
  pendingKey,
  pollMarkerKey,
  turnKey,
} from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { alice, openCoreFixture, project, request, textsOf } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';

const everyone = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };

const writesTurn = (steps: readonly Step[]) => writesOf(steps, 'TURN').length > 0;

describe('accept', () => {
  it.each([
    ['', []],
    [', with an outbox if the project is notified of it', ['OUTBOX']],
  ])('accept writes the turn and all dependent items in one transaction%s', async (_, outboxes) => {
    const service = openCoreFixture();
    if (outboxes.length > 0)
      await service.store.transact([put(pollMarkerKey(project), { since: 0 })]);
    const transactions: (readonly Step[])[] = [];
    const client = service.intercepted({ before: ({ steps }) => transactions.push(steps) });

    await service.accept(request('I live in Lisbon.', everyone), client);

    const whole = transactions.find(writesTurn) ?? [];
    const kinds = whole.map(({ key }) => key.kind).sort();
    const pointers = ['RECENT', 'RECENT', 'RECENT', 'RECENT', 'RECENT'];
    expect(kinds).toEqual(['EVENT', 'IDEM', ...outboxes, 'PEND', ...pointers, 'TURN']);
    const written = new Set(
      transactions
        .filter((t) => t !== whole)
        .flat()
        .map((s) => s.key.kind),
    );
    expect([...written]).toEqual(['ENTITY']);
  });

  it('accept creates a pending turn, a pending event, and a work item that is due at once', async () => {
    const service = openCoreFixture();

    const { turn, event } = await service.add('I live in Lisbon.');

    const now = service.clock.now();
    expect(await service.store.get(turnKey(project, turn))).toMatchObject({
      state: 'pending',
      event,
    });
    expect(await service.store.get(eventKey(project, event))).toMatchObject({
      status: 'PENDING',
      attempts: 0,
      turn,
    });
    const pending = await service.store.get(pendingKey(project, 'user#alice', turn));
    expect(pending).toMatchObject({ turn, failures: 0, dueAt: now });
  });

  it('accept never touches HEAD, so it never conflicts with the worker that holds the scope', async () => {
    const service = openCoreFixture();
    const touched: string[] = [];
    const client = service.intercepted({
      before: ({ steps }) => touched.push(...steps.map(({ key }) => key.kind)),
    });
    await service.add('I live in Lisbon.');
    service.model.next(async (asked, signal) => {
      await service.accept(request('I like tea.'), client);
      return service.model.decide(asked, signal);
    });

    await service.refine();

    expect(touched).toContain('TURN');
    expect(touched).not.toContain('LEASE');
    expect(textsOf(await service.list())).toEqual([
      'Learnt: I like tea.',
      'Learnt: I live in Lisbon.',
    ]);
  });

  it('accept takes two round trips for a known entity: the transaction, then the hint', async () => {
    const service = openCoreFixture();
    const trips: string[] = [];
    const store = { before: ({ method }: { method: string }) => trips.push(method) };
    const client = service.intercepted(store);
    await service.accept(request('The first makes the entity known.'), client);
    trips.length = 0;

    const sends = { send: async () => void trips.push('hint') };
    const seen = { ...client, turns: sends, notifications: { send: async () => {} } };
    await service.accept(request('The second.'), seen);

    expect(trips).toEqual(['transact', 'hint']);
  });

  it('accept enqueues its hints only after the commit', async () => {
    const service = openCoreFixture();
    const kept: boolean[] = [];
    const turns = { send: async () => void kept.push(service.rows('TURN').length === 1) };

    await service.accept(request('I live in Lisbon.'), { ...service.platform, turns });

    expect(kept).toEqual([true]);
  });

  it('accept succeeds while the queue is down, and the sweeper finds the turn', async () => {
    const service = openCoreFixture();
    service.hints.become('down');
    service.notices.become('down');

    const accepted = await service.accept(request('I live in Lisbon.'));
    service.hints.become('sound');
    await service.pass(0);

    expect(accepted.outcome).toBe('accepted');
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('a turn is accepted once when the answer of its transaction is lost', async () => {
    const service = openCoreFixture();
    const client = service.intercepted({
      after: ({ steps }) => {
        if (writesTurn(steps)) throw new Error('The connection was reset.');
      },
    });

    const accepted = await service.accept(request('I live in Lisbon.'), client);

    expect(accepted.outcome).toBe('accepted');
    expect(service.rows('TURN')).toHaveLength(1);
    expect(service.hints.waiting().map(({ kind }) => kind)).toEqual(['refine']);
  });

  it('a turn is not accepted when its transaction failed', async () => {
    const service = openCoreFixture();
    const client = service.intercepted({
      before: ({ steps }) => {
        if (writesTurn(steps)) throw new Error('The connection was reset.');
      },
    });

    await expect(service.accept(request('I live in Lisbon.'), client)).rejects.toThrow('reset');

    expect(service.rows('TURN')).toEqual([]);
    expect(service.hints.waiting()).toEqual([]);
  });

  it('accept retries after transaction conflicts', async () => {
    const service = openCoreFixture();
    let conflicts = 3;
    const client = service.intercepted({
      before: ({ steps }) => {
        if (writesTurn(steps) && conflicts-- > 0)
          throw new RetryableError('transaction_conflict', 'Another transaction was at work.');
      },
    });

    const accepted = await service.until(service.accept(request('I live in Lisbon.'), client));

    expect(accepted.outcome).toBe('accepted');
    expect(conflicts).toBe(-1);
    expect(service.rows('TURN')).toHaveLength(1);
  });

  it('an accepted turn is a rough memory in the next read of each of its entities', async () => {
    const service = openCoreFixture();

    const { turn, event } = await service.add('I live in Lisbon.', everyone);

    for (const [kind, id] of Object.entries(everyone)) {
      const rough = { id: turn, text: 'user: I live in Lisbon.', rough: true, event };
      expect(await service.list({ [kind]: id })).toMatchObject([rough]);
      expect(await service.search('Where do I live?', { [kind]: id })).toMatchObject([rough]);
    }
    expect(await service.list({ user: 'bob' })).toEqual([]);
  });

  it('accept records its entities before it answers, and later adds keep their cutoffs', async () => {
    const service = openCoreFixture();
    const key = entityRecordKey(project, { kind: 'user', id: 'alice' });

    await service.add('I live in Lisbon.');
    const first = await service.store.get(key);
    const cutoffs = [{ match: alice, before: '0' }];
    await service.store.transact([
      { op: 'update', key, set: { cutoffs, revision: 1 }, remove: [] },
    ]);
    await service.accept(request('I like tea.'), service.intercepted({}));

    expect(first).toMatchObject({ kind: 'user', id: 'alice', revision: 0, cutoffs: [] });
    expect(await service.store.get(key)).toMatchObject({ revision: 1, cutoffs });
  });

  it('accept refuses a turn too large for an item, before anything is written', async () => {
    const service = openCoreFixture();

    const accepted = await service.accept(request('x'.repeat(maxTurnBytes)));

    expect(accepted).toEqual({ outcome: 'too_large', limit: maxTurnBytes });
    expect(service.rows()).toEqual([]);
  });

  it('ids of turns sort in the order of acceptance', async () => {
    const service = openCoreFixture();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      ids.push((await service.add(text)).turn);
      await service.clock.advance(text.length);
    }

    expect(ids.toSorted()).toEqual(ids);
  });
});
