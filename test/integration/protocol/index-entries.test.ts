import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import { plainEmbedder } from '../../support/plain-models.ts';
import { rewriting } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const shown = (world: World) => [...world.index.shown.keys()].sort();
const memoryOf = (world: World, id: string) => world.store.get(memoryKey(project, id));
const edit = (world: World, id: string, text: string) =>
  updateMemory(world.platform, project, id, { text });

const down = new RetryableError('down', 'It cannot be reached.');

describe('the index', () => {
  it('holds one entry a memory, named for its version; the old one goes once the new one is seen by all', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    const first = shown(world);

    await edit(world, id, 'Lives in Porto.');
    await world.work();
    const both = shown(world);
    await world.settle();

    expect(first).toEqual([vectorId(id, 1)]);
    expect(both).toContain(vectorId(id, 2));
    expect(shown(world)).toEqual([vectorId(id, 2)]);
  });

  it('loses the entry of a deleted memory', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');

    await deleteMemory(world.platform, project, id);
    await world.work();

    expect(shown(world)).toEqual([]);
  });

  it('is never set back by a slow writer: what it writes of an old version is dropped', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.clock.advance(2_000);
    let isSlow = true;
    const slowIndex = {
      ...world.index,
      upsert: async (...[of, entries]: Parameters<typeof world.index.upsert>) => {
        if (isSlow) {
          isSlow = false;
          await edit(world, id, 'Lives in Porto.');
          await world.settle();
        }
        await world.index.upsert(of, entries);
      },
    };
    await edit(world, id, 'Lives in Faro.');

    await world.work({ ...world.platform, vectorIndex: slowIndex });

    expect(shown(world)).toEqual([vectorId(id, 3)]);
    expect(textsOf(await world.search('Lives in Porto'))).toEqual(['Lives in Porto.']);
    expect(await memoryOf(world, id)).toMatchObject({ version: 3, indexedVersion: 3 });
  });

  it('that still shows an old version is not believed, and is told to drop it', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    const old = world.index.shown.get(vectorId(id, 1));
    await edit(world, id, 'Lives in Porto.');
    await world.settle();
    if (old) await world.index.upsert(project, [old]);

    const found = await world.search('Lisbon Porto');

    expect(textsOf(found)).toEqual(['Lives in Porto.']);
    expect(shown(world)).toEqual([vectorId(id, 2)]);
  });

  it('that still shows what is gone is not believed, and is told to drop it', async () => {
    const world = openWorld();
    const [other = ''] = await world.learn('I like tea.');
    const [id = ''] = await world.learn('I live in Lisbon.');
    const old = world.index.shown.get(vectorId(id, 1));
    await deleteMemory(world.platform, project, id);
    await world.settle();
    if (old) await world.index.upsert(project, [old]);

    expect(await world.search('Lisbon')).toEqual([]);

    expect(shown(world)).toEqual([vectorId(other, 1)]);
  });

  it('gets a vector later when the embedder was down at the time', async () => {
    let isDown = true;
    const embedder = {
      ...plainEmbedder,
      embed: async (texts: readonly string[]) => {
        if (isDown) throw down;
        return plainEmbedder.embed(texts);
      },
    };
    const world = openWorld({ embedder });
    const [id = ''] = await world.learn('I live in Lisbon.');
    const before = shown(world);

    isDown = false;
    await world.pass(0);

    expect(before).toEqual([]);
    expect(world.index.shown.get(vectorId(id, 1))?.dense).toBeDefined();
  });
});

describe('every write of a memory leaves a due time until the index holds it', () => {
  const withoutIndexer = async (world: World, write: (id: string) => Promise<unknown>) => {
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.settle();
    const settled = await memoryOf(world, id);
    await write(id);
    const written = await memoryOf(world, id);
    return { id, settled, written };
  };

  it('an edit does', async () => {
    const world = openWorld();

    const seen = await withoutIndexer(world, (id) => edit(world, id, 'Lives in Porto.'));
    await world.settle();

    expect(seen.settled).not.toHaveProperty('dueAt');
    expect(seen.written).toMatchObject({ version: 2, dueAt: expect.any(Number) });
    expect(await memoryOf(world, seen.id)).not.toHaveProperty('dueAt');
  });

  it('a deletion does', async () => {
    const world = openWorld();

    const seen = await withoutIndexer(world, (id) => deleteMemory(world.platform, project, id));
    world.hints.become('sound');
    await world.settle();

    expect(seen.written).toMatchObject({ state: 'deleted', dueAt: expect.any(Number) });
    expect(await memoryOf(world, seen.id)).not.toHaveProperty('dueAt');
  });

  it('a refinement does', async () => {
    const world = openWorld();
    const broken = {
      ...world.platform,
      vectorIndex: { ...world.index, upsert: () => Promise.reject(down) },
    };

    const seen = await withoutIndexer(world, async () => {
      await world.add('I live in Porto.');
      world.model.next(rewriting('Lisbon', 'Lives in Porto.'));
      await world.refine(alice, broken);
    });
    await world.settle();

    expect(seen.written).toMatchObject({ version: 2, dueAt: expect.any(Number) });
    expect(await memoryOf(world, seen.id)).not.toHaveProperty('dueAt');
  });

  it('and keeps it when a newer version was written while the index was given this one', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await world.settle();
    await edit(world, id, 'Lives in Porto.');
    await world.work();

    await world.clock.advance(61_000);
    const racing = world.intercepted({
      before: async ({ steps }) => {
        const settles = steps.some((s) => s.op === 'update' && s.remove.includes('dueAt'));
        if (settles) await edit(world, id, 'Lives in Faro.');
      },
    });
    await world.perform({ v: 1, kind: 'index', project, memory: id }, racing);

    expect(await memoryOf(world, id)).toMatchObject({
      version: 3,
      dueAt: expect.any(Number),
      pointer: expect.any(String),
    });
    expect(textsOf(await world.search('Faro'))).toEqual(['Lives in Faro.']);
  });
});
