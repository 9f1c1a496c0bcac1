import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { proposing } from '../../support/scripted-model.ts';

const texts = { first: 'Alice has her home in Oslo.', second: 'Alice has her home in Bergen.' };

/** A memory that the first turn adds, and the second one changes as the test says. */
const openShared = async (change: 'UPDATE' | 'DELETE') => {
  const service = openCoreFixture();
  service.model.next(proposing({ turn: 0, type: 'ADD', text: texts.first, message: 0 }));
  const first = (await service.add('My home is Oslo.')).turn;
  await service.refine();
  const next = { turn: 0, type: change, target: { memory: 0 }, message: 0 };
  service.model.next(proposing(change === 'UPDATE' ? { ...next, text: texts.second } : next));
  const second = (await service.add('My home is Bergen.')).turn;
  await service.refine();
  await service.settle();
  return { service, memory: first, messages: [messageId(first, 0), messageId(second, 0)] as const };
};

const remove = (service: CoreFixture, id: string, actor = service.platform) =>
  deleteMemory(actor, project, id);

/** Makes a memory one of a version before, of which it is not known that all its turns left restatements. */
const forgetRestatements = (service: CoreFixture, memory: string) =>
  service.store.transact([
    { op: 'update', key: memoryKey(project, memory), set: {}, remove: ['isRestated'] },
  ]);

const stateOf = async (service: CoreFixture, memory: string) =>
  (await service.store.get(memoryKey(project, memory)))?.state;

describe('a memory that two turns made', () => {
  it('a memory goes with the second of its messages, whichever is deleted first', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const { service, memory, messages } = await openShared('UPDATE');

      await remove(service, messages[order[0]]);
      const between = await stateOf(service, memory);
      await remove(service, messages[order[1]]);
      await service.settle();

      expect([between, await stateOf(service, memory)]).toEqual(['live', 'deleted']);
      expect(await service.list()).toEqual([]);
      for (const word of ['Oslo', 'Bergen']) expect(service.kindsSaying(word)).toEqual([]);
    }
  });

  it('a version that was drawn from the message alone goes with it, and the memory stays', async () => {
    const { service, memory, messages } = await openShared('UPDATE');

    await remove(service, messages[0]);
    await service.settle();

    expect((await service.list()).map(({ text }) => text)).toEqual([texts.second]);
    expect(await stateOf(service, `${memory}.v1`)).toBe('deleted');
    expect(service.kindsSaying('Oslo')).toEqual([]);
    expect(service.kindsSaying('Bergen')).not.toEqual([]);
  });

  it('a memory that was taken back goes with the message that stated it', async () => {
    const { service, memory, messages } = await openShared('DELETE');
    const before = await stateOf(service, memory);

    await remove(service, messages[0]);
    await service.settle();

    expect([before, await stateOf(service, memory)]).toEqual(['closed', 'deleted']);
    expect(service.kindsSaying('Oslo')).toEqual([]);
  });

  it('other messages of its turns stay', async () => {
    const service = openCoreFixture();
    const say = async (...said: string[]) => {
      const messages = said.map((content) => ({ role: 'user' as const, content }));
      const { turn } = await service.add('', { user: 'alice' }, { messages });
      await service.refine();
      return turn;
    };
    service.model.next(proposing({ turn: 0, type: 'ADD', text: texts.first, message: 0 }));
    const first = await say('My home is Oslo.', 'A heron nests.');
    service.model.next(
      proposing({
        turn: 0,
        type: 'UPDATE',
        target: { memory: 0 },
        text: texts.second,
        message: 1,
      }),
    );
    const second = await say('A stork nests.', 'My home is Bergen.');

    await remove(service, messageId(first, 0));
    await remove(service, messageId(second, 1));
    await service.settle();

    expect(await service.list()).toEqual([]);
    for (const word of ['Oslo', 'Bergen']) expect(service.kindsSaying(word)).toEqual([]);
    for (const word of ['heron', 'stork']) expect(service.kindsSaying(word)).toContain('TURN');
  });

  it('a memory goes when both messages are deleted at the same time, at any call of the store', async () => {
    for (let at = 0; ; at++) {
      const { service, memory, messages } = await openShared('UPDATE');
      let isMet = false;
      const meeting = service.intercepted({
        before: async (call) => {
          if (call.at !== at || isMet) return;
          isMet = true;
          await remove(service, messages[1]);
        },
      });

      await remove(service, messages[0], meeting);
      if (!isMet) break;
      await service.settle();

      expect(await stateOf(service, memory), `at call ${at}`).toBe('deleted');
      for (const word of ['Oslo', 'Bergen']) expect(service.kindsSaying(word)).toEqual([]);
    }
  });
});

describe('a memory that many turns made', () => {
  const turns = 70;
  const townOf = (turn: number): string => `Town${turn}x`;

  /** A memory that the first turn adds and each further one changes. */
  const openMany = async () => {
    const service = openCoreFixture();
    const ids: string[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const text = `Alice has her home in ${townOf(turn)}.`;
      const change =
        turn === 0 ? { type: 'ADD' as const } : { type: 'UPDATE' as const, target: { memory: 0 } };
      service.model.next(proposing({ turn: 0, message: 0, text, ...change }));
      ids.push((await service.add(`My home is ${townOf(turn)}.`)).turn);
      await service.refine();
    }
    await service.settle();
    return { service, ids, memory: ids[0] ?? '' };
  };

  it('its lineage has the first turn and the newest 63', async () => {
    const { service, ids, memory } = await openMany();

    const { lineage, version } = (await service.store.get(memoryKey(project, memory))) ?? {};

    expect(version).toBe(turns);
    expect(lineage).toEqual([memory, ...ids.slice(-63)]);
  });

  it('its deletion takes the words of all its turns', async () => {
    const { service, memory } = await openMany();

    await remove(service, memory);
    await service.settle();

    for (let turn = 0; turn < turns; turn++)
      expect(service.kindsSaying(townOf(turn)), townOf(turn)).toEqual([]);
  });

  it('a message of a turn that its lineage lacks takes its own version alone', async () => {
    const { service, ids, memory } = await openMany();

    await remove(service, messageId(ids[3] ?? '', 0));
    await service.settle();

    expect(await stateOf(service, memory)).toBe('live');
    expect(service.kindsSaying(townOf(3))).toEqual([]);
    expect(service.kindsSaying(townOf(4))).not.toEqual([]);
  });
});

it.each([
  { of: 'a memory', turns: 64 },
  { of: 'a memory of a version before, which leaves its lineage whole', turns: 70 },
])(
  'the deletion of $of that many turns confirmed under further entities takes the words of all of them',
  async ({ turns }) => {
    const service = openCoreFixture();
    const words = Array.from({ length: 70 }, (_, turn) => `Zither${turn}x`);
    let memory = '';
    for (const [turn, word] of words.entries()) {
      const entities = { user: 'alice', agent: `agent-${turn}` };
      service.model.next(
        turn === 0
          ? proposing({ turn: 0, type: 'ADD', text: 'Alice plays the zither.', message: 0 })
          : proposing({ turn: 0, type: 'NONE', target: { memory: 0 }, message: 0 }),
      );
      const added = await service.add(`I play the zither, as ${word} knows.`, entities);
      memory ||= added.turn;
      await service.refine(entities);
      if (turn === 0 && turns === words.length) await forgetRestatements(service, memory);
    }
    await service.settle();
    const { lineage } = (await service.store.get(memoryKey(project, memory))) ?? {};

    await remove(service, memory);
    await service.settle();

    expect(lineage).toHaveLength(turns);
    for (const word of words) expect(service.kindsSaying(word), word).toEqual([]);
  },
);
