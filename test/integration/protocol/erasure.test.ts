import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { learning, proposing, rewriting } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

/** Tells two facts in one turn; their ids, the one about the heron first. */
const heronAndTea = async () => {
  const world = openWorld();
  world.model.next(learning('A heron nests by the mill.', 'Alice likes tea.'));
  const { turn, event } = await world.add('A heron nests by the mill. Also, I like tea.');
  await world.refine();
  const memories = await world.list();
  const idOf = (word: string) => memories.find(({ text }) => text.includes(word))?.id ?? '';
  return { world, turn, event, heron: idOf('heron'), tea: idOf('tea') };
};

const remove = async (world: World, id: string) => {
  await deleteMemory(world.platform, project, id);
  await world.work();
};

describe('one deletion', () => {
  it('erases the text wherever it stood: memory, revisions, changes, outbox, turn, index', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('A heron nests by the mill.');
    const before = world.kindsSaying('heron');

    await remove(world, id);

    expect(before.sort()).toEqual(['CHANGES', 'MEMORY', 'OUTBOX', 'REV', 'TURN', 'vector']);
    expect(world.kindsSaying('heron')).toEqual([]);
  });

  it('erases the vector and the stems', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('A heron nests by the mill.');
    const before = await world.store.get(memoryKey(project, id));

    await deleteMemory(world.platform, project, id);

    const after = await world.store.get(memoryKey(project, id));
    expect(before).toHaveProperty('vector');
    expect(after).not.toHaveProperty('vector');
    expect(after).toMatchObject({ terms: {}, indexText: '', metadata: {} });
  });

  it('erases the texts it had before, in revisions and in what nobody was told yet', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('A heron nests by the mill.');
    await updateMemory(world.platform, project, id, { text: 'An egret nests by the mill.' });
    world.model.next(rewriting('egret', 'A stork nests by the mill.'));
    await world.learn('The egret left, a stork nests by the mill.');
    await updateMemory(world.platform, project, id, { text: 'A crane nests by the mill.' });

    await remove(world, id);
    await world.settle();

    const birds = ['heron', 'egret', 'stork', 'crane'];
    for (const bird of birds) expect(world.kindsSaying(bird), bird).toEqual([]);
  });

  it('erases its metadata, too', async () => {
    const world = openWorld();
    await world.add('I like tea.', alice, { metadata: { place: 'heronry' } });
    await world.refine();
    const [memory] = await world.list();

    await remove(world, memory?.id ?? '');

    expect(world.kindsSaying('heronry')).toEqual([]);
  });

  it('leaves the event, which says that something was erased', async () => {
    const { world, event, heron, tea } = await heronAndTea();

    await remove(world, heron);

    const view = await getEvent(world.platform, project, event);
    expect(view?.changes).toEqual([
      { type: 'ADD', memory: heron, erased: true },
      { type: 'ADD', memory: tea, text: 'Alice likes tea.' },
    ]);
  });
});

describe('what else was drawn from the same words', () => {
  it('is no longer found by the words of what was deleted', async () => {
    const { world, heron } = await heronAndTea();
    await world.settle();
    const before = textsOf(await world.search('heron'));

    await remove(world, heron);

    expect(before).toContain('Alice likes tea.');
    expect(await world.search('heron')).toEqual([]);
    expect(textsOf(await world.search('tea'))).toEqual(['Alice likes tea.']);
    await world.settle();
    expect(await world.search('heron')).toEqual([]);
    expect(textsOf(await world.search('tea'))).toEqual(['Alice likes tea.']);
  });

  it('keeps the text of the turn; that goes with the last memory drawn from it', async () => {
    const { world, turn, heron, tea } = await heronAndTea();

    await remove(world, heron);
    const between = await world.store.get(turnKey(project, turn));
    await remove(world, tea);

    expect(between).toMatchObject({ messages: [{ role: 'user' }], quotingForbidden: true });
    const after = await world.store.get(turnKey(project, turn));
    expect(after).toMatchObject({ messages: [], erased: true });
    expect(world.kindsSaying('heron')).toEqual([]);
    expect(world.kindsSaying('tea')).toEqual([]);
  });

  it('in the turn after is no longer found by the words it answered to', async () => {
    const world = openWorld();
    const [heron = ''] = await world.learn('A heron nests by the mill.');
    world.model.next(learning('Alice saw it yesterday.'));
    await world.learn('I saw it yesterday.');
    const before = textsOf(await world.search('heron'));

    await remove(world, heron);
    await world.settle();

    expect(before).toContain('Alice saw it yesterday.');
    expect(await world.search('heron')).toEqual([]);
    expect(world.kindsSaying('heron')).toEqual([]);
    expect(textsOf(await world.search('yesterday'))).toEqual(['Alice saw it yesterday.']);
  });

  it('in a turn that is being refined does not borrow the words any more', async () => {
    const world = openWorld();
    const [heron = ''] = await world.learn('A heron nests by the mill.');
    await world.add('I saw it yesterday.');
    let hasHappened = false;
    const worker = world.intercepted({
      before: async ({ steps }) => {
        if (hasHappened || !steps.some(({ key }) => key.kind === 'CHANGES')) return;
        hasHappened = true;
        await deleteMemory(world.platform, project, heron);
      },
    });

    await world.refine(alice, worker);
    await world.settle();

    expect(hasHappened).toBe(true);
    expect(textsOf(await world.list())).toEqual(['Learnt: I saw it yesterday.']);
    expect(await world.search('heron')).toEqual([]);
    expect(world.kindsSaying('heron')).toEqual([]);
  });

  it('by two turns erases the words of both', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('A heron nests by the mill.');
    world.model.next(
      proposing({
        turn: 0,
        type: 'UPDATE',
        target: { memory: 0 },
        text: 'A heron has two chicks.',
      }),
    );
    await world.learn('The heron has two chicks.');

    await remove(world, id);

    expect(world.kindsSaying('heron')).toEqual([]);
    expect(world.kindsSaying('chicks')).toEqual([]);
  });
});

describe('an erasure', () => {
  it('that crashes at any call of the store is finished by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const { world, heron } = await heronAndTea();
      world.model.next(learning('Alice saw it yesterday.'));
      await world.learn('I saw it yesterday.');
      let calls = 0;
      const dying = world.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      const answer = await deleteMemory(dying, project, heron).catch(() => 'crashed');
      const isGone = (await world.store.get(memoryKey(project, heron)))?.state === 'deleted';
      await world.pass(0);

      const found = textsOf(await world.search('heron'));
      if (isGone) expect(found, `crash at ${at}`).toEqual([]);
      else expect(found, `crash at ${at}`).toContain('A heron nests by the mill.');
      if (answer === 'deleted') break;
      expect(calls).toBeGreaterThan(at);
    }
  });

  it('does not bring back an outbox that was told meanwhile', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('A heron nests by the mill.');
    for (let hint = world.notices.take(); hint; hint = world.notices.take())
      await world.perform(hint);

    await remove(world, id);

    expect(world.rows('OUTBOX').map(({ key }) => key.sk)).toEqual([`OUTBOX#${id}.v2`]);
  });

  it('comes too for a turn that taught nothing: its text goes once it is settled', async () => {
    const world = openWorld();
    await world.add('Did the heron come back?');
    await world.refine();

    await world.settle();

    expect(world.rows('TURN').map(({ item }) => 'messages' in item && item.messages)).toEqual([[]]);
    expect(await world.search('heron')).toEqual([]);
  });
});
