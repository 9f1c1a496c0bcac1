import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { learning } from '../../support/scripted-model.ts';
import { alice, openWorld, project, request, textsOf, type World } from '../../support/world.ts';

type Read = (world: World, entities: Entities, who: FullPlatform) => Promise<string[]>;
const reads: [string, Read][] = [
  ['a search', async (world, owner, who) => textsOf(await world.search('Lisbon', owner, who))],
  ['a list', async (world, owner, who) => textsOf(await world.list(owner, who))],
];

/** What may be seen of one scope before and after, with whatever moves it from one to the other. */
interface Switch {
  prepare(world: World, owner: Entities): Promise<string | undefined>;
  act(world: World, owner: Entities, id: string | undefined): Promise<unknown>;
  before: string[];
  after: string[];
}

const learnt = ['Learnt: I live in Lisbon.'];
const remember = async (world: World, owner: Entities) => {
  const [id] = await world.learn('I live in Lisbon.', owner);
  return id;
};

const switches: [string, Switch][] = [
  [
    'an apply',
    {
      prepare: async (world, owner) => (await world.add('I live in Lisbon.', owner)).turn,
      act: (world, owner) => world.refine(owner),
      before: ['user: I live in Lisbon.'],
      after: learnt,
    },
  ],
  [
    'an apply of several facts',
    {
      prepare: async (world, owner) => (await world.add('I live in Lisbon.', owner)).turn,
      act(world, owner) {
        world.model.next(learning('Lives in Lisbon.', 'Lisbon is home.'));
        return world.refine(owner);
      },
      before: ['user: I live in Lisbon.'],
      after: ['Lisbon is home.', 'Lives in Lisbon.'],
    },
  ],
  [
    'an edit',
    {
      prepare: remember,
      act: (world, _, id = '') =>
        updateMemory(world.platform, project, id, { text: 'Left Lisbon.' }),
      before: learnt,
      after: ['Left Lisbon.'],
    },
  ],
  [
    'a deletion',
    {
      prepare: remember,
      act: (world, _, id = '') => deleteMemory(world.platform, project, id),
      before: learnt,
      after: [],
    },
  ],
  [
    'a deletion of a rough memory',
    {
      prepare: async (world, owner) => (await world.add('I live in Lisbon.', owner)).turn,
      act: (world, _, id = '') => deleteMemory(world.platform, project, id),
      before: ['user: I live in Lisbon.'],
      after: [],
    },
  ],
  [
    'a delete-all',
    {
      prepare: remember,
      act: (world, owner) => deleteAll(world.platform, project, owner),
      before: learnt,
      after: [],
    },
  ],
  [
    'a delete-all of the run of a rough memory',
    {
      prepare: async (world, owner) => {
        const { turn } = await world.add('I live in Lisbon.', { ...owner, run: 'trip' });
        return turn;
      },
      act: (world) => deleteAll(world.platform, project, { run: 'trip' }),
      before: ['user: I live in Lisbon.'],
      after: [],
    },
  ],
  [
    'an apply and all that comes after it',
    {
      prepare: async (world, owner) => (await world.add('I live in Lisbon.', owner)).turn,
      async act(world, owner) {
        await world.refine(owner);
        await world.settle();
      },
      before: ['user: I live in Lisbon.'],
      after: learnt,
    },
  ],
  [
    'the end of direct reads',
    {
      prepare: remember,
      act: (world) => world.settle(),
      before: learnt,
      after: learnt,
    },
  ],
];

/** Reads again and again, the switch happening right before the first, second ... call of store or index. */
const readAcross = async (read: Read, { prepare, act, before, after }: Switch) => {
  const world = openWorld();
  for (let at = 0; ; at++) {
    const owner = { user: `user ${at}` };
    const id = await prepare(world, owner);
    let calls = 0;
    const switchAt = async () => {
      if (calls++ === at) await act(world, owner, id);
    };
    const store = world.intercepted({ before: switchAt });
    const vectorIndex = {
      ...world.index,
      query: async (query: Parameters<typeof world.index.query>[0]) => {
        await switchAt();
        return world.index.query(query);
      },
    };
    const seen = await read(world, owner, { ...store, vectorIndex });

    expect([before, after], `before call ${at}`).toContainEqual(seen);
    if (calls <= at) return at;
    expect(await read(world, owner, world.platform), `after call ${at}`).toEqual(after);
  }
};

describe.each(reads)('%s', (_, read) => {
  it.each(switches)(
    'sees what was before or what is after %s, never both or neither',
    async (_name, step) => {
      const calls = await readAcross(read, step);

      expect(calls).toBeGreaterThanOrEqual(4);
    },
  );

  it('sees an edit that happened before it began, whatever the index says', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.settle();
    world.index.lag();

    await updateMemory(world.platform, project, id, { text: 'Left Lisbon.' });

    expect(await read(world, alice, world.platform)).toEqual(['Left Lisbon.']);
  });

  it('shows nothing that expired, the day after its last', async () => {
    const world = openWorld();
    const options = { infer: true, expiresOn: '2026-01-02' };
    await world.add('I am in Lisbon.', alice, { options });
    await world.refine();
    await world.add('I stay in Lisbon.', alice, { options });

    await world.clock.advance(86_400_000);
    const lastDay = await read(world, alice, world.platform);
    await world.clock.advance(86_400_000);

    expect(lastDay).toEqual(['Learnt: I am in Lisbon.', 'user: I stay in Lisbon.']);
    expect(await read(world, alice, world.platform)).toEqual([]);
  });

  it('never lists by the secondary listing', async () => {
    const world = openWorld();
    await world.learn('I live in Lisbon.');
    const methods: string[] = [];

    await read(world, alice, world.intercepted({ before: (c) => methods.push(c.method) }));

    expect(methods).not.toContain('list');
  });
});

describe('a reader', () => {
  it('reads pointers, then their turns, then the index, then the memories', async () => {
    const world = openWorld();
    await world.learn('I live in Lisbon.');
    const order: string[] = [];
    const who = world.intercepted({ before: ({ method }) => order.push(method) });
    const query: typeof world.index.query = (asked) => {
      order.push('index');
      return world.index.query(asked);
    };

    await world.search('Lisbon', alice, { ...who, vectorIndex: { ...world.index, query } });

    const [pointers, ...after] = order;
    const asked = after.indexOf('index');
    expect(pointers).toBe('query');
    expect(after.slice(0, asked).sort()).toEqual(['getMany', 'getMany', 'query']);
    expect(new Set(after.slice(asked + 1))).toEqual(new Set(['getMany']));
  });

  it('sees each memory once, although pointers of turns and edits and a hit lead to it', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await updateMemory(world.platform, project, id, { text: 'Lives in Lisbon.' });
    await world.learn('Still in Lisbon.');
    await world.work();

    const ids = (await world.search('Lisbon')).map((memory) => memory.id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(id);
  });

  it('reads the newest 500 pointers directly and no more', async () => {
    const world = openWorld();
    for (let n = 0; n < 501; n++) await world.accept(request(`Lisbon, day ${n}.`));
    const asked = { query: 'Lisbon', filter: { entity: 'user', is: 'alice' } as const };

    const { memories: found } = await searchMemories(world.platform, project, {
      ...asked,
      topK: 1_000,
      threshold: 0,
    });

    expect(found).toHaveLength(500);
    expect(textsOf(found)).not.toContain('user: Lisbon, day 0.');
    expect(await world.list()).toHaveLength(501);
  });
});
