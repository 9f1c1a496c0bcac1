import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { failing } from '../../support/scripted-model.ts';
import { openWorld, project, textsOf, type World } from '../../support/world.ts';

const shown = (world: World) => [...world.index.shown.keys()].sort();
const memoryOf = (world: World, id: string) => world.store.get(memoryKey(project, id));
const edit = (world: World, id: string, text: string) =>
  updateMemory(world.platform, project, id, { text });

const down = new RetryableError('down', 'It cannot be reached.');

describe('direct reads', () => {
  const pointers = (world: World) => world.rows('RECENT').length;

  it('end 60 seconds after the index was seen to hold the memories, and the vector leaves the item', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');

    await world.pass(59_000);
    const early = [pointers(world), 'vector' in ((await memoryOf(world, id)) ?? {})];
    await world.pass(2_000);
    await world.pass(60_000);

    expect(early).toEqual([2, true]);
    expect(pointers(world)).toBe(0);
    expect(await memoryOf(world, id)).not.toHaveProperty('vector');
    expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('go on for as long as the index lags: what succeeded is found by every search', async () => {
    const world = openWorld();
    world.index.lag();
    const { event } = await world.add('I live in Lisbon.');
    await world.refine();

    for (let hour = 0; hour < 24; hour++) {
      await world.pass(3_600_000);
      expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
    }

    expect((await getEvent(world.platform, project, event))?.status).toBe('SUCCEEDED');
    expect(shown(world)).toEqual([]);
    expect(pointers(world)).toBe(2);
  });

  it('end once an index that lagged has caught up, counted from then', async () => {
    const world = openWorld();
    world.index.lag();
    await world.learn('I live in Lisbon.');
    await world.pass(600_000);

    await world.index.catchUp();
    await world.pass(0);
    await world.pass(30_000);
    const soon = pointers(world);
    await world.settle();

    expect(soon).toBe(2);
    expect(pointers(world)).toBe(0);
    expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('begin anew with an edit, and end again', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.settle();
    world.index.lag();

    await edit(world, id, 'Lives in Porto.');
    await world.pass(600_000);
    const lagging = textsOf(await world.search('Porto'));
    await world.index.catchUp();
    await world.settle();

    expect(lagging).toEqual(['Lives in Porto.']);
    expect(pointers(world)).toBe(0);
    expect(textsOf(await world.search('Porto'))).toEqual(['Lives in Porto.']);
  });

  it('of a turn stay while one of its memories is not settled', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.clock.advance(58_000);
    world.index.lag();
    await edit(world, id, 'Lives in Porto.');

    await world.pass(5_000);

    expect(world.rows('RECENT').filter(({ item }) => 'turn' in item)).toHaveLength(2);
  });
});

describe('a turn that stays rough for long', () => {
  it('is indexed word for word, found beyond the newest 500 pointers, and leaves the index once refined', async () => {
    const world = openWorld({ refineSchedule: [3_600] });
    world.model.always(failing(down));
    const { turn } = await world.add('The heron nests by the old mill.');
    await world.refine();
    await world.pass(120_000);
    const indexed = shown(world);

    for (let n = 0; n < 500; n++) await world.add(`Something else, number ${n}.`);
    const found = await world.search('Where does the heron nest?');

    expect(indexed).toEqual([vectorId(turn, 0)]);
    expect(textsOf(found)).toContain('user: The heron nests by the old mill.');
    expect(await world.store.get(turnKey(project, turn))).toMatchObject({ indexed: true });
  });

  it('is not found by its entry any more once it was refined', async () => {
    const world = openWorld({ refineSchedule: [3_600] });
    world.model.next(failing(down));
    const { turn } = await world.add('The heron nests by the old mill.');
    await world.refine();
    await world.pass(120_000);
    const before = shown(world);

    await world.pass(3_600_000);
    const found = await world.search('heron');
    await world.settle();

    expect(before).toEqual([vectorId(turn, 0)]);
    expect(textsOf(found)).toEqual(['Learnt: The heron nests by the old mill.']);
    expect(shown(world)).not.toContain(vectorId(turn, 0));
  });

  it('that failed is indexed at once and stays in reach', async () => {
    const world = openWorld({ refineSchedule: [] });
    world.model.always(failing(down));
    const { turn } = await world.add('The heron nests by the old mill.');

    await world.refine();
    await world.work();

    expect(shown(world)).toEqual([vectorId(turn, 0)]);
    expect(await world.search('heron')).toMatchObject([{ id: turn, turnState: 'failed' }]);
  });
});
