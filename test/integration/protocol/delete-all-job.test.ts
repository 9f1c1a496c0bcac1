import { describe, expect, it } from 'vitest';
import { deleteMemories } from '../../../shared/core/erasure/delete-memory.ts';
import { retryEvent } from '../../../shared/core/events.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';
import { eventOf, forget, prepare } from '../../support/delete-all.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';

describe('the job of a delete-all', () => {
  it('a delete-all job ends with counts in its event, and leaves no word anywhere', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const { failed, waiting } = await prepare(service);

    const { event } = await forget(service);
    await service.work();
    await service.settle();

    expect(await eventOf(service, event)).toMatchObject({
      kind: 'DELETE_ALL',
      status: 'SUCCEEDED',
      counts: { memories: 2, turns: 2 },
    });
    expect((await eventOf(service, waiting.event))?.status).toBe('CANCELLED');
    expect(service.kindsSaying('heron')).toEqual([]);
    expect(service.rows('PEND')).toEqual([]);
    expect(service.rows('JOB')).toEqual([]);
    expect(service.rows('RECENT')).toEqual([]);
    expect(await retryEvent(service.platform, project, failed.event)).toBe('not_failed');
  });

  it('a delete-all job publishes every memory it deletes', async () => {
    const service = openCoreFixture();
    const ids = await service.learn('A heron nests.');

    const { event } = await forget(service);
    await service.work();

    const facts = service.rows('OUTBOX').flatMap(({ item }) => ('facts' in item ? item.facts : []));
    expect(facts).toContainEqual({
      type: 'memory_delete',
      memory: ids[0],
      event,
      metadata: {},
      categories: [],
    });
  });

  it('a delete-all job whose hint was lost is found by the sweeper', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.');
    service.hints.become('losing');
    const { event } = await forget(service);
    service.hints.become('sound');

    await service.pass(0);

    expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
  });

  it('a delete-all job runs over several pages, and over several runs when time is short', async () => {
    const service = openCoreFixture();
    const facts = Array.from({ length: 250 }, (_, n) => `Heron number ${n}.`);
    service.model.next(learning(...facts));
    await service.learn('Many herons.');
    const { event } = await forget(service);
    let pages = 0;
    const hasty = service.intercepted({
      after: async ({ method }) => {
        if (method === 'query' && ++pages % 2 === 0) await service.clock.advance(3_600_000);
      },
    });

    await service.work(hasty);

    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      counts: { memories: 250, turns: 0 },
    });
    expect(service.rows('LISTED')).toEqual([]);
  });

  it('a delete-all job that crashes at any call of the store is resumed with the same result', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture({ refineSchedule: [] });
      await prepare(service);
      const { event } = await forget(service);
      while (service.hints.take());
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      const hint = { v: 1, kind: 'job', project, job: event } as const;
      await service.perform(hint, dying).catch(() => {});
      await service.pass(60_000);
      await service.settle();

      expect(await eventOf(service, event), `crash at ${at}`).toMatchObject({
        status: 'SUCCEEDED',
        counts: { memories: 2, turns: 2 },
      });
      expect(service.kindsSaying('heron'), `crash at ${at}`).toEqual([]);
      expect(service.rows('JOB')).toEqual([]);
      if (calls <= at) break;
    }
  });

  it('a delete-all job whose answers are lost counts nothing twice', async () => {
    for (let lost = 0; lost < 12; lost++) {
      const service = openCoreFixture({ refineSchedule: [] });
      await prepare(service);
      const { event } = await forget(service);
      while (service.hints.take());
      let commits = 0;
      const losing = service.intercepted({
        after: ({ steps }) => {
          if (steps.length > 0 && commits++ === lost) throw new Error('reset');
        },
      });

      const hint = { v: 1, kind: 'job', project, job: event } as const;
      await service.perform(hint, losing).catch(() => {});
      await service.pass(60_000);

      expect(await eventOf(service, event), `lost ${lost}`).toMatchObject({
        status: 'SUCCEEDED',
        counts: { memories: 2, turns: 2 },
      });
    }
  });

  it('a delete-all job is run by one worker at a time', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.');
    const { event } = await forget(service);
    while (service.hints.take());
    const hint = { v: 1, kind: 'job', project, job: event } as const;
    let hasHappened = false;
    const slow = service.intercepted({
      before: async ({ steps }) => {
        if (hasHappened || writesOf(steps, 'JOB').length === 0) return;
        hasHappened = true;
        await service.perform(hint);
      },
    });

    await service.perform(hint, slow);

    expect(await eventOf(service, event)).toMatchObject({ counts: { memories: 1, turns: 0 } });
  });

  it('a job renews its lease while a page takes longer than the lease', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.');
    const { event } = await forget(service);
    while (service.hints.take());
    const hint = { v: 1, kind: 'job', project, job: event } as const;
    const rivals: number[] = [];
    let hasHappened = false;
    const slow = service.intercepted({
      before: async ({ steps }) => {
        if (hasHappened || writesOf(steps, 'REV').length === 0) return;
        hasHappened = true;
        for (let minute = 0; minute < 10; minute++) {
          await service.clock.advance(15_000);
          await service.perform(
            hint,
            service.intercepted({ after: (call) => rivals.push(call.steps.length) }),
          );
        }
      },
    });

    await service.perform(hint, slow);

    expect(rivals).toEqual(Array.from({ length: 10 }, () => 2));
    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      counts: { memories: 1, turns: 0 },
    });
  });

  it('a job that gives its lease back for want of time can be claimed at once', async () => {
    const service = openCoreFixture();
    await service.learn('A heron nests.');
    const { event } = await forget(service);
    while (service.hints.take());
    const hint = { v: 1, kind: 'job', project, job: event } as const;
    const hasty = service.intercepted({
      after: async ({ method }) => {
        if (method === 'query') await service.clock.advance(3_600_000);
      },
    });

    await service.perform(hint, hasty);
    await service.perform(hint);

    expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
  });

  it('a delete-all erases what an interrupted deletion left, before it succeeds', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      service.model.next(learning('A heron nests by the mill.', 'The heron has chicks.'));
      const ids = await service.learn('A heron nests by the mill and has chicks.');
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });
      await deleteMemories(dying, project, ids).catch(() => {});
      while (service.hints.take());

      const { event } = await forget(service);
      await service.perform({ v: 1, kind: 'job', project, job: event });

      const left = service.kindsSaying('heron').filter((kind) => kind !== 'vector');
      expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
      expect(left, `crash at ${at}`).toEqual([]);
      if (calls <= at) break;
    }
  });

  it('a delete-all job of many memories that crashes at any call has erased all when it succeeds', async () => {
    for (let at = 0; ; at += 7) {
      const service = openCoreFixture();
      const facts = Array.from({ length: 120 }, (_, n) => `Heron number ${n}.`);
      service.model.next(learning(...facts));
      await service.learn('Many herons.');
      await service.settle();
      const { event } = await forget(service);
      while (service.hints.take());
      const hint = { v: 1, kind: 'job', project, job: event } as const;
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      await service.perform(hint, dying).catch(() => {});
      await service.clock.advance(60_000);
      await service.perform(hint);

      expect(await eventOf(service, event), `crash at ${at}`).toMatchObject({
        status: 'SUCCEEDED',
        counts: { memories: 120, turns: 0 },
      });
      expect(service.kindsSaying('heron'), `crash at ${at}`).toEqual([]);
      if (calls <= at) break;
    }
  });
});
