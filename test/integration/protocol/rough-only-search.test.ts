import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Embedder } from '../../../shared/ports/embedder.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { learning } from '../../support/scripted-model.ts';

const rough = ['user: I live in Lisbon.'];

/** Platform that records the calls of a search: one list per round trip. */
const watched = (service: CoreFixture) => {
  const trips: string[][] = [];
  let isOver = true;
  const noted = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (isOver) trips.push([]);
    isOver = false;
    trips.at(-1)?.push(name);
    const answer = await call();
    await new Promise(setImmediate);
    isOver = true;
    return answer;
  };
  const { store, index, platform } = service;
  const actor: FullPlatform = {
    ...platform,
    store: {
      ...store,
      query: (range) => noted(range.kind, () => store.query(range)),
      getMany: async (keys) => {
        const [first] = keys;
        return first ? noted(first.kind, () => store.getMany(keys)) : [];
      },
    },
    vectorIndex: { ...index, query: (asked) => noted('index', () => index.query(asked)) },
  };
  return { actor, trips: () => trips.map((trip) => trip.sort()) };
};

/** An embedder that never answers, and the signals of its calls. */
const silentEmbedder = (model: string) => {
  const signals: AbortSignal[] = [];
  const embedder: Embedder = {
    model,
    embed: (_, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        if (!signal) return;
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  return { embedder, signals };
};

describe('a search while nothing is refined', () => {
  it('a search over rough memories only takes two round trips: pointers, then their items', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const { actor, trips } = watched(service);

    const found = await service.search('Lisbon', alice, actor);

    expect(textsOf(found)).toEqual(rough);
    expect(trips()).toEqual([['RECENT'], ['ENTITY', 'LISTED', 'LISTED_TURN', 'TURN']]);
  });

  it('a search over rough memories only waits 150 ms for the embedder, aborts its call, and misses nothing', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const { embedder, signals } = silentEmbedder(service.platform.embedder.model);
    const lines: string[] = [];
    const telemetry = { log: (_: string, event: string) => void lines.push(event) };

    const start = service.clock.now();
    const actor = { ...service.platform, embedder, telemetry };
    const found = await service.until(service.search('Lisbon', alice, actor));

    expect(service.clock.now() - start).toBeLessThanOrEqual(200);
    expect(textsOf(found)).toEqual(rough);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(lines).toEqual([]);
  });

  it('a search of an entity without turns finds nothing', async () => {
    const service = openCoreFixture();
    const { actor, trips } = watched(service);

    expect(await service.search('Lisbon', alice, actor)).toEqual([]);

    expect(trips()).toEqual([['RECENT'], ['LISTED', 'LISTED_TURN']]);
  });
});

describe('a search asks the index, too, where there is', () => {
  const trip = { run: 'trip' };
  const preparations: [string, (service: CoreFixture) => Promise<unknown>][] = [
    ['a memory just refined', (service) => service.learn('I live in Lisbon.', trip)],
    [
      'a memory that no pointer leads to any more',
      async (service) => {
        await service.learn('I live in Lisbon.', trip);
        await service.settle();
      },
    ],
    [
      'a memory of another scope that names the same entity',
      async (service) => {
        await service.learn('I live in Lisbon.', { user: 'bo', ...trip });
        await service.settle();
      },
    ],
    [
      'a refined turn that taught nothing and that no pointer leads to any more',
      async (service) => {
        service.model.next(learning());
        await service.add('I live in Lisbon.', trip);
        await service.refine(trip);
        await service.settle();
      },
    ],
  ];

  it.each(preparations)('a search asks the index when there is %s', async (_, prepare) => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    await prepare(service);
    const { actor, trips } = watched(service);

    const found = await service.search('Lisbon', trip, actor);

    expect(found).toHaveLength(1);
    expect(trips()[2]).toEqual(['index']);
  });

  it('a search for any of several entities asks the index when one of them has a memory', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.', { user: 'bo' });
    await service.settle();
    await service.add('I stay in Porto.');
    const users = ['alice', 'bo'].map((id) => ({ entity: 'user' as const, is: id }));

    const { memories: found } = await searchMemories(service.platform, project, {
      query: 'Lisbon',
      filter: { any: users },
      topK: 10,
      threshold: 0,
      fills: true,
    });

    expect(textsOf(found)).toEqual(['Learnt: I live in Lisbon.', 'user: I stay in Porto.']);
  });

  it('a search no longer asks the index once the last memory is gone, and its turn from the index', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    await deleteMemory(service.platform, project, id);
    await service.work();
    const { actor, trips } = watched(service);

    expect(await service.search('Lisbon', alice, actor)).toEqual([]);

    expect(trips()).toEqual([['RECENT'], ['LISTED', 'LISTED_TURN']]);
  });
});
