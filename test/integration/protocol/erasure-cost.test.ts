import { describe, expect, it } from 'vitest';
import { deleteMemories, deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { type StoreCall, writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';

const texts = (count: number) => Array.from({ length: count }, (_, n) => `Heron number ${n}.`);

/** Adds a turn from which so many memories are drawn, and settles the index. */
const learnMany = async (count: number, service = openCoreFixture()) => {
  service.model.next(learning(...texts(count)));
  const ids = await service.learn('Many herons.');
  await service.settle();
  return { service, ids };
};

/** The calls of the store that an action makes. */
const callsOf = async (
  service: CoreFixture,
  act: (platform: CoreFixture['platform']) => Promise<unknown>,
): Promise<StoreCall[]> => {
  const calls: StoreCall[] = [];
  await act(service.intercepted({ before: (call) => calls.push(call) }));
  return calls;
};

const keysIn = (calls: readonly StoreCall[]): number =>
  calls.reduce((sum, { keys }) => sum + keys.length, 0);

describe('the cost of a deletion', () => {
  it('a deletion reads as much from a turn with 300 memories as from one with 20', async () => {
    const costs = [];
    for (const count of [20, 300]) {
      const { service, ids } = await learnMany(count);
      const calls = await callsOf(service, (actor) => deleteMemory(actor, project, ids[0] ?? ''));
      costs.push({ calls: calls.length, keys: keysIn(calls) });
    }

    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.calls).toBeLessThanOrEqual(19);
    expect(costs[0]?.keys).toBeLessThanOrEqual(25);
  });

  it('a deletion reads as much whether its owner has 1 other memory or 40', async () => {
    const costs = [];
    for (const others of [1, 40]) {
      const service = openCoreFixture();
      for (let n = 0; n < others; n++) await service.learn(`A stork came on day ${n}.`);
      const [id = ''] = await service.learn('A heron nests by the mill.');
      await service.settle();
      const calls = await callsOf(service, (actor) => deleteMemory(actor, project, id));
      costs.push({ calls: calls.length, keys: keysIn(calls) });
    }

    expect(costs[1]).toEqual(costs[0]);
  });

  it('a deletion reads as much after 30 edits as after 9, besides its own revisions', async () => {
    const costs = [];
    for (const edits of [9, 30]) {
      const service = openCoreFixture();
      const [id = ''] = await service.learn('A heron nests by the mill.');
      for (let n = 0; n < edits; n++)
        await updateMemory(service.platform, project, id, { text: `A heron has ${n} chicks.` });
      for (let hint = service.notices.take(); hint; hint = service.notices.take())
        await service.perform(hint);
      await service.settle();
      costs.push((await callsOf(service, (actor) => deleteMemory(actor, project, id))).length);
    }

    expect(costs[1]).toBe(costs[0]);
  });

  it.each([
    ['first to last', (ids: string[]) => ids],
    ['last to first', (ids: string[]) => ids.toReversed()],
  ])('deletions of all memories of a turn, %s, read linearly many items', async (_, inOrder) => {
    const count = 100;
    const { service, ids } = await learnMany(count);

    const calls = await callsOf(service, async (actor) => {
      for (const id of inOrder(ids)) await deleteMemory(actor, project, id);
    });

    expect(keysIn(calls)).toBeLessThanOrEqual(30 * count);
    expect(service.kindsSaying('heron')).toEqual(['vector']);
  });
});

describe('the cost of many deletions', () => {
  it('a batch redacts what several of its memories share once', async () => {
    const { service, ids } = await learnMany(60);

    const calls = await callsOf(service, (actor) => deleteMemories(actor, project, ids));

    const written = (kind: 'CHANGES' | 'TURN') =>
      calls.flatMap(({ steps }) => writesOf(steps, kind)).length;
    expect(written('CHANGES')).toBe(1);
    expect(written('TURN')).toBe(1);
    expect(calls.filter(({ steps }) => steps.length > 0).length).toBeLessThanOrEqual(12);
  });

  it('the indexer removes many deleted memories in few transactions', async () => {
    const { service, ids } = await learnMany(60);
    await deleteMemories(service.platform, project, ids);

    const calls = await callsOf(service, (actor) => service.work(actor));

    const transactions = calls.filter(({ steps }) => writesOf(steps, 'MEMORY').length > 0);
    expect(transactions.length).toBeLessThanOrEqual(3);
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it('a list of an emptied user reads nothing of what was deleted', async () => {
    const { service } = await learnMany(60);
    await forget(service);
    await service.work();

    const calls = await callsOf(service, (actor) => service.list(undefined, actor));

    expect(calls.length).toBeLessThanOrEqual(6);
    expect(keysIn(calls)).toBeLessThanOrEqual(2);
    expect(service.rows('LISTED')).toEqual([]);
    expect(service.rows('RECENT')).toEqual([]);
  });
});
