import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { IndexEntry } from '../../../shared/ports/vector-index.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { eventOf, forget } from '../../support/delete-all.ts';
import { plainEmbedder } from '../../support/fake-models.ts';
import { failing, proposing, rewriting } from '../../support/scripted-model.ts';

/** Entries of memories; those of messages are apart. */
const shown = (service: CoreFixture) =>
  [...service.index.shown.values()]
    .filter((entry) => entry.class === 'memory')
    .map(({ id }) => id)
    .sort();
const memoryOf = (service: CoreFixture, id: string) => service.store.get(memoryKey(project, id));
const edit = (service: CoreFixture, id: string, text: string) =>
  updateMemory(service.platform, project, id, { text });

/** The entry of the first version, for an index in another database than the store. */
const oldEntry = (service: CoreFixture, id: string): IndexEntry[] => {
  const entry = service.index.shown.get(vectorId(id, 1));
  if (!entry) return [];
  const { source: _, ...rest } = entry;
  return [rest];
};

const down = new RetryableError('down', 'It cannot be reached.');

describe('the index', () => {
  it('the index holds one entry per memory, by version; the old one is removed once the new one is visible everywhere', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    const first = shown(service);

    await edit(service, id, 'Lives in Porto.');
    await service.work();
    const both = shown(service);
    await service.settle();

    expect(first).toEqual([vectorId(id, 1)]);
    expect(both).toContain(vectorId(id, 2));
    expect(shown(service)).toEqual([vectorId(id, 2)]);
  });

  it('the entry of a deleted memory is removed from the index', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');

    await deleteMemory(service.platform, project, id);
    await service.work();

    expect(shown(service)).toEqual([]);
  });

  it('a slow writer never replaces a newer index entry: its entry of an old version is removed', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.clock.advance(2_000);
    let isSlow = true;
    const slowIndex = {
      ...service.index,
      upsert: async (...[of, entries]: Parameters<typeof service.index.upsert>) => {
        if (isSlow) {
          isSlow = false;
          await edit(service, id, 'Lives in Porto.');
          await service.settle();
        }
        await service.index.upsert(of, entries);
      },
    };
    await edit(service, id, 'Lives in Faro.');

    await service.work({ ...service.platform, vectorIndex: slowIndex });

    expect(shown(service)).toEqual([vectorId(id, 3)]);
    expect(textsOf(await service.search('Lives in Porto'))).toEqual(['Lives in Porto.']);
    expect(await memoryOf(service, id)).toMatchObject({ version: 3, indexedVersion: 3 });
  });

  it('a hit of an old version is ignored, and its entry is removed', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    const old = oldEntry(service, id);
    await edit(service, id, 'Lives in Porto.');
    await service.settle();
    await service.index.upsert(project, old);

    const found = await service.search('Lisbon Porto');

    expect(textsOf(found)).toEqual(['Lives in Porto.']);
    expect(shown(service)).toEqual([vectorId(id, 2)]);
  });

  it('a hit of a deleted memory is ignored, and its entry is removed', async () => {
    const service = openCoreFixture();
    const [other = ''] = await service.learn('I like tea.');
    const [id = ''] = await service.learn('I live in Lisbon.');
    const old = oldEntry(service, id);
    await deleteMemory(service.platform, project, id);
    await service.settle();
    await service.index.upsert(project, old);

    expect(await service.search('Lisbon')).toEqual([]);

    expect(shown(service)).toEqual([vectorId(other, 1)]);
  });

  it('an entry gets its vector later when the embedder was down', async () => {
    let isDown = true;
    const embedder = {
      ...plainEmbedder,
      embed: async (texts: readonly string[]) => {
        if (isDown) throw down;
        return plainEmbedder.embed(texts);
      },
    };
    const service = openCoreFixture({ embedder });
    const [id = ''] = await service.learn('I live in Lisbon.');
    const before = shown(service);

    isDown = false;
    await service.pass(180_000);

    expect(before).toEqual([]);
    expect(service.index.shown.get(vectorId(id, 1))?.dense).toBeDefined();
  });
});

describe('every write of a memory leaves a due time until the index holds it', () => {
  const withoutIndexer = async (service: CoreFixture, write: (id: string) => Promise<unknown>) => {
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    const settled = await memoryOf(service, id);
    await write(id);
    const written = await memoryOf(service, id);
    return { id, settled, written };
  };

  it('an edited memory stays due until the index has it', async () => {
    const service = openCoreFixture();

    const seen = await withoutIndexer(service, (id) => edit(service, id, 'Lives in Porto.'));
    await service.settle();

    expect(seen.settled).not.toHaveProperty('dueAt');
    expect(seen.written).toMatchObject({ version: 2, dueAt: expect.any(Number) });
    expect(await memoryOf(service, seen.id)).not.toHaveProperty('dueAt');
  });

  it('a deleted memory stays due until the index has removed it', async () => {
    const service = openCoreFixture();

    const seen = await withoutIndexer(service, (id) => deleteMemory(service.platform, project, id));
    service.hints.become('sound');
    await service.settle();

    expect(seen.written).toMatchObject({ state: 'deleted', dueAt: expect.any(Number) });
    expect(await memoryOf(service, seen.id)).not.toHaveProperty('dueAt');
  });

  it('a refined memory stays due until the index has it', async () => {
    const service = openCoreFixture();
    const broken = {
      ...service.platform,
      vectorIndex: { ...service.index, upsert: () => Promise.reject(down) },
    };

    const seen = await withoutIndexer(service, async () => {
      await service.add('I live in Porto.');
      service.model.next(rewriting('Lisbon', 'Lives in Porto.'));
      await service.refine(alice, broken);
    });
    await service.settle();

    expect(seen.written).toMatchObject({ version: 2, dueAt: expect.any(Number) });
    expect(await memoryOf(service, seen.id)).not.toHaveProperty('dueAt');
  });

  it('a memory stays due when a newer version is written while the index receives the old one', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    await edit(service, id, 'Lives in Porto.');
    for (const ms of [0, 10_000]) await service.pass(ms);

    await service.clock.advance(61_000);
    const racing = service.intercepted({
      before: async ({ steps }) => {
        const settles = steps.some((s) => s.op === 'update' && s.remove.includes('dueAt'));
        if (settles) await edit(service, id, 'Lives in Faro.');
      },
    });
    await service.work(racing);

    expect(await memoryOf(service, id)).toMatchObject({
      version: 3,
      dueAt: expect.any(Number),
      pointer: expect.any(String),
    });
    expect(textsOf(await service.search('Faro'))).toEqual(['Lives in Faro.']);
  });
});

describe('a worker that is killed just after it wrote an entry', () => {
  /** A process whose first write to the index comes after other work, and is its last act. */
  const killedAfter = (service: CoreFixture, work: () => Promise<unknown>): FullPlatform => ({
    ...service.platform,
    vectorIndex: {
      ...service.index,
      upsert: async (...[of, entries]: Parameters<typeof service.index.upsert>) => {
        await work();
        await service.index.upsert(of, entries);
        throw new Error('The process is killed.');
      },
    },
  });
  const wordsOf = (service: CoreFixture) => service.kindsSaying('heron');

  it('a worker that is killed leaves no entry of a memory that a finished delete-all erased', async () => {
    const service = openCoreFixture();
    await service.add('A heron nests.');
    let event = '';
    const killed = killedAfter(service, async () => {
      ({ event } = await forget(service));
      await service.work();
    });

    await service.refine(alice, killed).catch(() => {});

    expect(await eventOf(service, event)).toMatchObject({ status: 'SUCCEEDED' });
    expect(wordsOf(service)).toEqual([]);
  });

  it('a worker that is killed leaves no entry of a memory that was deleted or edited', async () => {
    const service = openCoreFixture();
    const [edited = ''] = await service.learn('I live in Lisbon.');
    await edit(service, edited, 'A heron nests.');
    const killed = killedAfter(service, async () => {
      await edit(service, edited, 'Lives in Porto.');
      await deleteMemory(service.platform, project, edited);
      await service.work();
    });

    await service.work(killed).catch(() => {});

    expect(wordsOf(service)).toEqual([]);
  });

  it('a worker that is killed leaves no entry of a turn that was erased while the worker indexed it', async () => {
    const service = openCoreFixture();
    service.model.always(failing(down));
    await service.add('A heron nests.');
    await service.clock.advance(301_000);
    let event = '';
    const killed = killedAfter(service, async () => {
      ({ event } = await forget(service));
      await service.work();
    });
    await sweep(service.platform);

    await service.work(killed).catch(() => {});

    expect(await eventOf(service, event)).toMatchObject({ status: 'SUCCEEDED' });
    expect(wordsOf(service)).toEqual([]);
  });

  it('a worker that is killed leaves no entry of a message that was deleted while the worker indexed its turn', async () => {
    const service = openCoreFixture();
    service.model.next(proposing());
    const said = ['A heron nests.', 'I like tea.'];
    const { turn } = await service.add('', alice, {
      messages: said.map((content) => ({ role: 'user', content })),
    });
    const outcomes: unknown[] = [];
    const killed = killedAfter(service, async () => {
      outcomes.push(await deleteMemory(service.platform, project, messageId(turn, 0)));
    });

    await service.refine(alice, killed).catch(() => {});
    await service.work(killed).catch(() => {});

    expect(outcomes[0]).toBe('deleted');
    expect(service.kindsSaying('heron')).not.toContain('vector');
    await service.settle();
    expect(textsOf(await service.search('tea'))).toContain('I like tea.');
  });
});
