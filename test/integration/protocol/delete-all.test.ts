import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { eventOf, everyone, forget, prepare } from '../../support/delete-all.ts';
import { alice, openWorld, project, textsOf } from '../../support/world.ts';

describe('the cutoff of a delete-all', () => {
  it('hides everything from every read at once, before the job did anything', async () => {
    const world = openWorld({ refineSchedule: [] });
    const { failed, waiting } = await prepare(world);
    const [memory] = await world.list();

    await forget(world);

    const id = memory?.id ?? '';
    for (const [kind, name] of Object.entries(everyone)) {
      expect(await world.list({ [kind]: name })).toEqual([]);
      expect(await world.search('heron', { [kind]: name })).toEqual([]);
    }
    for (const any of [id, failed.turn, waiting.turn])
      expect(await getMemory(world.platform, project, any)).toBeUndefined();
    expect(await historyOf(world.platform, project, id)).toBeUndefined();
    const updated = await updateMemory(world.platform, project, id, { text: 'A stork.' });
    expect(updated).toEqual({ outcome: 'not_found' });
  });

  it('is written with its event and its job in one transaction', async () => {
    const world = openWorld();
    const kinds: string[][] = [];
    const client = world.intercepted({
      before: ({ steps }) => {
        if (steps.length > 0) kinds.push(steps.map(({ key }) => key.kind).sort());
      },
    });

    await deleteAll(client, project, alice);

    expect(kinds).toEqual([['ENTITY', 'EVENT', 'JOB', 'QUOTA']]);
  });

  it('does not show the model what was forgotten', async () => {
    const world = openWorld();
    await world.learn('A heron nests by the mill.');
    await forget(world);
    world.model.requests.length = 0;

    await world.learn('The heron nests again.');

    expect(world.model.requests.map(({ memories }) => memories)).toEqual([[]]);
  });

  it('leaves what is told afterwards alone, then and once the job is done', async () => {
    const world = openWorld();
    await world.learn('A heron nests by the mill.');

    await forget(world);
    await world.learn('A stork came.');
    const before = textsOf(await world.list());
    await world.work();
    await world.settle();

    expect(before).toEqual(['Learnt: A stork came.']);
    expect(textsOf(await world.list())).toEqual(before);
    expect(textsOf(await world.search('stork'))).toEqual(before);
  });

  it('concerns only what names everything that was asked for', async () => {
    const world = openWorld();
    await world.learn('Told in run one.', { user: 'alice', run: 'r1' });
    await world.learn('Told in run two.', { user: 'alice', run: 'r2' });
    await world.learn('Told by bob.', { user: 'bob', run: 'r1' });

    await forget(world, { user: 'alice', run: 'r1' });
    const look = async () => [
      textsOf(await world.list()),
      textsOf(await world.list({ run: 'r1' })),
    ];
    const before = await look();
    await world.work();
    await world.settle();

    expect(before).toEqual([['Learnt: Told in run two.'], ['Learnt: Told by bob.']]);
    expect(await look()).toEqual(before);
  });

  it('of any run hides what names one, and of everything all there is', async () => {
    const world = openWorld();
    await world.learn('Told in a run.', { user: 'alice', run: 'r1' });
    await world.learn('Told in none.');
    await world.learn('Told by an agent.', { agent: 'guide' });

    await forget(world, { run: '*' });
    const withoutRuns = textsOf(await world.list());
    await world.work();
    await forget(world, 'everything');
    const hidden = [await world.list(), await world.list({ agent: 'guide' })];
    await world.work();

    expect(withoutRuns).toEqual(['Learnt: Told in none.']);
    expect(hidden).toEqual([[], []]);
    expect(world.kindsSaying('told')).toEqual([]);
  });

  it('hides a memory that names the entity besides others of its kind', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', { user: 'alice', run: 'r1' });
    await world.learn('A heron nests.', { user: 'alice', run: 'r2' });
    await world.settle();

    await forget(world, { run: 'r2' });

    expect(await world.list()).toEqual([]);
    expect(await world.search('heron')).toEqual([]);
    expect(await world.list({ run: 'r1' })).toEqual([]);
  });

  it('stands when two delete-alls meet', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', everyone);

    const events = await Promise.all([
      forget(world),
      forget(world),
      forget(world, { user: 'alice', run: 'r1' }),
    ]);
    await world.work();

    expect(await world.list()).toEqual([]);
    for (const { event } of events)
      expect(await eventOf(world, event)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
