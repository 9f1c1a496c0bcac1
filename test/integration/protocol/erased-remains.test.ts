import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { createEndpoint } from '../../../shared/core/webhooks/create-endpoint.ts';
import { entityRecordKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { eventOf, forget } from '../../support/delete-all.ts';
import { forgetting, learning, unusable } from '../../support/scripted-model.ts';
import { openWorld, project, textsOf, type World } from '../../support/world.ts';

const dayMs = 86_400_000;
const uma = { user: 'uma-17', run: 'r1' };
const umaRecord = entityRecordKey(project, { kind: 'user', id: 'uma-17' });

/** Items that name the user, by key or inside. */
const naming = (world: World) =>
  world.rows().filter((row) => JSON.stringify(row).includes('uma-17'));

/** Kinds of those of them that never go by themselves. */
const staying = (world: World): string[] =>
  naming(world).flatMap(({ key, item }) => (item.expiresAt === undefined ? [key.kind] : []));

/** Whatever can become of a turn and of a memory has become of one of hers. */
const live = async (world: World): Promise<void> => {
  await createEndpoint(world.platform, project, {
    url: 'https://hooks.example/all',
    eventTypes: ['*'],
    ordered: true,
  });
  world.model.next(learning('A heron nests by the mill.', 'A heron fishes at dawn.'));
  const [heron = ''] = await world.learn('A heron nests by the mill and fishes.', uma);
  await updateMemory(world.platform, project, heron, { text: 'A heron nests at the weir.' });
  world.model.next(forgetting('dawn'));
  await world.learn('The heron does not fish at dawn after all.', uma);
  world.model.next(learning());
  await world.learn('Did the heron come?', uma);
  const [deleted = ''] = await world.learn('A heron was deleted.', uma);
  await deleteMemory(world.platform, project, deleted);
  const cancelled = await world.add('A heron was cancelled.', uma);
  await deleteMemory(world.platform, project, cancelled.turn);
  await world.work();
  await world.settle();
  world.model.next(unusable('refusal'));
  await world.add('A heron failed.', uma);
  await world.refine(uma);
  await world.add('A heron waits.', uma);
};

const workAll = async (world: World): Promise<void> => {
  await world.work();
  for (let hint = world.notices.take(); hint; hint = world.notices.take())
    await world.perform(hint);
};

/** What a service does while days go by. */
const passDays = async (world: World, days: number): Promise<void> => {
  await world.clock.advance(days * dayMs);
  for (let purged = 1; purged > 0; ) purged = await world.store.purge(world.clock.now());
};

describe('after a delete-all', () => {
  it('no word of the user is in any item, what was retracted included', async () => {
    const world = openWorld({ refineSchedule: [] });
    await live(world);
    const before = new Set(world.kindsSaying('heron'));

    const { event } = await forget(world, { user: 'uma-17' });
    await workAll(world);

    expect([...before]).toEqual(expect.arrayContaining(['CHANGES', 'MEMORY', 'REV', 'TURN']));
    expect((await eventOf(world, event))?.status).toBe('SUCCEEDED');
    expect(world.kindsSaying('heron')).toEqual([]);
  });

  it('the id of the user stays in no item without expiry, and in none after a month', async () => {
    const world = openWorld({ refineSchedule: [] });
    await live(world);
    const before = new Set(staying(world));

    await forget(world, { user: 'uma-17' });
    await workAll(world);
    await world.settle();
    await workAll(world);
    const left = staying(world);
    await passDays(world, 8);
    const record = await world.store.get(umaRecord);
    await passDays(world, 31);

    expect([...before]).toEqual(expect.arrayContaining(['ENTITY', 'FILED', 'RECENT', 'RETRACTED']));
    expect(left).toEqual([]);
    expect(record).toBeUndefined();
    expect(naming(world)).toEqual([]);
  });

  it('of everything, likewise', async () => {
    const world = openWorld({ refineSchedule: [] });
    await live(world);

    await forget(world, 'everything');
    await workAll(world);
    await world.settle();
    await workAll(world);

    const records = world.rows('ENTITY').filter(({ item }) => item.expiresAt === undefined);
    expect(staying(world).filter((kind) => kind !== 'ENTITY')).toEqual([]);
    expect(records.map(({ key }) => key.sk)).toEqual(['run#r1', 'user#uma-17']);
  });

  it('an entity that is named again keeps its record, and its new memories', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', uma);
    await forget(world, { user: 'uma-17' });
    await world.work();
    const fading = await world.store.get(umaRecord);

    await world.learn('A stork nests.', uma);
    const kept = await world.store.get(umaRecord);
    await world.settle();
    await passDays(world, 40);

    expect(fading?.expiresAt).toBe(fading?.cutoffs[0]?.expiresAt);
    expect(fading?.expiresAt).toBeGreaterThan(world.clock.now() - 34 * dayMs);
    expect(kept).not.toHaveProperty('expiresAt');
    expect(await world.store.get(umaRecord)).toMatchObject({ revision: 1 });
    expect(textsOf(await world.list(uma))).toEqual(['Learnt: A stork nests.']);
  });

  it('an entity whose record has gone gets one with its next turn', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', uma);
    await forget(world, { user: 'uma-17' });
    await world.work();
    await passDays(world, 8);

    await world.learn('A stork nests.', uma);

    expect(await world.store.get(umaRecord)).toMatchObject({ revision: 0, cutoffs: [] });
    expect(textsOf(await world.list(uma))).toEqual(['Learnt: A stork nests.']);
  });

  it('of one run, the user stays, and the cutoff goes with the next one', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', uma);
    await world.learn('A stork nests.', { user: 'uma-17', run: 'r2' });
    await forget(world, uma);
    await world.work();
    const between = await world.store.get(umaRecord);
    await passDays(world, 8);

    await forget(world, { user: 'uma-17', run: 'r3' });

    const after = await world.store.get(umaRecord);
    expect(between).not.toHaveProperty('expiresAt');
    expect(between?.cutoffs).toMatchObject([{ match: uma, expiresAt: expect.any(Number) }]);
    expect(after?.cutoffs).toMatchObject([{ match: { user: 'uma-17', run: 'r3' } }]);
    expect(textsOf(await world.list({ user: 'uma-17' }))).toEqual(['Learnt: A stork nests.']);
  });

  it('that crashes while it ends is ended by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const world = openWorld();
      await world.learn('A heron nests.', uma);
      const { event } = await forget(world, { user: 'uma-17' });
      while (world.hints.take());
      let calls = 0;
      const dying = world.intercepted({
        before: ({ at: call }) => {
          calls = call + 1;
          if (call >= at) throw new Error('crash');
        },
      });
      const hint = { v: 1, kind: 'job', project, job: event } as const;

      await world.perform(hint, dying).catch(() => {});
      await world.pass(60_000);
      await world.settle();

      expect((await eventOf(world, event))?.status, `crash at ${at}`).toBe('SUCCEEDED');
      expect((await world.store.get(umaRecord))?.expiresAt, `crash at ${at}`).toBeDefined();
      if (calls <= at) break;
    }
  });

  it('succeeds only once what was erased is off the disk', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', uma);
    const { event } = await forget(world, { user: 'uma-17' });
    const statuses: unknown[] = [];
    const scrubbed = {
      ...world.platform,
      store: {
        ...world.store,
        async scrub() {
          statuses.push((await eventOf(world, event))?.status);
        },
      },
    };

    await world.work(scrubbed);

    expect(statuses).toEqual(['RUNNING']);
    expect((await eventOf(world, event))?.status).toBe('SUCCEEDED');
  });
});

describe('what a turn asked for', () => {
  it('goes with its text: instructions, categories, what to include and what not', async () => {
    const world = openWorld();
    const options = {
      infer: true,
      instructions: 'Mind the egret.',
      categories: [{ name: 'egrets', description: 'All of the egret.' }],
      includes: 'egret nests',
      excludes: 'egret eggs',
    };
    const { turn } = await world.add('A heron nests.', uma, { options });
    await world.refine(uma);
    const [memory] = await world.list(uma);

    await deleteMemory(world.platform, project, memory?.id ?? '');
    await world.work();

    expect(await world.store.get(turnKey(project, turn))).toMatchObject({
      options: { infer: true },
    });
    expect(world.kindsSaying('egret')).toEqual([]);
  });
});
