import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Pending } from '../../../shared/domain/table/items.ts';
import { headKey, pendingKey } from '../../../shared/domain/table/keys.ts';
import { failing, proposing, unusable } from '../../support/scripted-model.ts';
import { openWorld, project, textsOf, type World } from '../../support/world.ts';

const shownTurns = (world: World) =>
  world.model.requests.map(({ turns }) => turns.map(({ messages }) => messages[0]?.content));

const failuresOf = async (world: World, turn: string) => {
  const item: Pending | undefined = await world.store.get(pendingKey(project, 'user#alice', turn));
  return item?.failures;
};

const statusOf = async (world: World, event: string) =>
  (await getEvent(world.platform, project, event))?.status;

describe('an answer that cannot be used', () => {
  const refusingBad = (world: World, fault: 'refusal' | 'junk' | 'length') =>
    world.model.always((request, signal) => {
      const isBad = request.turns.some(({ messages }) => messages[0]?.content === 'bad');
      const learnt = request.turns.map(({ messages }, turn) => ({
        turn,
        type: 'ADD' as const,
        text: `Learnt: ${messages[0]?.content}`,
      }));
      return (isBad ? unusable(fault) : proposing(...learnt))(request, signal);
    });

  it.each(['refusal', 'junk', 'length'] as const)(
    'for its %s is asked for again about ever fewer turns; only the lone one spends a try',
    async (fault) => {
      const world = openWorld({ refineSchedule: [60] });
      refusingBad(world, fault);
      const one = await world.add('one');
      const two = await world.add('two');
      const bad = await world.add('bad');
      const last = await world.add('last');

      await world.refine();

      expect(shownTurns(world).slice(0, 2)).toEqual([
        ['one', 'two', 'bad', 'last'],
        ['one', 'two'],
      ]);
      expect(await statusOf(world, one.event)).toBe('SUCCEEDED');
      expect(await statusOf(world, two.event)).toBe('SUCCEEDED');
      expect(await failuresOf(world, bad.turn)).toBe(1);
      expect(await failuresOf(world, last.turn)).toBe(0);
    },
  );

  it('fails its turn once the budget is spent, and what came later goes on', async () => {
    const world = openWorld({ refineSchedule: [60] });
    refusingBad(world, 'refusal');
    const bad = await world.add('bad');
    const last = await world.add('last');

    await world.refine();
    await world.pass(60_000);

    expect(await getEvent(world.platform, project, bad.event)).toMatchObject({
      status: 'FAILED',
      attempts: 2,
      error: { code: 'model_refusal', message: expect.stringContaining('refused') },
    });
    expect(await statusOf(world, last.event)).toBe('SUCCEEDED');
    expect(textsOf(await world.list())).toEqual(['Learnt: last', 'user: bad']);
  });
});

describe('a model that cannot be reached', () => {
  const down = (retryAfterMs?: number) =>
    failing(new RetryableError('model_rate_limit', 'Too many requests.', retryAfterMs));

  it('is asked again by the schedule until the budget is spent', async () => {
    const world = openWorld({ refineSchedule: [1, 5] });
    world.model.always(down());
    const { event } = await world.add('I live in Lisbon.');
    const asked: number[] = [];

    await world.refine();
    asked.push(world.model.requests.length);
    for (const ms of [999, 1, 4_999, 1, 600_000]) {
      await world.pass(ms);
      asked.push(world.model.requests.length);
    }

    expect(asked).toEqual([1, 1, 2, 2, 3, 3]);
    expect(await getEvent(world.platform, project, event)).toMatchObject({
      status: 'FAILED',
      attempts: 3,
      error: { code: 'model_rate_limit', message: 'Too many requests.', retryable: true },
    });
  });

  it('leaves the event running, with the reason to read, and the rough memory in sight', async () => {
    const world = openWorld({ refineSchedule: [60] });
    world.model.next(down());
    const { event, turn } = await world.add('I live in Lisbon.');

    await world.refine();

    expect(await getEvent(world.platform, project, event)).toMatchObject({
      status: 'RUNNING',
      error: { code: 'model_rate_limit' },
    });
    expect(await world.search('Lisbon')).toMatchObject([{ id: turn, rough: true }]);
  });

  it('is asked again no sooner than it asked to be', async () => {
    const world = openWorld({ refineSchedule: [1] });
    world.model.next(down(120_000));
    await world.add('I live in Lisbon.');

    await world.refine();
    await world.pass(119_999);
    const early = world.model.requests.length;
    await world.pass(1);

    expect(early).toBe(1);
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(await world.store.get(headKey(project, 'user#alice'))).not.toHaveProperty('notBefore');
  });

  it('costs one turn of a batch a try, and the others none', async () => {
    const world = openWorld({ refineSchedule: [60] });
    world.model.next(down());
    const one = await world.add('one');
    const two = await world.add('two');

    await world.refine();

    expect(await failuresOf(world, one.turn)).toBe(1);
    expect(await failuresOf(world, two.turn)).toBe(0);
  });
});
