import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { alice, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { eventOf, everyone, forget, prepare } from '../../support/delete-all.ts';

describe('the cutoff of a delete-all', () => {
  it('the cutoff hides everything from every read at once, before the job runs', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const { failed, waiting } = await prepare(service);
    const [memory] = await service.list();

    await forget(service);

    const id = memory?.id ?? '';
    for (const [kind, name] of Object.entries(everyone)) {
      expect(await service.list({ [kind]: name })).toEqual([]);
      expect(await service.search('heron', { [kind]: name })).toEqual([]);
    }
    for (const any of [id, failed.turn, waiting.turn])
      expect(await getMemory(service.platform, project, any)).toBeUndefined();
    expect(await historyOf(service.platform, project, id)).toBeUndefined();
    const updated = await updateMemory(service.platform, project, id, { text: 'A stork.' });
    expect(updated).toEqual({ outcome: 'not_found' });
  });

  it('the cutoff is written with its event and its job in one transaction', async () => {
    const service = openCoreFixture();
    const kinds: string[][] = [];
    const client = service.intercepted({
      before: ({ steps }) => {
        if (steps.length > 0) kinds.push(steps.map(({ key }) => key.kind).sort());
      },
    });

    await deleteAll(client, project, alice);

    // The settings of the entity go with it.
    expect(kinds).toEqual([['ENTITY', 'ENTITY_SETTINGS', 'EVENT', 'JOB', 'QUOTA']]);
  });

  it('the model is not shown memories that a cutoff covers', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests by the mill.');
    await forget(service);
    service.model.requests.length = 0;

    await service.learn('The heron nests again.');

    expect(service.model.requests.map(({ memories }) => memories)).toEqual([[]]);
  });

  it('turns accepted after a delete-all stay, before and after the job is done', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests by the mill.');

    await forget(service);
    await service.learn('A stork came.');
    const before = textsOf(await service.list());
    await service.work();
    await service.settle();

    expect(before).toEqual(['Learnt: A stork came.']);
    expect(textsOf(await service.list())).toEqual(before);
    expect(textsOf(await service.search('stork'))).toEqual(before);
  });

  it('a delete-all of several entities covers only memories that name all of them', async () => {
    const service = openCoreFixture();
    await service.learn('Told in run one.', { user: 'alice', run: 'r1' });
    await service.learn('Told in run two.', { user: 'alice', run: 'r2' });
    await service.learn('Told by bob.', { user: 'bob', run: 'r1' });

    await forget(service, { user: 'alice', run: 'r1' });
    const look = async () => [
      textsOf(await service.list()),
      textsOf(await service.list({ run: 'r1' })),
    ];
    const before = await look();
    await service.work();
    await service.settle();

    expect(before).toEqual([['Learnt: Told in run two.'], ['Learnt: Told by bob.']]);
    expect(await look()).toEqual(before);
  });

  it('a wildcard delete-all covers every memory with a run, and one of everything covers all', async () => {
    const service = openCoreFixture();
    await service.learn('Told in a run.', { user: 'alice', run: 'r1' });
    await service.learn('Told in none.');
    await service.learn('Told by an agent.', { agent: 'guide' });

    await forget(service, { run: '*' });
    const withoutRuns = textsOf(await service.list());
    await service.work();
    await forget(service, 'everything');
    const hidden = [await service.list(), await service.list({ agent: 'guide' })];
    await service.work();

    expect(withoutRuns).toEqual(['Learnt: Told in none.']);
    expect(hidden).toEqual([[], []]);
    expect(service.kindsSaying('told')).toEqual([]);
  });

  it('a cutoff hides a memory that names the entity beside others of its kind', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', { user: 'alice', run: 'r1' });
    await service.learn('A heron nests.', { user: 'alice', run: 'r2' });
    await service.settle();

    await forget(service, { run: 'r2' });

    expect(await service.list()).toEqual([]);
    expect(await service.search('heron')).toEqual([]);
    expect(await service.list({ run: 'r1' })).toEqual([]);
  });

  it('two concurrent delete-alls both keep their cutoffs', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', everyone);

    const events = await Promise.all([
      forget(service),
      forget(service),
      forget(service, { user: 'alice', run: 'r1' }),
    ]);
    await service.work();

    expect(await service.list()).toEqual([]);
    for (const { event } of events)
      expect(await eventOf(service, event)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
