import { describe, expect, it } from 'vitest';
import { retryEvent } from '../../../shared/core/events.ts';
import { eventOf, forget, prepare } from '../../support/delete-all.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';
import { openWorld, project } from '../../support/world.ts';

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
