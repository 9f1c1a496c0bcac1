import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import type { Memory } from '../../../shared/domain/memory/memory.ts';
import type { Step } from '../../../shared/ports/store.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';

const facts = Array.from({ length: 60 }, (_, n) => `Fact number ${n}.`);
const sorted = facts.toSorted();

const isApply = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

const stagedIn = (service: CoreFixture): string[] =>
  service.rows('MEMORY').flatMap(({ item }) => {
    const memory = item as Memory;
    return memory.stagedBy ? [memory.id] : [];
  });

/** Adds a turn with more facts than one transaction takes. `beforeApply` runs right before the worker applies the turn. */
const largeTurn = async (beforeApply: (service: CoreFixture, event: string) => unknown) => {
  const service = openCoreFixture();
  const { event, turn } = await service.add('Sixty facts at once.');
  service.model.next(learning(...facts));
  let applies = 0;
  const worker = service.intercepted({
    before: async ({ steps }) => {
      if (isApply(steps) && applies++ === 0) await beforeApply(service, event);
    },
  });
  return { service, event, turn, worker };
};

describe('a turn with more memories than one transaction takes', () => {
  it('a turn larger than a transaction is published at once, and its event lists all memories', async () => {
    const { service, event, worker } = await largeTurn(() => {});

    await service.refine(alice, worker);

    expect(textsOf(await service.list())).toEqual(sorted);
    const view = await getEvent(service.platform, project, event);
    expect(view?.status).toBe('SUCCEEDED');
    expect(view?.changes.map(({ text }) => text).sort()).toEqual(sorted);
  });

  it('a reader between any two calls of the store sees a large turn entirely rough or entirely applied', async () => {
    const service = openCoreFixture();
    await service.add('Sixty facts at once.');
    service.model.next(learning(...facts));
    const seen: string[][] = [];
    const look = async () => {
      seen.push(textsOf(await service.list()));
    };

    await service.refine(alice, service.intercepted({ before: look, after: look }));

    const kinds = new Set(seen.map((texts) => JSON.stringify(texts)));
    const rough = ['user: Sixty facts at once.'];
    expect([...kinds]).toEqual([JSON.stringify(rough), JSON.stringify(sorted)]);
  });

  it('a large turn never exceeds 100 writes per transaction', async () => {
    const { service } = await largeTurn(() => {});
    const sizes: number[] = [];
    const worker = service.intercepted({ before: ({ steps }) => sizes.push(steps.length) });

    await service.refine(alice, worker);

    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.filter((size) => size > 80).length).toBeGreaterThan(1);
  });
});

describe('a memory written ahead', () => {
  it('a staged memory is invisible to every read before its turn is applied, even after indexing', async () => {
    const { service, worker } = await largeTurn(async () => {
      await service.pass(0);
      const [staged = ''] = stagedIn(service);

      expect(staged).not.toBe('');
      expect(await getMemory(service.platform, project, staged)).toBeUndefined();
      expect(await historyOf(service.platform, project, staged)).toBeUndefined();
      expect(textsOf(await service.list())).toEqual(['user: Sixty facts at once.']);
      expect(textsOf(await service.search('Fact number'))).toEqual(['user: Sixty facts at once.']);
      expect([...service.index.shown.keys()]).toEqual([]);
    });

    await service.refine(alice, worker);

    expect.assertions(7);
    expect(await service.list()).toHaveLength(60);
  });

  it('a published memory loses its staging mark once it is indexed', async () => {
    const { service, worker } = await largeTurn(() => {});

    await service.refine(alice, worker);
    await service.settle();

    expect(stagedIn(service)).toEqual([]);
    expect(textsOf(await service.search('Fact number'))).toHaveLength(50);
  });

  it('after a crash the same plan continues with the memories it has staged', async () => {
    const { service, worker } = await largeTurn(() => {
      throw new Error('crash');
    });

    await expect(service.refine(alice, worker)).rejects.toThrow('crash');
    const staged = stagedIn(service);
    await service.refine();

    const ids = new Set((await service.list()).map(({ id }) => id));
    expect(staged.length).toBeGreaterThan(0);
    expect(staged.every((id) => ids.has(id))).toBe(true);
    expect(service.rows('MEMORY')).toHaveLength(60);
    expect(service.model.requests).toHaveLength(1);
  });

  it('a staged memory is written once when the answer of its transaction is lost', async () => {
    const service = openCoreFixture();
    await service.add('Sixty facts at once.');
    service.model.next(learning(...facts));
    let losses = 1;
    const worker = service.intercepted({
      after: ({ steps }) => {
        if (writesOf(steps, 'MEMORY').length > 0 && losses-- > 0) throw new Error('reset');
      },
    });

    await expect(service.refine(alice, worker)).rejects.toThrow('reset');
    await service.refine();

    expect(service.rows('MEMORY')).toHaveLength(60);
    expect(textsOf(await service.list())).toEqual(sorted);
  });

  it('a memory that an earlier try staged with others than this one holds up none of these', async () => {
    const service = openCoreFixture();
    await service.add('Sixty facts at once.');
    service.model.next(learning(...facts));
    let isFirst = true;
    const worker = service.intercepted({
      before: async ({ steps }) => {
        const staged = writesOf(steps, 'MEMORY');
        if (!isFirst || staged.length === 0 || isApply(steps)) return;
        isFirst = false;
        const { sk, pk } = staged[3]?.key ?? { pk: '', sk: '' };
        const id = pk.split('#').at(-1) ?? sk;
        await service.store.transact(steps.filter((step) => JSON.stringify(step).includes(id)));
      },
    });

    await service.refine(alice, worker);

    expect(isFirst).toBe(false);
    expect(textsOf(await service.list())).toEqual(sorted);
  });

  it('a staged memory whose turn is cancelled never appears, and is removed with all its rows', async () => {
    const { service, worker } = await largeTurn((w, event) =>
      cancelEvent(w.platform, project, event),
    );

    await service.refine(alice, worker);
    const before = await service.list();
    await service.settle();

    expect(before).toEqual([]);
    expect(await service.list()).toEqual([]);
    expect(['MEMORY', 'REV', 'LISTED'].filter((k) => service.rows(k as 'REV').length > 0)).toEqual(
      [],
    );
    expect(service.kindsSaying('Fact number')).toEqual([]);
  });

  it('a staged memory of an outdated plan never appears, and the turn publishes its new plan', async () => {
    const { service, turn, worker } = await largeTurn((w) =>
      updateMemory(w.platform, project, turn, { text: 'One fact at once.' }),
    );
    service.model.next(learning('One fact after all.'));

    await service.refine(alice, worker);
    const before = textsOf(await service.list());
    await service.settle();

    expect(before).toEqual(['One fact after all.']);
    expect(textsOf(await service.list())).toEqual(['One fact after all.']);
    expect(service.kindsSaying('Fact number')).toEqual([]);
  });

  it('a delete-all before the turn is applied removes its staged memories', async () => {
    const { service, worker } = await largeTurn((w) => deleteAll(w.platform, project, alice));

    await service.refine(alice, worker);
    await service.settle();

    expect(await service.list()).toEqual([]);
    expect(service.kindsSaying('Fact number')).toEqual([]);
  });

  it('a memory that was staged and published can be edited and deleted like any other', async () => {
    const { service, worker } = await largeTurn(() => {});
    await service.refine(alice, worker);

    await deleteAll(service.platform, project, alice);
    await service.work();
    await service.settle();

    expect(await service.list()).toEqual([]);
    expect(service.kindsSaying('Fact number')).toEqual([]);
  });
});
