import { describe, expect, it } from 'vitest';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { PendingTurn } from '../../../shared/domain/table/items.ts';
import { pendingKey, scopeLeaseKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { failing, proposing, unusable } from '../../support/scripted-model.ts';

const shownTurns = (service: CoreFixture) =>
  service.model.requests.map(({ turns }) => turns.map(({ messages }) => messages[0]?.content));

const failuresOf = async (service: CoreFixture, turn: string) => {
  const item: PendingTurn | undefined = await service.store.get(
    pendingKey(project, 'user#alice', turn),
  );
  return item?.failures;
};

const statusOf = async (service: CoreFixture, event: string) =>
  (await getEvent(service.platform, project, event))?.status;

describe('an answer that cannot be used', () => {
  const refusingBad = (service: CoreFixture, fault: 'refusal' | 'invalid_answer' | 'length') =>
    service.model.always((request, signal) => {
      const isBad = request.turns.some(({ messages }) => messages[0]?.content === 'bad');
      const learnt = request.turns.map(({ messages }, turn) => ({
        turn,
        type: 'ADD' as const,
        text: `Learnt: ${messages[0]?.content}`,
      }));
      return (isBad ? unusable(fault) : proposing(...learnt))(request, signal);
    });

  it.each(['refusal', 'invalid_answer', 'length'] as const)(
    'an answer unusable for its %s halves the batch, and only a lone turn spends a retry',
    async (fault) => {
      const service = openCoreFixture({ refineSchedule: [60] });
      refusingBad(service, fault);
      const one = await service.add('one');
      const two = await service.add('two');
      const bad = await service.add('bad');
      const last = await service.add('last');

      await service.refine();

      expect(shownTurns(service).slice(0, 2)).toEqual([
        ['one', 'two', 'bad', 'last'],
        ['one', 'two'],
      ]);
      expect(await statusOf(service, one.event)).toBe('SUCCEEDED');
      expect(await statusOf(service, two.event)).toBe('SUCCEEDED');
      expect(await failuresOf(service, bad.turn)).toBe(1);
      expect(await failuresOf(service, last.turn)).toBe(0);
    },
  );

  it('a turn fails once its retries are spent, and later turns go on', async () => {
    const service = openCoreFixture({ refineSchedule: [60] });
    refusingBad(service, 'refusal');
    const bad = await service.add('bad');
    const last = await service.add('last');

    await service.refine();
    await service.pass(60_000);

    expect(await getEvent(service.platform, project, bad.event)).toMatchObject({
      status: 'FAILED',
      attempts: 2,
      error: { code: 'model_refusal', message: expect.stringContaining('refused') },
    });
    expect(await statusOf(service, last.event)).toBe('SUCCEEDED');
    expect(textsOf(await service.list())).toEqual(['Learnt: last', 'user: bad']);
  });
});

describe('a model that cannot be reached', () => {
  const down = (retryAfterMs?: number) =>
    failing(new RetryableError('model_rate_limit', 'Too many requests.', retryAfterMs));

  it('an unreachable model is asked again by the schedule until the retries are spent', async () => {
    const service = openCoreFixture({ refineSchedule: [1, 5] });
    service.model.always(down());
    const { event } = await service.add('I live in Lisbon.');
    const asked: number[] = [];

    await service.refine();
    asked.push(service.model.requests.length);
    for (const ms of [999, 1, 4_999, 1, 600_000]) {
      await service.pass(ms);
      asked.push(service.model.requests.length);
    }

    expect(asked).toEqual([1, 1, 2, 2, 3, 3]);
    expect(await getEvent(service.platform, project, event)).toMatchObject({
      status: 'FAILED',
      attempts: 3,
      error: { code: 'model_rate_limit', message: 'Too many requests.', retryable: true },
    });
  });

  it('while the model is unreachable the event shows the reason, and the rough memory stays visible', async () => {
    const service = openCoreFixture({ refineSchedule: [60] });
    service.model.next(down());
    const { event, turn } = await service.add('I live in Lisbon.');

    await service.refine();

    expect(await getEvent(service.platform, project, event)).toMatchObject({
      status: 'RUNNING',
      error: { code: 'model_rate_limit' },
    });
    expect(await service.search('Lisbon')).toMatchObject([{ id: turn, rough: true }]);
  });

  it('a retry waits at least as long as Retry-After asks', async () => {
    const service = openCoreFixture({ refineSchedule: [1] });
    service.model.next(down(120_000));
    await service.add('I live in Lisbon.');

    await service.refine();
    await service.pass(119_999);
    const early = service.model.requests.length;
    await service.pass(1);

    expect(early).toBe(1);
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(await service.store.get(scopeLeaseKey(project, 'user#alice'))).not.toHaveProperty(
      'notBefore',
    );
  });

  it('a failed request costs the oldest turn of a batch a retry, and the others none', async () => {
    const service = openCoreFixture({ refineSchedule: [60] });
    service.model.next(down());
    const one = await service.add('one');
    const two = await service.add('two');

    await service.refine();

    expect(await failuresOf(service, one.turn)).toBe(1);
    expect(await failuresOf(service, two.turn)).toBe(0);
  });

  it('a turn that is cancelled meanwhile does not keep the others of its batch from waiting', async () => {
    const service = openCoreFixture({ refineSchedule: [60] });
    const events: string[] = [];
    for (const text of ['one', 'two', 'three']) events.push((await service.add(text)).event);
    service.model.next(async () => {
      await cancelEvent(service.platform, project, events[0] ?? '');
      const down = { code: 'model_unreachable', message: 'Down.', retryable: true } as const;
      return { ok: false, ...down, about: 'service', usage: { prompt: 0, completion: 0 } };
    });

    await service.refine();

    const views = await Promise.all(
      events.map((event) => getEvent(service.platform, project, event)),
    );
    expect(views.map((view) => [view?.status, view?.stage])).toEqual([
      ['CANCELLED', 'finished'],
      ['RUNNING', 'queued'],
      ['RUNNING', 'queued'],
    ]);
    const waiting = service.rows('PEND').map(({ item }) => Number('dueAt' in item && item.dueAt));
    expect(waiting).toHaveLength(2);
    expect(Math.min(...waiting)).toBeGreaterThan(service.clock.now());
  });

  it('a turn that is corrected during its last try is tried with the corrected text', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const { turn, event } = await service.add('bad');
    service.model.next(async (request, signal) => {
      await updateMemory(service.platform, project, turn, { text: 'good' });
      return unusable('refusal')(request, signal);
    });

    await service.refine();

    expect(shownTurns(service).at(-1)).toEqual(['good']);
    expect(await statusOf(service, event)).toBe('SUCCEEDED');
  });
});
