import { describe, expect, it } from 'vitest';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';
import { openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';

const dayMs = 86_400_000;

describe('retention', () => {
  it('the text of a refined turn is kept for the set days, then counts as absent', async () => {
    const service = openCoreFixture({ retainTurnsDays: 7 });
    const { turn } = await service.add('I live in Lisbon.');
    await service.refine();
    await service.settle();
    const [memory] = await service.list();

    await service.clock.advance(7 * dayMs - 600_000);
    const before = await service.store.get(turnKey(project, turn));
    await service.clock.advance(600_000);
    const after = await service.store.get(turnKey(project, turn));

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
    const history = await historyOf(service.platform, project, memory?.id ?? '');
    expect(history).toMatchObject([
      { type: 'SAID', input: [] },
      { type: 'ADD', input: [] },
    ]);
  });

  it('the text of a turn that is not refined never expires', async () => {
    const service = openCoreFixture({ retainTurnsDays: 1 });
    service.hints.become('losing');
    await service.add('I live in Lisbon.');

    await service.clock.advance(30 * dayMs);

    expect(textsOf(await service.list())).toEqual(['user: I live in Lisbon.']);
  });

  it('a turn through which its memories are found does not expire, however long the index lags', async () => {
    const service = openCoreFixture({ retainTurnsDays: 1 });
    service.index.lag();
    await service.learn('I live in Lisbon.');

    for (let day = 0; day < 5; day++) await service.pass(dayMs);

    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('a final event and its changes are kept for the set days', async () => {
    const service = openCoreFixture({ retainEventsDays: 7 });
    const done = await service.add('I live in Lisbon.');
    await service.refine();
    const cancelled = await service.add('I like tea.');
    await cancelEvent(service.platform, project, cancelled.event);
    const waiting = await service.add('I like wine.');
    const look = () =>
      Promise.all(
        [done, cancelled, waiting].map(
          async ({ event }) => (await getEvent(service.platform, project, event))?.status,
        ),
      );

    await service.clock.advance(7 * dayMs - 1);
    const before = await look();
    await service.clock.advance(1);

    expect(before).toEqual(['SUCCEEDED', 'CANCELLED', 'PENDING']);
    expect(await look()).toEqual([undefined, undefined, 'PENDING']);
  });

  it('retention 0 keeps turns and events forever', async () => {
    const service = openCoreFixture({ retainEventsDays: 0, retainTurnsDays: 0 });
    const { turn, event } = await service.add('I live in Lisbon.');
    await service.refine();

    await service.pass(10_000 * dayMs);

    expect(await getEvent(service.platform, project, event)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await service.store.get(turnKey(project, turn))).toMatchObject({ state: 'applied' });
  });

  it('a sweep removes expired items', async () => {
    const service = openCoreFixture({ retainEventsDays: 1 });
    await service.add('I live in Lisbon.');
    await service.refine();

    await service.pass(2 * dayMs);

    expect(service.rows('IDEM')).toEqual([]);
    expect(service.rows('EVENT')).toEqual([]);
    expect(service.rows('CHANGES')).toEqual([]);
  });
});
