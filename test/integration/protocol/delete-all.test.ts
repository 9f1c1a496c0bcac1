import { describe, expect, it } from 'vitest';
import { getEvent, retryEvent } from '../../../shared/core/events.ts';
import { deleteAll } from '../../../shared/core/forget/delete-all.ts';
import { getMemory, historyOf } from '../../../shared/core/memories.ts';
import { updateMemory } from '../../../shared/core/writes/update-memory.ts';
import type { Entities } from '../../../shared/domain/entities.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { headKey } from '../../../shared/domain/keys.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, learning } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const down = failing(new RetryableError('down', 'The model is down.'));

const forget = (world: World, match: Entities | 'everything' = alice) =>
  deleteAll(world.platform, project, match);

const eventOf = (world: World, event: string) => getEvent(world.platform, project, event);

/** Two memories, a rough one of a turn that waits for a busy worker, and one of a turn that failed. */
const prepare = async (world: World) => {
  world.model.next(learning('A heron nests by the mill.', 'The heron has chicks.'));
  await world.learn('A heron nests by the mill and has chicks.', everyone);
  const failed = await world.add('The heron failed to come.', everyone);
  world.model.next(down);
  await world.refine();
  const waiting = await world.add('The heron is late.', everyone);
  const busy = { token: 'another', leaseUntil: world.clock.now() + 3_600_000 };
  await world.store.transact([{ op: 'put', key: headKey(project, 'user#alice'), item: busy }]);
  return { failed, waiting };
};

describe('the cutoff of a delete-all', () => {
  it('hides everything from every read at once, before the job did anything', async () => {
    const world = openWorld({ refineSchedule: [] });
    const { failed, waiting } = await prepare(world);
    const [memory] = await world.list();

    await forget(world);

    const id = memory?.id ?? '';
    for (const [kind, name] of Object.entries(everyone)) {
      expect(await world.list({ [kind]: name })).toEqual([]);
      expect(await world.search('heron', { [kind]: name })).toEqual([]);
    }
    for (const any of [id, failed.turn, waiting.turn])
      expect(await getMemory(world.platform, project, any)).toBeUndefined();
    expect(await historyOf(world.platform, project, id)).toBeUndefined();
    const updated = await updateMemory(world.platform, project, id, { text: 'A stork.' });
    expect(updated).toEqual({ outcome: 'not_found' });
  });

  it('is written with its event and its job in one transaction', async () => {
    const world = openWorld();
    const kinds: string[][] = [];
    const client = world.intercepted({
      before: ({ steps }) => {
        if (steps.length > 0) kinds.push(steps.map(({ key }) => key.kind).sort());
      },
    });

    await deleteAll(client, project, alice);

    expect(kinds).toEqual([['ENTITY', 'EVENT', 'JOB']]);
  });

  it('does not show the model what was forgotten', async () => {
    const world = openWorld();
    await world.learn('A heron nests by the mill.');
    await forget(world);
    world.model.requests.length = 0;

    await world.learn('The heron nests again.');

    expect(world.model.requests.map(({ memories }) => memories)).toEqual([[]]);
  });

  it('leaves what is told afterwards alone, then and once the job is done', async () => {
    const world = openWorld();
    await world.learn('A heron nests by the mill.');

    await forget(world);
    await world.learn('A stork came.');
    const before = textsOf(await world.list());
    await world.work();
    await world.settle();

    expect(before).toEqual(['Learnt: A stork came.']);
    expect(textsOf(await world.list())).toEqual(before);
    expect(textsOf(await world.search('stork'))).toEqual(before);
  });

  it('concerns only what names everything that was asked for', async () => {
    const world = openWorld();
    await world.learn('Told in run one.', { user: 'alice', run: 'r1' });
    await world.learn('Told in run two.', { user: 'alice', run: 'r2' });
    await world.learn('Told by bob.', { user: 'bob', run: 'r1' });

    await forget(world, { user: 'alice', run: 'r1' });
    const look = async () => [
      textsOf(await world.list()),
      textsOf(await world.list({ run: 'r1' })),
    ];
    const before = await look();
    await world.work();
    await world.settle();

    expect(before).toEqual([['Learnt: Told in run two.'], ['Learnt: Told by bob.']]);
    expect(await look()).toEqual(before);
  });

  it('of any run hides what names one, and of everything all there is', async () => {
    const world = openWorld();
    await world.learn('Told in a run.', { user: 'alice', run: 'r1' });
    await world.learn('Told in none.');
    await world.learn('Told by an agent.', { agent: 'guide' });

    await forget(world, { run: '*' });
    const withoutRuns = textsOf(await world.list());
    await world.work();
    await forget(world, 'everything');
    const hidden = [await world.list(), await world.list({ agent: 'guide' })];
    await world.work();

    expect(withoutRuns).toEqual(['Learnt: Told in none.']);
    expect(hidden).toEqual([[], []]);
    expect(world.kindsSaying('told')).toEqual([]);
  });

  it('hides a memory that names the entity besides others of its kind', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', { user: 'alice', run: 'r1' });
    await world.learn('A heron nests.', { user: 'alice', run: 'r2' });
    await world.settle();

    await forget(world, { run: 'r2' });

    expect(await world.list()).toEqual([]);
    expect(await world.search('heron')).toEqual([]);
    expect(await world.list({ run: 'r1' })).toEqual([]);
  });

  it('stands when two delete-alls meet', async () => {
    const world = openWorld();
    await world.learn('A heron nests.', everyone);

    const events = await Promise.all([
      forget(world),
      forget(world),
      forget(world, { user: 'alice', run: 'r1' }),
    ]);
    await world.work();

    expect(await world.list()).toEqual([]);
    for (const { event } of events)
      expect(await eventOf(world, event)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('the job of a delete-all', () => {
  it('ends with an event that counts, and leaves no word anywhere', async () => {
    const world = openWorld({ refineSchedule: [] });
    const { failed, waiting } = await prepare(world);

    const { event } = await forget(world);
    await world.work();
    await world.settle();

    expect(await eventOf(world, event)).toMatchObject({
      kind: 'DELETE_ALL',
      status: 'SUCCEEDED',
      counts: { memories: 2, turns: 2 },
    });
    expect((await eventOf(world, waiting.event))?.status).toBe('CANCELLED');
    expect(world.kindsSaying('heron')).toEqual([]);
    expect(world.rows('PEND')).toEqual([]);
    expect(world.rows('JOB')).toEqual([]);
    expect(world.rows('RECENT')).toEqual([]);
    expect(await retryEvent(world.platform, project, failed.event)).toBe('not_failed');
  });

  it('tells of every memory it deletes', async () => {
    const world = openWorld();
    const ids = await world.learn('A heron nests.');

    const { event } = await forget(world);
    await world.work();

    const told = world.rows('OUTBOX').flatMap(({ item }) => ('facts' in item ? item.facts : []));
    expect(told).toContainEqual({
      type: 'memory_delete',
      memory: ids[0],
      event,
      metadata: {},
      categories: [],
    });
  });

  it('is found by the sweeper when its hint was lost', async () => {
    const world = openWorld();
    await world.learn('A heron nests.');
    world.hints.become('losing');
    const { event } = await forget(world);
    world.hints.become('sound');

    await world.pass(0);

    expect((await eventOf(world, event))?.status).toBe('SUCCEEDED');
  });

  it('goes through more than a page, and by hand-overs when time is short', async () => {
    const world = openWorld();
    const facts = Array.from({ length: 250 }, (_, n) => `Heron number ${n}.`);
    world.model.next(learning(...facts));
    await world.learn('Many herons.');
    const { event } = await forget(world);
    let pages = 0;
    const hasty = world.intercepted({
      after: async ({ method }) => {
        if (method === 'query' && ++pages % 2 === 0) await world.clock.advance(3_600_000);
      },
    });

    await world.work(hasty);

    expect(await eventOf(world, event)).toMatchObject({
      status: 'SUCCEEDED',
      counts: { memories: 250, turns: 0 },
    });
    expect(world.rows('FILED')).toEqual([]);
  });

  it('that crashes at any call of the store is taken up again and ends alike', async () => {
    for (let at = 0; ; at++) {
      const world = openWorld({ refineSchedule: [] });
      await prepare(world);
      const { event } = await forget(world);
      while (world.hints.take());
      let calls = 0;
      const dying = world.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      const hint = { v: 1, kind: 'job', project, job: event } as const;
      await world.perform(hint, dying).catch(() => {});
      await world.pass(60_000);
      await world.settle();

      expect(await eventOf(world, event), `crash at ${at}`).toMatchObject({
        status: 'SUCCEEDED',
        counts: { memories: 2, turns: 2 },
      });
      expect(world.kindsSaying('heron'), `crash at ${at}`).toEqual([]);
      expect(world.rows('JOB')).toEqual([]);
      if (calls <= at) break;
    }
  });

  it('whose answers are lost counts nothing twice', async () => {
    for (let lost = 0; lost < 12; lost++) {
      const world = openWorld({ refineSchedule: [] });
      await prepare(world);
      const { event } = await forget(world);
      while (world.hints.take());
      let commits = 0;
      const losing = world.intercepted({
        after: ({ steps }) => {
          if (steps.length > 0 && commits++ === lost) throw new Error('reset');
        },
      });

      const hint = { v: 1, kind: 'job', project, job: event } as const;
      await world.perform(hint, losing).catch(() => {});
      await world.pass(60_000);

      expect(await eventOf(world, event), `lost ${lost}`).toMatchObject({
        status: 'SUCCEEDED',
        counts: { memories: 2, turns: 2 },
      });
    }
  });

  it('is done by one worker at a time', async () => {
    const world = openWorld();
    await world.learn('A heron nests.');
    const { event } = await forget(world);
    while (world.hints.take());
    const hint = { v: 1, kind: 'job', project, job: event } as const;
    let hasHappened = false;
    const slow = world.intercepted({
      before: async ({ steps }) => {
        if (hasHappened || writesOf(steps, 'JOB').length === 0) return;
        hasHappened = true;
        await world.perform(hint);
      },
    });

    await world.perform(hint, slow);

    expect(await eventOf(world, event)).toMatchObject({ counts: { memories: 1, turns: 0 } });
  });
});
