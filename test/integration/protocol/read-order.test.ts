import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  request,
  textsOf,
} from '../../support/core-fixture.ts';
import { learning, proposing } from '../../support/scripted-model.ts';

type Read = (service: CoreFixture, entities: Entities, actor: FullPlatform) => Promise<string[]>;
const reads: [string, Read][] = [
  [
    'a search',
    async (service, owner, actor) => textsOf(await service.search('Lisbon', owner, actor)),
  ],
  ['a list', async (service, owner, actor) => textsOf(await service.list(owner, actor))],
];

/** A change of one scope, with the texts that a reader may see before and after. */
interface Switch {
  prepare(service: CoreFixture, owner: Entities): Promise<string | undefined>;
  act(service: CoreFixture, owner: Entities, id: string | undefined): Promise<unknown>;
  before: string[];
  after: string[];
}

const learnt = ['Learnt: I live in Lisbon.'];
const remember = async (service: CoreFixture, owner: Entities) => {
  const [id] = await service.learn('I live in Lisbon.', owner);
  return id;
};

const switches: [string, Switch][] = [
  [
    'an apply',
    {
      prepare: async (service, owner) => (await service.add('I live in Lisbon.', owner)).turn,
      act: (service, owner) => service.refine(owner),
      before: ['user: I live in Lisbon.'],
      after: learnt,
    },
  ],
  [
    'an apply of several facts',
    {
      prepare: async (service, owner) => (await service.add('I live in Lisbon.', owner)).turn,
      act(service, owner) {
        service.model.next(learning('Lives in Lisbon.', 'Lisbon is home.'));
        return service.refine(owner);
      },
      before: ['user: I live in Lisbon.'],
      after: ['Lisbon is home.', 'Lives in Lisbon.'],
    },
  ],
  [
    'an edit',
    {
      prepare: remember,
      act: (service, _, id = '') =>
        updateMemory(service.platform, project, id, { text: 'Left Lisbon.' }),
      before: learnt,
      after: ['Left Lisbon.'],
    },
  ],
  [
    'a deletion',
    {
      prepare: remember,
      act: (service, _, id = '') => deleteMemory(service.platform, project, id),
      before: learnt,
      after: [],
    },
  ],
  [
    'a deletion of a rough memory',
    {
      prepare: async (service, owner) => (await service.add('I live in Lisbon.', owner)).turn,
      act: (service, _, id = '') => deleteMemory(service.platform, project, id),
      before: ['user: I live in Lisbon.'],
      after: [],
    },
  ],
  [
    'a delete-all',
    {
      prepare: remember,
      act: (service, owner) => deleteAll(service.platform, project, owner),
      before: learnt,
      after: [],
    },
  ],
  [
    'a delete-all of the run of a rough memory',
    {
      prepare: async (service, owner) => {
        const { turn } = await service.add('I live in Lisbon.', { ...owner, run: 'trip' });
        return turn;
      },
      act: (service) => deleteAll(service.platform, project, { run: 'trip' }),
      before: ['user: I live in Lisbon.'],
      after: [],
    },
  ],
  [
    'an apply and all that comes after it',
    {
      prepare: async (service, owner) => (await service.add('I live in Lisbon.', owner)).turn,
      async act(service, owner) {
        await service.refine(owner);
        await service.settle();
      },
      before: ['user: I live in Lisbon.'],
      after: learnt,
    },
  ],
  [
    'the end of direct reads',
    {
      prepare: remember,
      act: (service) => service.settle(),
      before: learnt,
      after: learnt,
    },
  ],
];

/** Repeats a read, with the change happening right before its first, second, ... call of store or index. */
const readAcross = async (read: Read, { prepare, act, before, after }: Switch) => {
  const service = openCoreFixture();
  for (let at = 0; ; at++) {
    const owner = { user: `user ${at}` };
    const id = await prepare(service, owner);
    let calls = 0;
    const switchAt = async () => {
      if (calls++ === at) await act(service, owner, id);
    };
    const store = service.intercepted({ before: switchAt });
    const vectorIndex = {
      ...service.index,
      query: async (query: Parameters<typeof service.index.query>[0]) => {
        await switchAt();
        return service.index.query(query);
      },
    };
    const seen = await read(service, owner, { ...store, vectorIndex });

    expect([before, after], `before call ${at}`).toContainEqual(seen);
    if (calls <= at) return at;
    expect(await read(service, owner, service.platform), `after call ${at}`).toEqual(after);
  }
};

describe.each(reads)('%s', (_, read) => {
  it.each(switches)(
    'a reader sees the state before or after %s, never both or neither',
    async (_name, step) => {
      const calls = await readAcross(read, step);

      expect(calls).toBeGreaterThanOrEqual(4);
    },
  );

  it('a reader sees an edit that was answered before the read, whatever the index returns', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    service.index.lag();

    await updateMemory(service.platform, project, id, { text: 'Left Lisbon.' });

    expect(await read(service, alice, service.platform)).toEqual(['Left Lisbon.']);
  });

  it('an expired memory is hidden from the day after its last', async () => {
    const service = openCoreFixture();
    const options = { infer: true, expiresOn: '2026-01-02' };
    await service.add('I am in Lisbon.', alice, { options });
    await service.refine();
    await service.add('I stay in Lisbon.', alice, { options });

    await service.clock.advance(86_400_000);
    const lastDay = await read(service, alice, service.platform);
    await service.clock.advance(86_400_000);

    expect(lastDay).toEqual(['Learnt: I am in Lisbon.', 'user: I stay in Lisbon.']);
    expect(await read(service, alice, service.platform)).toEqual([]);
  });

  it('a reader never uses the eventually consistent listing', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.');
    const methods: string[] = [];

    await read(service, alice, service.intercepted({ before: (c) => methods.push(c.method) }));

    expect(methods).not.toContain('list');
  });
});

describe('a reader', () => {
  it('a reader sees a turn of several messages as it was said, or its memory and the message that taught nothing', async () => {
    const said = ['I live in Lisbon.', 'Is Lisbon hilly?'];
    const messages = said.map((content) => ({ role: 'user' as const, content }));
    const search: Read = async (service, owner, actor) =>
      textsOf(await service.search('Lisbon', owner, actor));

    await readAcross(search, {
      prepare: async (service, owner) => (await service.add('', owner, { messages })).turn,
      act(service, owner) {
        service.model.next(
          proposing({ turn: 0, type: 'ADD', text: 'Lives in Lisbon.', message: 0 }),
        );
        return service.refine(owner);
      },
      before: ['user: I live in Lisbon.\nuser: Is Lisbon hilly?'],
      after: ['Is Lisbon hilly?', 'Lives in Lisbon.'],
    });
  });

  it('a reader reads pointers, then their turns, then the index, then the memories', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.');
    const order: string[] = [];
    const actor = service.intercepted({ before: ({ method }) => order.push(method) });
    const query: typeof service.index.query = (asked) => {
      order.push('index');
      return service.index.query(asked);
    };

    await service.search('Lisbon', alice, { ...actor, vectorIndex: { ...service.index, query } });

    const [pointers, ...after] = order;
    const asked = after.indexOf('index');
    expect(pointers).toBe('query');
    expect(after.slice(0, asked).sort()).toEqual(['getMany', 'getMany', 'query', 'query']);
    expect(new Set(after.slice(asked + 1))).toEqual(new Set(['getMany']));
  });

  it('a reader sees a memory once, although pointers of turns and edits and a hit lead to it', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await updateMemory(service.platform, project, id, { text: 'Lives in Lisbon.' });
    await service.learn('Still in Lisbon.');
    await service.work();

    const ids = (await service.search('Lisbon')).map((memory) => memory.id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(id);
  });

  it('a reader follows the newest 500 pointers only', async () => {
    const service = openCoreFixture();
    for (let n = 0; n < 501; n++) await service.accept(request(`Lisbon, day ${n}.`));
    const asked = { query: 'Lisbon', filter: { entity: 'user', is: 'alice' } as const };

    const { memories: found } = await searchMemories(service.platform, project, {
      ...asked,
      topK: 1_000,
      threshold: 0,
      fills: true,
    });

    expect(found).toHaveLength(500);
    expect(textsOf(found)).not.toContain('user: Lisbon, day 0.');
    expect(await service.list()).toHaveLength(501);
  });
});
