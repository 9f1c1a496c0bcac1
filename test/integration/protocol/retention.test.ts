import { describe, expect, it } from 'vitest';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';
import { openWorld, project, textsOf } from '../../support/world.ts';

const dayMs = 86_400_000;

describe('retention', () => {
  it('keeps the text of a refined turn for as long as is set, then counts it as absent', async () => {
    const world = openWorld({ retainTurnsDays: 7 });
    const { turn } = await world.add('I live in Lisbon.');
    await world.refine();
    await world.settle();
    const [memory] = await world.list();

    await world.clock.advance(7 * dayMs - 300_000);
    const before = await world.store.get(turnKey(project, turn));
    await world.clock.advance(300_000);
    const after = await world.store.get(turnKey(project, turn));

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
    const history = await historyOf(world.platform, project, memory?.id ?? '');
    expect(history).toMatchObject([{ type: 'ADD', input: [] }]);
  });

  it('never takes the text of a turn that is not refined', async () => {
    const world = openWorld({ retainTurnsDays: 1 });
    world.hints.become('losing');
    await world.add('I live in Lisbon.');

    await world.clock.advance(30 * dayMs);

    expect(textsOf(await world.list())).toEqual(['user: I live in Lisbon.']);
  });

  it('never takes a turn that its memories are still found through, however long the index lags', async () => {
    const world = openWorld({ retainTurnsDays: 1 });
    world.index.lag();
    await world.learn('I live in Lisbon.');

    for (let day = 0; day < 5; day++) await world.pass(dayMs);

    expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('keeps an event that is over, and its changes, for as long as is set', async () => {
    const world = openWorld({ retainEventsDays: 7 });
    const done = await world.add('I live in Lisbon.');
    await world.refine();
    const cancelled = await world.add('I like tea.');
    await cancelEvent(world.platform, project, cancelled.event);
    const waiting = await world.add('I like wine.');
    const look = () =>
      Promise.all(
        [done, cancelled, waiting].map(
          async ({ event }) => (await getEvent(world.platform, project, event))?.status,
        ),
      );

    await world.clock.advance(7 * dayMs - 1);
    const before = await look();
    await world.clock.advance(1);

    expect(before).toEqual(['SUCCEEDED', 'CANCELLED', 'PENDING']);
    expect(await look()).toEqual([undefined, undefined, 'PENDING']);
  });

  it('set to none keeps both for good', async () => {
    const world = openWorld({ retainEventsDays: 0, retainTurnsDays: 0 });
    const { turn, event } = await world.add('I live in Lisbon.');
    await world.refine();

    await world.pass(10_000 * dayMs);

    expect(await getEvent(world.platform, project, event)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await world.store.get(turnKey(project, turn))).toMatchObject({ state: 'applied' });
  });

  it('removes what expired when the sweeper comes by', async () => {
    const world = openWorld({ retainEventsDays: 1 });
    await world.add('I live in Lisbon.');
    await world.refine();

    await world.pass(2 * dayMs);

    expect(world.rows('IDEM')).toEqual([]);
    expect(world.rows('EVENT')).toEqual([]);
    expect(world.rows('CHANGES')).toEqual([]);
  });
});
