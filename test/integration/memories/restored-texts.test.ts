import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { proposing } from '../../support/scripted-model.ts';

const cities = ['Oslo', 'Bergen', 'Tromso'] as const;
const textOf = (city: string): string => `Alice has her home in ${city}.`;

/** A memory that the first turn adds, and each other one changes to the next city. */
const openMoves = async (moves: number) => {
  const service = openCoreFixture();
  const turns: string[] = [];
  for (const city of cities.slice(0, moves)) {
    const target = turns.length > 0 ? { target: { memory: 0 } } : {};
    const type = turns.length > 0 ? 'UPDATE' : 'ADD';
    service.model.next(proposing({ turn: 0, type, ...target, text: textOf(city), message: 0 }));
    turns.push((await service.add(`My home is ${city}.`)).turn);
    await service.refine();
  }
  await service.settle();
  const [memory = ''] = turns;
  return { service, memory, messages: turns.map((turn) => messageId(turn, 0)) };
};

const remove = (service: CoreFixture, id = '', actor = service.platform) =>
  deleteMemory(actor, project, id);

const texts = async (service: CoreFixture) => textsOf(await service.list());

describe('a deletion of the message that changed a memory', () => {
  it('gives the memory its former text back, and leaves nothing of the changed one', async () => {
    const { service, memory, messages } = await openMoves(2);

    await remove(service, messages[1]);
    const left = service.kindsSaying('Bergen').filter((kind) => kind !== 'vector');
    await service.settle();

    expect(await texts(service)).toEqual([textOf('Oslo')]);
    expect(left).toEqual([]);
    expect(service.kindsSaying('Bergen')).toEqual([]);
    const stored = await service.store.get(memoryKey(project, memory));
    expect(stored).toMatchObject({ state: 'live', textVersion: 1 });
  });

  it('of several changes only the text of the message goes', async () => {
    for (const [at, rest] of [
      [2, 'Bergen'],
      [1, 'Tromso'],
      [0, 'Tromso'],
    ] as const) {
      const { service, messages } = await openMoves(3);

      await remove(service, messages[at]);
      await service.settle();

      expect([at, await texts(service)]).toEqual([at, [textOf(rest)]]);
      expect([at, service.kindsSaying(cities[at])]).toEqual([at, []]);
    }
  });

  it('after another one gives back what is left', async () => {
    const { service, messages } = await openMoves(3);

    await remove(service, messages[1]);
    await remove(service, messages[2]);
    await service.settle();

    expect(await texts(service)).toEqual([textOf('Oslo')]);
    for (const city of ['Bergen', 'Tromso']) expect(service.kindsSaying(city)).toEqual([]);
  });

  it('leaves the text if a later message said it, too, until that is deleted as well', async () => {
    const { service, messages } = await openMoves(2);
    service.model.next(
      proposing({ turn: 0, type: 'NONE', target: { memory: 0 }, reason: 'Known.', message: 0 }),
    );
    const { turn } = await service.add('Bergen is my home.');
    await service.refine();

    await remove(service, messages[1]);
    const between = await texts(service);
    await remove(service, messageId(turn, 0));
    await service.settle();

    expect(between).toEqual([textOf('Bergen')]);
    expect(await texts(service)).toEqual([textOf('Oslo')]);
    expect(service.kindsSaying('Bergen')).toEqual([]);
  });

  it('erases the text from the history of a memory that was edited since', async () => {
    const { service, memory, messages } = await openMoves(2);
    await updateMemory(service.platform, project, memory, { text: 'Alice lives in a tent.' });

    await remove(service, messages[1]);
    await service.settle();

    expect(await texts(service)).toEqual(['Alice lives in a tent.']);
    expect(service.kindsSaying('Bergen')).toEqual([]);
    expect(service.kindsSaying('Oslo')).not.toEqual([]);
  });

  it('is resumed after a crash at any call of the store', async () => {
    for (let at = 0; ; at++) {
      const { service, messages } = await openMoves(2);
      let isCrashed = false;
      const crashing = service.intercepted({
        before: (call) => {
          if (call.at < at) return;
          isCrashed = true;
          throw new Error('crash');
        },
      });

      await remove(service, messages[1], crashing).catch(() => undefined);
      if (!isCrashed) break;
      await remove(service, messages[1]);
      await service.settle();

      expect(await texts(service), `crash at call ${at}`).toEqual([textOf('Oslo')]);
      expect(service.kindsSaying('Bergen'), `crash at call ${at}`).toEqual([]);
    }
  });

  it('beside the deletion of the message before leaves nothing of both, at any call of the store', async () => {
    for (let at = 0; ; at++) {
      const { service, messages } = await openMoves(3);
      let isMet = false;
      const meeting = service.intercepted({
        before: async (call) => {
          if (call.at !== at || isMet) return;
          isMet = true;
          await remove(service, messages[1]);
        },
      });

      await remove(service, messages[2], meeting);
      if (!isMet) break;
      await service.settle();

      expect(await texts(service), `at call ${at}`).toEqual([textOf('Oslo')]);
      for (const city of ['Bergen', 'Tromso'])
        expect(service.kindsSaying(city), `at call ${at}`).toEqual([]);
    }
  });

  it('beside the deletion of the message after leaves nothing of both, at any call of the store', async () => {
    for (let at = 0; ; at++) {
      const { service, messages } = await openMoves(3);
      let isMet = false;
      const meeting = service.intercepted({
        before: async (call) => {
          if (call.at !== at || isMet) return;
          isMet = true;
          await remove(service, messages[2]);
        },
      });

      await remove(service, messages[1], meeting);
      if (!isMet) break;
      await service.settle();

      expect(await texts(service), `at call ${at}`).toEqual([textOf('Oslo')]);
      for (const city of ['Bergen', 'Tromso'])
        expect(service.kindsSaying(city), `at call ${at}`).toEqual([]);
    }
  });
});
