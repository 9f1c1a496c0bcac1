import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { cancelEvent, getEvent, retryEvent } from '../../../shared/core/events.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, forgetting, rewriting } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const down = failing(new RetryableError('down', 'The model is down.'));

const isApply = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

/** A worker before whose first apply something happens. */
const beforeApply = (world: World, act: () => unknown) => {
  let hasHappened = false;
  return world.intercepted({
    before: async ({ steps }) => {
      if (!isApply(steps) || hasHappened) return;
      hasHappened = true;
      await act();
    },
  });
};

const eventOf = (world: World, event: string) => getEvent(world.platform, project, event);

describe('what happened between deciding and applying', () => {
  it('a cancelled turn is not applied', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');

    await world.refine(
      alice,
      beforeApply(world, () => cancelEvent(world.platform, project, event)),
    );

    expect(await eventOf(world, event)).toMatchObject({ status: 'CANCELLED', changes: [] });
    expect(world.rows('MEMORY')).toEqual([]);
    expect(world.rows('PLAN')).toEqual([]);
  });

  it('a memory that was edited is decided on again, as it stands now', async () => {
    const world = openWorld();
    const [memory = ''] = await world.learn('I live in San Francisco.');
    world.model.requests.length = 0;
    await world.add('I live in Seattle now.');
    world.model.next(rewriting('San Francisco', 'Lives in Seattle.'));
    world.model.next(rewriting('Oakland', 'Lives in Seattle, moved from Oakland.'));

    await world.refine(
      alice,
      beforeApply(world, () =>
        updateMemory(world.platform, project, memory, { text: 'Lived in Oakland.' }),
      ),
    );

    const shown = world.model.requests.map(({ memories }) => memories.map(({ text }) => text));
    expect(shown).toEqual([['Learnt: I live in San Francisco.'], ['Lived in Oakland.']]);
    const history = await historyOf(world.platform, project, memory);
    expect(history?.map(({ type, newText }) => [type, newText])).toEqual([
      ['ADD', 'Learnt: I live in San Francisco.'],
      ['UPDATE', 'Lived in Oakland.'],
    ]);
  });

  it('an edit is newer than the turn and stays: no update is lost', async () => {
    const world = openWorld();
    const [memory = ''] = await world.learn('I live in San Francisco.');
    const { event } = await world.add('I live in Seattle now.');
    world.model.always(rewriting('San Francisco', 'Lives in Seattle.'));

    await world.refine(
      alice,
      beforeApply(world, () =>
        updateMemory(world.platform, project, memory, { text: 'Lives near San Francisco.' }),
      ),
    );

    expect(textsOf(await world.list())).toEqual(['Lives near San Francisco.']);
    expect(await eventOf(world, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', memory }],
    });
  });

  it('a deleted memory does not come back', async () => {
    const world = openWorld();
    const [memory = ''] = await world.learn('I live in San Francisco.');
    await world.add('I live in Seattle now.');
    world.model.always(rewriting('San Francisco', 'Lives in Seattle.'));

    await world.refine(
      alice,
      beforeApply(world, () => deleteMemory(world.platform, project, memory)),
    );

    expect(await world.store.get(memoryKey(project, memory))).toMatchObject({ state: 'deleted' });
    const [seattle, ...others] = await world.list();
    expect(seattle).toMatchObject({ text: 'Lives in Seattle.', version: 1 });
    expect(others).toEqual([]);
  });

  it('voids the plan of that turn only: the next keeps its own', async () => {
    const world = openWorld();
    const [memory = ''] = await world.learn('I live in San Francisco.');
    world.model.requests.length = 0;
    await world.add('I live in Seattle now.');
    await world.add('I like tea.');
    world.model.next((request, signal) => {
      const asked = rewriting('San Francisco', 'Lives in Seattle.')(request, signal);
      const tea = { turn: 1, type: 'ADD' as const, text: 'Likes tea.' };
      return Promise.resolve(asked).then((d) =>
        d.ok ? { ...d, changes: [...d.changes, tea] } : d,
      );
    });

    await world.refine(
      alice,
      beforeApply(world, () => deleteMemory(world.platform, project, memory)),
    );

    const asked = world.model.requests.map(({ turns }) => turns.length);
    expect(asked).toEqual([2, 1]);
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Seattle now.', 'Likes tea.']);
  });

  it('a delete-all cancels the turns it overtook', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');

    await world.refine(
      alice,
      beforeApply(world, () => deleteAll(world.platform, project, alice)),
    );

    expect(await eventOf(world, event)).toMatchObject({ status: 'CANCELLED' });
    expect(world.rows('MEMORY')).toEqual([]);
    expect(await world.list()).toEqual([]);
  });

  it('a delete-all of a wildcard, too', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.', everyone);

    await world.refine(
      alice,
      beforeApply(world, () => deleteAll(world.platform, project, { run: '*' })),
    );

    expect(world.rows('MEMORY')).toEqual([]);
  });
});

describe('an older turn', () => {
  const failOldest = async (world: World) => {
    await world.learn('I live in Portland.');
    const { event } = await world.add('I live in San Francisco.');
    world.model.next(down);
    await world.refine();
    return event;
  };

  it('that is retried late never turns "Seattle" back into "San Francisco"', async () => {
    const world = openWorld({ refineSchedule: [] });
    const event = await failOldest(world);
    world.model.next(rewriting('Portland', 'Lives in Seattle.'));
    await world.learn('I live in Seattle.');

    await retryEvent(world.platform, project, event);
    world.model.next(rewriting('Seattle', 'Lives in San Francisco.'));
    await world.refine();

    expect(textsOf(await world.list())).toEqual(['Lives in Seattle.']);
    expect(await eventOf(world, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', reason: expect.stringContaining('newer') }],
    });
  });

  it('that is retried late does not delete what a newer one said', async () => {
    const world = openWorld({ refineSchedule: [] });
    const event = await failOldest(world);
    world.model.next(rewriting('Portland', 'Lives in Seattle.'));
    await world.learn('I live in Seattle.');

    await retryEvent(world.platform, project, event);
    world.model.next(forgetting('Seattle'));
    await world.refine();

    expect(textsOf(await world.list())).toEqual(['Lives in Seattle.']);
  });
});
