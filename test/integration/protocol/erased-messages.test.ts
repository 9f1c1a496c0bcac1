import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { VectorIndex } from '../../../shared/ports/vector-index.ts';
import { alice, type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { proposing } from '../../support/scripted-model.ts';

const said = ['A heron nests.', 'I like tea.'];

/** Adds a turn of two messages that teach a memory each. The memory of the first has the id of the turn. */
const addTwo = async (service: CoreFixture): Promise<string> => {
  service.model.next(
    proposing(
      { turn: 0, type: 'ADD', text: 'There is a heron.', message: 0 },
      { turn: 0, type: 'ADD', text: 'Alice likes tea.', message: 1 },
    ),
  );
  const messages = said.map((content) => ({ role: 'user' as const, content }));
  return (await service.add('', alice, { messages })).turn;
};

const talked = async () => {
  const service = openCoreFixture();
  const turn = await addTwo(service);
  await service.refine();
  await service.settle();
  return { service, turn };
};

const turnOf = (service: CoreFixture, turn: string) => service.store.get(turnKey(project, turn));

/** The first message of the other turn is a restatement. */
const restate = async (service: CoreFixture): Promise<string> => {
  service.model.next((request, signal) => {
    const memory = request.memories.findIndex(({ text }) => text.includes('heron'));
    return proposing({ turn: 0, type: 'NONE', target: { memory }, message: 0 })(request, signal);
  });
  const messages = ['Yes, a heron.', 'What time is it?'].map((content) => ({
    role: 'user' as const,
    content,
  }));
  const { turn } = await service.add('', alice, { messages });
  await service.refine();
  return turn;
};

const withIndex = (service: CoreFixture, index: Partial<VectorIndex>): FullPlatform => ({
  ...service.platform,
  vectorIndex: { ...service.index, ...index },
});

const rejecting = () => Promise.reject(new RetryableError('index_unavailable', 'It is down.'));
const down: Partial<VectorIndex> = {
  upsert: rejecting,
  remove: rejecting,
  query: rejecting,
  areVisible: rejecting,
};

describe('a deletion while the index is down', () => {
  it.each([
    ['a message', (turn: string) => [messageId(turn, 0)]],
    ['both messages', (turn: string) => [messageId(turn, 0), messageId(turn, 1)]],
    ['all memories of a turn', (turn: string) => [turn, 'other']],
  ])('a deletion of %s answers, and the index loses it once it is back', async (_, idsOf) => {
    const { service, turn } = await talked();
    const other = (await turnOf(service, turn))?.memoryIds?.find((id) => id !== turn) ?? '';
    const actor = withIndex(service, down);

    const outcomes = [];
    for (const id of idsOf(turn))
      outcomes.push(await deleteMemory(actor, project, id === 'other' ? other : id));
    await service.work(actor).catch(() => {});
    const meanwhile = service.kindsSaying('heron');
    await service.pass(0);

    expect(outcomes).toEqual(outcomes.map(() => 'deleted'));
    expect(meanwhile).toEqual(['vector']);
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('a deletion that was interrupted is finished in the store while the index is down', async () => {
    const { service, turn } = await talked();
    let calls = 0;
    const dying = service.intercepted({
      before: ({ steps }) => {
        calls += Number(steps.length > 0);
        if (calls > 1) throw new Error('crash');
      },
    });
    await deleteMemory(dying, project, turn).catch(() => {});
    const before = service.kindsSaying('heron');

    await service
      .perform({ v: 1, kind: 'index', project, memory: turn }, withIndex(service, down))
      .catch(() => {});

    expect(before).toContain('REV');
    // The message is hidden as long as the turn has the other memory.
    expect(service.kindsSaying('heron').sort()).toEqual(['TURN', 'vector']);
  });
});

describe('a deletion of a message', () => {
  it('a deletion of a message that crashes at any call of the store is finished by the sweeper, or has deleted nothing', async () => {
    for (let at = 0; ; at++) {
      const { service, turn } = await talked();
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });
      const id = messageId(turn, 0);

      const answer = await deleteMemory(dying, project, id).catch(() => 'crashed');
      const isBegun = (await service.store.get(memoryKey(project, turn)))?.state === 'deleted';
      while (service.hints.take());
      await service.settle();

      const words = service.kindsSaying('heron');
      if (isBegun) expect(words, `crash at ${at}`).toEqual([]);
      else expect(words, `crash at ${at}`).toContain('MEMORY');
      if (answer === 'deleted') break;
      expect(calls).toBeGreaterThan(at);
    }
  });

  it('a turn has its former due time again once the index has lost the message', async () => {
    const service = openCoreFixture({ retainTurnsDays: 30 });
    const turn = await addTwo(service);
    await service.refine();
    await service.settle();
    const before = await turnOf(service, turn);

    await deleteMemory(service.platform, project, messageId(turn, 0));
    const between = await turnOf(service, turn);
    await service.settle();

    const after = await turnOf(service, turn);
    expect(between).toMatchObject({ erasedEntries: { positions: [0] }, dueAt: expect.any(Number) });
    expect(after).not.toHaveProperty('erasedEntries');
    expect(after?.dueAt).toBe(before?.dueAt);
    expect(after?.expiresAt).toBe(before?.expiresAt);
  });

  it('a message that is deleted while its turn waits to be indexed keeps the other message searchable', async () => {
    const service = openCoreFixture();
    const turn = await addTwo(service);
    await service.refine(alice, withIndex(service, down)).catch(() => {});

    await deleteMemory(service.platform, project, messageId(turn, 0));
    await service.settle();

    expect([...service.index.shown.keys()]).toContain(`${messageId(turn, 1)}#1`);
    expect(service.kindsSaying('heron')).toEqual([]);
    expect(service.rows('RECENT')).toEqual([]);
  });
});

describe('an index in another database than the store', () => {
  /** Writes entries whatever became of their source, and the first ones of messages after other work. */
  const writingLate = (service: CoreFixture, work: () => Promise<unknown>, isKilled = false) => {
    let isFirst = true;
    return withIndex(service, {
      upsert: async (of, entries) => {
        const isLate = isFirst && entries.some((entry) => entry.class === 'message');
        if (isLate) isFirst = false;
        if (isLate) await work();
        await service.index.upsert(
          of,
          entries.map(({ source: _, ...entry }) => entry),
        );
        if (isLate && isKilled) throw new Error('The process is killed.');
      },
    });
  };

  /** Deletes the first message, and removes it from the index a first time. */
  const deleteFirst = async (service: CoreFixture, turn: string) => {
    await deleteMemory(service.platform, project, messageId(turn, 0));
    await service.work();
  };
  const entriesOf = (service: CoreFixture, turn: string) =>
    [...service.index.shown.keys()].filter((id) => id.startsWith(`${turn}.m`));

  it('a late writer removes its own entry of a message that was deleted meanwhile, and no other', async () => {
    const service = openCoreFixture();
    const turn = await addTwo(service);

    await service.refine(
      alice,
      writingLate(service, () => deleteFirst(service, turn)),
    );

    expect(entriesOf(service, turn)).toEqual([`${messageId(turn, 1)}#1`]);
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('a late writer removes all its entries of a turn that was erased meanwhile', async () => {
    const service = openCoreFixture();
    const turn = await addTwo(service);

    await service.refine(
      alice,
      writingLate(service, async () => {
        await forget(service);
        await service.work();
      }),
    );

    expect(entriesOf(service, turn)).toEqual([]);
  });

  it('the entry of a late writer that is killed is removed a minute after the deletion', async () => {
    const service = openCoreFixture();
    const turn = await addTwo(service);

    await service
      .refine(
        alice,
        writingLate(service, () => deleteFirst(service, turn), true),
      )
      .catch(() => {});
    const left = entriesOf(service, turn);
    await service.settle();

    expect(left).toContain(`${messageId(turn, 0)}#1`);
    expect(entriesOf(service, turn)).toEqual([`${messageId(turn, 1)}#1`]);
  });
});

describe('a message that repeats a memory', () => {
  it('a message that repeats a memory is erased with it from turn, changes and index', async () => {
    const { service, turn } = await talked();
    const again = await restate(service);
    await service.settle();
    const recorded = service.rows('RESTATED');

    await deleteMemory(service.platform, project, turn);
    await service.settle();

    expect(recorded.map(({ item }) => item)).toMatchObject([{ turn: again, position: 0 }]);
    expect(service.rows('RESTATED')).toEqual([]);
    expect(await turnOf(service, again)).toMatchObject({
      messages: [{ content: '' }, { content: 'What time is it?' }],
    });
    // The message that it was drawn from is hidden as long as its turn has another memory.
    expect(service.kindsSaying('heron').sort()).toEqual(['TURN', 'vector']);
  });

  it('a memory that no turn repeats costs an apply no write', async () => {
    const { service } = await talked();

    expect(service.rows('RESTATED')).toEqual([]);
  });

  it('a delete-all of a memory takes along what turns of others repeat, in the index as well', async () => {
    const service = openCoreFixture();
    const turn = await addTwo(service);
    await service.refine();
    await restate(service);

    await forget(service);
    await service.work();

    expect(await turnOf(service, turn)).toMatchObject({ erased: true });
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('an erasure of a repeated memory that crashes at any call of the store is finished by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const { service, turn } = await talked();
      const again = await restate(service);
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      const answer = await deleteMemory(dying, project, turn).catch(() => 'crashed');
      const isGone = !(await service.list()).some(({ id }) => id === turn);
      await service.settle();

      const [message] = (await turnOf(service, again))?.messages ?? [];
      expect(message?.content, `crash at ${at}`).toBe(isGone ? '' : 'Yes, a heron.');
      if (answer === 'deleted') break;
      expect(calls).toBeGreaterThan(at);
    }
  });
});
