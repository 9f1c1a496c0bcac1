import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { update } from '../../../shared/core/steps.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { learning, proposing, rewriting } from '../../support/scripted-model.ts';

/** Adds one turn with two facts. Returns the ids of their memories, the one about the heron first. */
const heronAndTea = async () => {
  const service = openCoreFixture();
  service.model.next(learning('A heron nests by the mill.', 'Alice likes tea.'));
  const { turn, event } = await service.add('A heron nests by the mill. Also, I like tea.');
  await service.refine();
  const memories = await service.list();
  const idOf = (word: string) => memories.find(({ text }) => text.includes(word))?.id ?? '';
  return { service, turn, event, heron: idOf('heron'), tea: idOf('tea') };
};

const remove = async (service: CoreFixture, id: string) => {
  await deleteMemory(service.platform, project, id);
  await service.work();
};

describe('one deletion', () => {
  it('a deletion erases the text from memory, revisions, changes, outbox, turn and index', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('A heron nests by the mill.');
    const before = service.kindsSaying('heron');

    await remove(service, id);

    expect(before.sort()).toEqual(['CHANGES', 'MEMORY', 'OUTBOX', 'REV', 'TURN', 'vector']);
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('a deletion erases the stems, and a vector that an earlier version stored', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('A heron nests by the mill.');
    const key = memoryKey(project, id);
    await service.store.transact([update(key, { vector: 'AACAPw==' })]);
    const before = await service.store.get(key);

    await deleteMemory(service.platform, project, id);

    const after = await service.store.get(key);
    expect(before).toHaveProperty('vector');
    expect(after).not.toHaveProperty('vector');
    expect(after).toMatchObject({ terms: {}, metadata: {} });
  });

  it('a deletion erases earlier texts, in revisions and in outboxes not yet expanded', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('A heron nests by the mill.');
    await updateMemory(service.platform, project, id, { text: 'An egret nests by the mill.' });
    service.model.next(rewriting('egret', 'A stork nests by the mill.'));
    await service.learn('The egret left, a stork nests by the mill.');
    await updateMemory(service.platform, project, id, { text: 'A crane nests by the mill.' });

    await remove(service, id);
    await service.settle();

    const birds = ['heron', 'egret', 'stork', 'crane'];
    for (const bird of birds) expect(service.kindsSaying(bird), bird).toEqual([]);
  });

  it('a deletion erases the metadata, too', async () => {
    const service = openCoreFixture();
    await service.add('I like tea.', alice, { metadata: { place: 'heronry' } });
    await service.refine();
    const [memory] = await service.list();

    await remove(service, memory?.id ?? '');

    expect(service.kindsSaying('heronry')).toEqual([]);
  });

  it('a deletion leaves the event, which says that something was erased', async () => {
    const { service, event, heron, tea } = await heronAndTea();

    await remove(service, heron);

    const view = await getEvent(service.platform, project, event);
    expect(view?.changes).toEqual([
      { type: 'ADD', memory: heron, erased: true },
      { type: 'ADD', memory: tea, text: 'Alice likes tea.' },
    ]);
  });
});

describe('other memories of the same words', () => {
  it('a memory of the same turn is no longer found by the words of a deleted one', async () => {
    const { service, heron } = await heronAndTea();
    await service.settle();

    await remove(service, heron);

    expect(await service.search('heron')).toEqual([]);
    expect(textsOf(await service.search('tea'))).toEqual(['Alice likes tea.']);
    await service.settle();
    expect(await service.search('heron')).toEqual([]);
    expect(textsOf(await service.search('tea'))).toEqual(['Alice likes tea.']);
  });

  it('the text of a turn is erased with the last memory drawn from it', async () => {
    const { service, turn, heron, tea } = await heronAndTea();

    await remove(service, heron);
    const between = await service.store.get(turnKey(project, turn));
    await remove(service, tea);

    expect(between).toMatchObject({ messages: [{ role: 'user' }], quotingForbidden: true });
    const after = await service.store.get(turnKey(project, turn));
    expect(after).toMatchObject({ messages: [], erased: true });
    expect(service.kindsSaying('heron')).toEqual([]);
    expect(service.kindsSaying('tea')).toEqual([]);
  });

  it('deleting a memory drawn from two turns erases the words of both', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('A heron nests by the mill.');
    service.model.next(
      proposing({
        turn: 0,
        type: 'UPDATE',
        target: { memory: 0 },
        text: 'A heron has two chicks.',
      }),
    );
    await service.learn('The heron has two chicks.');

    await remove(service, id);

    expect(service.kindsSaying('heron')).toEqual([]);
    expect(service.kindsSaying('chicks')).toEqual([]);
  });
});

describe('an erasure', () => {
  it('an erasure that crashes at any call of the store is finished by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const { service, heron } = await heronAndTea();
      service.model.next(learning('Alice saw it yesterday.'));
      await service.learn('I saw it yesterday.');
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      const answer = await deleteMemory(dying, project, heron).catch(() => 'crashed');
      const isGone = (await service.store.get(memoryKey(project, heron)))?.state === 'deleted';
      await service.pass(0);

      const found = textsOf(await service.search('heron'));
      if (isGone) expect(found, `crash at ${at}`).toEqual([]);
      else expect(found, `crash at ${at}`).toContain('A heron nests by the mill.');
      if (answer === 'deleted') break;
      expect(calls).toBeGreaterThan(at);
    }
  });

  it('an erasure does not recreate an outbox that was expanded meanwhile', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('A heron nests by the mill.');
    for (let hint = service.notices.take(); hint; hint = service.notices.take())
      await service.perform(hint);

    await remove(service, id);

    expect(service.rows('OUTBOX').map(({ key }) => key.sk)).toEqual([`OUTBOX#${id}.v2`]);
  });

  it('a turn that taught nothing stays findable by its message, until that is deleted', async () => {
    const service = openCoreFixture();
    service.model.next(learning());
    const { turn } = await service.add('Did the heron come back?');
    await service.refine();
    await service.settle();
    const before = await service.search('heron');

    const deleted = await deleteMemory(service.platform, project, turn);
    await service.settle();

    expect(before).toMatchObject([{ id: `${turn}.m0`, text: 'Did the heron come back?' }]);
    expect(deleted).toBe('deleted');
    expect(await service.search('heron')).toEqual([]);
    expect(service.kindsSaying('heron')).toEqual([]);
  });
});
