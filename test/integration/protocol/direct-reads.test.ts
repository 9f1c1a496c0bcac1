import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { failing } from '../../support/scripted-model.ts';

const shown = (service: CoreFixture) => [...service.index.shown.keys()].sort();
const memoryOf = (service: CoreFixture, id: string) => service.store.get(memoryKey(project, id));
const edit = (service: CoreFixture, id: string, text: string) =>
  updateMemory(service.platform, project, id, { text });

const down = new RetryableError('down', 'It cannot be reached.');

describe('direct reads', () => {
  const pointers = (service: CoreFixture) => service.rows('RECENT').length;

  it('end 60 seconds after the index was seen to hold the memories, and the vector leaves the item', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');

    await service.pass(59_000);
    const early = [pointers(service), 'vector' in ((await memoryOf(service, id)) ?? {})];
    await service.pass(2_000);
    await service.pass(60_000);

    expect(early).toEqual([2, true]);
    expect(pointers(service)).toBe(0);
    expect(await memoryOf(service, id)).not.toHaveProperty('vector');
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('go on for as long as the index lags: what succeeded is found by every search', async () => {
    const service = openCoreFixture();
    service.index.lag();
    const { event } = await service.add('I live in Lisbon.');
    await service.refine();

    for (let hour = 0; hour < 24; hour++) {
      await service.pass(3_600_000);
      expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
    }

    expect((await getEvent(service.platform, project, event))?.status).toBe('SUCCEEDED');
    expect(shown(service)).toEqual([]);
    expect(pointers(service)).toBe(2);
  });

  it('end once an index that lagged has caught up, counted from then', async () => {
    const service = openCoreFixture();
    service.index.lag();
    await service.learn('I live in Lisbon.');
    await service.pass(600_000);

    await service.index.catchUp();
    await service.pass(0);
    await service.pass(30_000);
    const soon = pointers(service);
    await service.settle();

    expect(soon).toBe(2);
    expect(pointers(service)).toBe(0);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('begin anew with an edit, and end again', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    service.index.lag();

    await edit(service, id, 'Lives in Porto.');
    await service.pass(600_000);
    const lagging = textsOf(await service.search('Porto'));
    await service.index.catchUp();
    await service.settle();

    expect(lagging).toEqual(['Lives in Porto.']);
    expect(pointers(service)).toBe(0);
    expect(textsOf(await service.search('Porto'))).toEqual(['Lives in Porto.']);
  });

  it('of a turn stay while one of its memories is not settled', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.clock.advance(58_000);
    service.index.lag();
    await edit(service, id, 'Lives in Porto.');

    await service.pass(5_000);

    expect(service.rows('RECENT').filter(({ item }) => 'turn' in item)).toHaveLength(2);
  });
});

describe('a turn that stays rough for long', () => {
  it('is indexed word for word, found beyond the newest 500 pointers, and leaves the index once refined', async () => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    service.model.always(failing(down));
    const { turn } = await service.add('The heron nests by the old mill.');
    await service.refine();
    await service.pass(120_000);
    const indexed = shown(service);

    for (let n = 0; n < 500; n++) await service.add(`Something else, number ${n}.`);
    const found = await service.search('Where does the heron nest?');

    expect(indexed).toEqual([vectorId(turn, 0)]);
    expect(textsOf(found)).toContain('user: The heron nests by the old mill.');
    expect(await service.store.get(turnKey(project, turn))).toMatchObject({ indexed: true });
  });

  it('is not found by its entry any more once it was refined', async () => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    service.model.next(failing(down));
    const { turn } = await service.add('The heron nests by the old mill.');
    await service.refine();
    await service.pass(120_000);
    const before = shown(service);

    await service.pass(3_600_000);
    const found = await service.search('heron');
    await service.settle();

    expect(before).toEqual([vectorId(turn, 0)]);
    expect(textsOf(found)).toEqual(['Learnt: The heron nests by the old mill.']);
    expect(shown(service)).not.toContain(vectorId(turn, 0));
  });

  it('that failed is indexed at once and stays in reach', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    service.model.always(failing(down));
    const { turn } = await service.add('The heron nests by the old mill.');

    await service.refine();
    await service.work();

    expect(shown(service)).toEqual([vectorId(turn, 0)]);
    expect(await service.search('heron')).toMatchObject([{ id: turn, turnState: 'failed' }]);
  });
});
