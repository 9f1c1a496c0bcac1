import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import type { Memory } from '../../../shared/domain/memory/memory.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const facts = Array.from({ length: 60 }, (_, n) => `Fact number ${n}.`);
const sorted = facts.toSorted();

const isFlip = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

const heldIn = (world: World): string[] =>
  world.rows('MEMORY').flatMap(({ item }) => {
    const memory = item as Memory;
    return memory.stagedBy ? [memory.id] : [];
  });

/** A turn with more facts than one transaction takes, and what happens right before its flip. */
const largeTurn = async (beforeFlip: (world: World, event: string) => unknown) => {
  const world = openWorld();
  const { event, turn } = await world.add('Sixty facts at once.');
  world.model.next(learning(...facts));
  let flips = 0;
  const worker = world.intercepted({
    before: async ({ steps }) => {
      if (isFlip(steps) && flips++ === 0) await beforeFlip(world, event);
    },
  });
  return { world, event, turn, worker };
};

describe('a turn with more memories than one transaction takes', () => {
  it('is published all at once, and its event tells of all', async () => {
    const { world, event, worker } = await largeTurn(() => {});

    await world.refine(alice, worker);

    expect(textsOf(await world.list())).toEqual(sorted);
    const view = await getEvent(world.platform, project, event);
    expect(view?.status).toBe('SUCCEEDED');
    expect(view?.changes.map(({ text }) => text).sort()).toEqual(sorted);
  });

  it('shows a reader between any two calls of the store the whole of one or of the other', async () => {
    const world = openWorld();
    await world.add('Sixty facts at once.');
    world.model.next(learning(...facts));
    const seen: string[][] = [];
    const look = async () => {
      seen.push(textsOf(await world.list()));
    };

    await world.refine(alice, world.intercepted({ before: look, after: look }));

    const kinds = new Set(seen.map((texts) => JSON.stringify(texts)));
    const rough = ['user: Sixty facts at once.'];
    expect([...kinds]).toEqual([JSON.stringify(rough), JSON.stringify(sorted)]);
  });

  it('stays within a hundred steps a transaction', async () => {
    const { world } = await largeTurn(() => {});
    const sizes: number[] = [];
    const worker = world.intercepted({ before: ({ steps }) => sizes.push(steps.length) });

    await world.refine(alice, worker);

    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.filter((size) => size > 80).length).toBeGreaterThan(1);
  });
});

describe('a memory written ahead', () => {
  it('is invisible to every read before the flip, though the indexer comes by', async () => {
    const { world, worker } = await largeTurn(async () => {
      await world.pass(0);
      const [held = ''] = heldIn(world);

      expect(held).not.toBe('');
      expect(await getMemory(world.platform, project, held)).toBeUndefined();
      expect(await historyOf(world.platform, project, held)).toBeUndefined();
      expect(textsOf(await world.list())).toEqual(['user: Sixty facts at once.']);
      expect(textsOf(await world.search('Fact number'))).toEqual(['user: Sixty facts at once.']);
      expect([...world.index.shown.keys()]).toEqual([]);
    });

    await world.refine(alice, worker);

    expect.assertions(7);
    expect(await world.list()).toHaveLength(60);
  });

  it('loses its mark once it is indexed', async () => {
    const { world, worker } = await largeTurn(() => {});

    await world.refine(alice, worker);
    await world.settle();

    expect(heldIn(world)).toEqual([]);
    expect(textsOf(await world.search('Fact number'))).toHaveLength(50);
  });

  it('is found again after a crash: the same plan goes on with the same ids', async () => {
    const { world, worker } = await largeTurn(() => {
      throw new Error('crash');
    });

    await expect(world.refine(alice, worker)).rejects.toThrow('crash');
    const held = heldIn(world);
    await world.refine();

    const ids = new Set((await world.list()).map(({ id }) => id));
    expect(held.length).toBeGreaterThan(0);
    expect(held.every((id) => ids.has(id))).toBe(true);
    expect(world.rows('MEMORY')).toHaveLength(60);
    expect(world.model.requests).toHaveLength(1);
  });

  it('is written once when the answer of its transaction is lost', async () => {
    const world = openWorld();
    await world.add('Sixty facts at once.');
    world.model.next(learning(...facts));
    let losses = 1;
    const worker = world.intercepted({
      after: ({ steps }) => {
        if (writesOf(steps, 'MEMORY').length > 0 && losses-- > 0) throw new Error('reset');
      },
    });

    await expect(world.refine(alice, worker)).rejects.toThrow('reset');
    await world.refine();

    expect(world.rows('MEMORY')).toHaveLength(60);
    expect(textsOf(await world.list())).toEqual(sorted);
  });

  it('never appears when its turn is cancelled, and is removed with all its rows', async () => {
    const { world, worker } = await largeTurn((w, event) =>
      cancelEvent(w.platform, project, event),
    );

    await world.refine(alice, worker);
    const before = await world.list();
    await world.settle();

    expect(before).toEqual([]);
    expect(await world.list()).toEqual([]);
    expect(['MEMORY', 'REV', 'FILED'].filter((k) => world.rows(k as 'REV').length > 0)).toEqual([]);
    expect(world.kindsSaying('Fact number')).toEqual([]);
  });

  it('never appears when its plan became void: the turn is decided again and publishes its new plan', async () => {
    const { world, worker } = await largeTurn((w) =>
      deleteAll(w.platform, project, { user: 'alice', run: 'another' }),
    );
    world.model.next(learning('One fact after all.'));

    await world.refine(alice, worker);
    const before = textsOf(await world.list());
    await world.settle();

    expect(before).toEqual(['One fact after all.']);
    expect(textsOf(await world.list())).toEqual(['One fact after all.']);
    expect(world.kindsSaying('Fact number')).toEqual([]);
  });

  it('does not outlive a delete-all that comes before the flip', async () => {
    const { world, worker } = await largeTurn((w) => deleteAll(w.platform, project, alice));

    await world.refine(alice, worker);
    await world.settle();

    expect(await world.list()).toEqual([]);
    expect(world.kindsSaying('Fact number')).toEqual([]);
  });

  it('that was published can be changed and deleted like any other', async () => {
    const { world, worker } = await largeTurn(() => {});
    await world.refine(alice, worker);

    await deleteAll(world.platform, project, alice);
    await world.work();
    await world.settle();

    expect(await world.list()).toEqual([]);
    expect(world.kindsSaying('Fact number')).toEqual([]);
  });
});
