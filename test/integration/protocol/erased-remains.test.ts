import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { createEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { entityRecordKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { eventOf, forget } from '../../support/delete-all.ts';
import { forgetting, learning, unusable } from '../../support/scripted-model.ts';

const dayMs = 86_400_000;
const uma = { user: 'uma-17', run: 'r1' };
const umaRecord = entityRecordKey(project, { kind: 'user', id: 'uma-17' });

/** Items with the user's id in their key or body. */
const naming = (service: CoreFixture) =>
  service.rows().filter((row) => JSON.stringify(row).includes('uma-17'));

/** Kinds of such items without expiry. */
const staying = (service: CoreFixture): string[] =>
  naming(service).flatMap(({ key, item }) => (item.expiresAt === undefined ? [key.kind] : []));

/** Brings turns and memories of the user into every state there is. */
const live = async (service: CoreFixture): Promise<void> => {
  await createEndpoint(service.platform, project, {
    url: 'https://hooks.example/all',
    eventTypes: ['*'],
    ordered: true,
  });
  service.model.next(learning('A heron nests by the mill.', 'A heron fishes at dawn.'));
  const [heron = ''] = await service.learn('A heron nests by the mill and fishes.', uma);
  await updateMemory(service.platform, project, heron, { text: 'A heron nests at the weir.' });
  service.model.next(forgetting('dawn'));
  await service.learn('The heron does not fish at dawn after all.', uma);
  service.model.next(learning());
  await service.learn('Did the heron come?', uma);
  const [deleted = ''] = await service.learn('A heron was deleted.', uma);
  await deleteMemory(service.platform, project, deleted);
  const cancelled = await service.add('A heron was cancelled.', uma);
  await deleteMemory(service.platform, project, cancelled.turn);
  await service.work();
  await service.settle();
  service.model.next(unusable('refusal'));
  await service.add('A heron failed.', uma);
  await service.refine(uma);
  await service.add('A heron waits.', uma);
};

const workAll = async (service: CoreFixture): Promise<void> => {
  await service.work();
  for (let hint = service.notices.take(); hint; hint = service.notices.take())
    await service.perform(hint);
};

/** Advances the clock by days and purges all expired items. */
const passDays = async (service: CoreFixture, days: number): Promise<void> => {
  await service.clock.advance(days * dayMs);
  for (let purged = 1; purged > 0; ) purged = await service.store.purge(service.clock.now());
};

describe('after a delete-all', () => {
  it('after a delete-all no word of the user is in any item, retracted memories included', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    await live(service);
    const before = new Set(service.kindsSaying('heron'));

    const { event } = await forget(service, { user: 'uma-17' });
    await workAll(service);

    expect([...before]).toEqual(expect.arrayContaining(['CHANGES', 'MEMORY', 'REV', 'TURN']));
    expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
    expect(service.kindsSaying('heron')).toEqual([]);
  });

  it("after a delete-all the user's id is only in items that expire, and in none after a month", async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    await live(service);
    const before = new Set(staying(service));

    await forget(service, { user: 'uma-17' });
    await workAll(service);
    await service.settle();
    await workAll(service);
    const left = staying(service);
    await passDays(service, 8);
    const record = await service.store.get(umaRecord);
    await passDays(service, 31);

    expect([...before]).toEqual(
      expect.arrayContaining(['ENTITY', 'LISTED', 'RECENT', 'CLOSED', 'LISTED_TURN']),
    );
    expect(left).toEqual([]);
    expect(record).toBeUndefined();
    expect(naming(service)).toEqual([]);
  });

  it('after a delete-all of everything no word of it is in any item', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    await live(service);

    await forget(service, 'everything');
    await workAll(service);
    await service.settle();
    await workAll(service);

    const records = service.rows('ENTITY').filter(({ item }) => item.expiresAt === undefined);
    expect(staying(service)).toEqual([]);
    expect(records).toEqual([]);
  });

  it('after a delete-all of a whole kind the records of its entities expire, unless a turn named them since', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    await service.learn('A stork nests.', { user: 'vera' });
    await forget(service, { user: '*' });
    await service.add('A swan nests.', { user: 'vera' });

    await service.work();

    const records = service.rows('ENTITY').filter(({ item }) => item.expiresAt === undefined);
    expect(records.map(({ key }) => key.sk)).toEqual(['run#r1', 'user#vera']);
  });

  it('a delete-all of the entity itself decides when its record expires, whatever a delete-all of the kind does', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    await forget(service, { user: '*' });
    await forget(service, { user: 'uma-17' });

    await service.work();

    const record = await service.store.get(umaRecord);
    expect(record?.expiresAt).toBe(record?.cutoffs[0]?.expiresAt);
  });

  it('an entity named again after a delete-all keeps its record and its new memories', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    await forget(service, { user: 'uma-17' });
    await service.work();
    const fading = await service.store.get(umaRecord);

    await service.learn('A stork nests.', uma);
    const kept = await service.store.get(umaRecord);
    await service.settle();
    await passDays(service, 40);

    expect(fading?.expiresAt).toBe(fading?.cutoffs[0]?.expiresAt);
    expect(fading?.expiresAt).toBeGreaterThan(service.clock.now() - 34 * dayMs);
    expect(kept).not.toHaveProperty('expiresAt');
    expect(await service.store.get(umaRecord)).toMatchObject({ revision: 1 });
    expect(textsOf(await service.list(uma))).toEqual(['Learnt: A stork nests.']);
  });

  it('an entity whose record has expired gets one with its next turn', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    await forget(service, { user: 'uma-17' });
    await service.work();
    await passDays(service, 8);

    await service.learn('A stork nests.', uma);

    expect(await service.store.get(umaRecord)).toMatchObject({ revision: 0, cutoffs: [] });
    expect(textsOf(await service.list(uma))).toEqual(['Learnt: A stork nests.']);
  });

  it("after a delete-all of one run the user's record stays, and the next delete-all removes the cutoff", async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    await service.learn('A stork nests.', { user: 'uma-17', run: 'r2' });
    await forget(service, uma);
    await service.work();
    const between = await service.store.get(umaRecord);
    await passDays(service, 8);

    await forget(service, { user: 'uma-17', run: 'r3' });

    const after = await service.store.get(umaRecord);
    expect(between).not.toHaveProperty('expiresAt');
    expect(between?.cutoffs).toMatchObject([{ match: uma, expiresAt: expect.any(Number) }]);
    expect(after?.cutoffs).toMatchObject([{ match: { user: 'uma-17', run: 'r3' } }]);
    expect(textsOf(await service.list({ user: 'uma-17' }))).toEqual(['Learnt: A stork nests.']);
  });

  it('a delete-all that crashes while it ends is completed by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      await service.learn('A heron nests.', uma);
      const { event } = await forget(service, { user: 'uma-17' });
      while (service.hints.take());
      let calls = 0;
      const dying = service.intercepted({
        before: ({ at: call }) => {
          calls = call + 1;
          if (call >= at) throw new Error('crash');
        },
      });
      const hint = { v: 1, kind: 'job', project, job: event } as const;

      await service.perform(hint, dying).catch(() => {});
      await service.pass(60_000);
      await service.settle();

      expect((await eventOf(service, event))?.status, `crash at ${at}`).toBe('SUCCEEDED');
      expect((await service.store.get(umaRecord))?.expiresAt, `crash at ${at}`).toBeDefined();
      if (calls <= at) break;
    }
  });

  it('a delete-all succeeds only once the erased data is off the disk', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.', uma);
    const { event } = await forget(service, { user: 'uma-17' });
    const statuses: unknown[] = [];
    const scrubbed = {
      ...service.platform,
      store: {
        ...service.store,
        async secureDelete() {
          statuses.push((await eventOf(service, event))?.status);
        },
      },
    };

    await service.work(scrubbed);

    expect(statuses).toEqual(['RUNNING']);
    expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
  });
});

describe('the options of a turn', () => {
  it('instructions, categories, includes and excludes of a turn are erased with its text', async () => {
    const service = openCoreFixture();
    const options = {
      infer: true,
      instructions: 'Mind the egret.',
      categories: [{ name: 'egrets', description: 'All of the egret.' }],
      includes: 'egret nests',
      excludes: 'egret eggs',
    };
    const { turn } = await service.add('A heron nests.', uma, { options });
    await service.refine(uma);
    const [memory] = await service.list(uma);

    await deleteMemory(service.platform, project, memory?.id ?? '');
    await service.work();

    expect(await service.store.get(turnKey(project, turn))).toMatchObject({
      options: { infer: true },
    });
    expect(service.kindsSaying('egret')).toEqual([]);
  });
});
