import { describe, expect, it } from 'vitest';
import { cancelEvent } from '../../../shared/core/events.ts';
import { requestProcessing } from '../../../shared/core/processing/request-processing.ts';
import { cancelTask } from '../../../shared/core/processing/tasks.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';
import type { StoreCall } from '../../support/intercepted-store.ts';
import {
  ask,
  listedIds,
  roughTexts,
  say,
  sayAll,
  taskOf,
  user,
} from '../../support/processing-fixture.ts';
import { rewriting, unusable } from '../../support/scripted-model.ts';

describe('a request to process', () => {
  it('a task is pending until a worker begins, and ends with what its turns added and updated', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Oslo.');
    await say(service, 'I moved to Bergen.');
    service.model.next(rewriting('Oslo', 'Lives in Bergen.'));

    const id = await ask(service);
    const before = await taskOf(service, id);
    await service.work();

    expect(before).toMatchObject({ status: 'PENDING', learnt: { added: 0, updated: 0 } });
    expect(await taskOf(service, id)).toMatchObject({
      status: 'SUCCEEDED',
      learnt: { added: 0, updated: 1 },
    });
  });

  it('with nothing to do a task has succeeded with a count of zero', async () => {
    const service = openCoreFixture();

    const id = await ask(service);

    expect(await taskOf(service, id)).toMatchObject({
      status: 'SUCCEEDED',
      learnt: { added: 0, updated: 0 },
    });
  });

  it('a turn that is accepted after the request waits', async () => {
    const service = openCoreFixture();
    await say(service, 'one');
    const id = await ask(service);
    await say(service, 'two');

    await service.work();

    expect(await roughTexts(service)).toEqual(['user: two']);
    expect(await taskOf(service, id)).toMatchObject({ status: 'SUCCEEDED', learnt: { added: 1 } });
  });

  it('the count has the turns already under way, whenever during the run the request comes', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      await service.add('one');
      await service.add('two');
      const asked: { id: string; pending: number }[] = [];
      const actor = service.intercepted({
        before: async (call) => {
          if (call.at !== at) return;
          const pending = service.rows('PEND').length;
          asked.push({ id: await ask(service), pending });
        },
      });

      await service.refine({ user: 'alice' }, actor);
      await service.work();
      await service.pass(0);

      const [task] = asked;
      if (!task) return;
      expect(await taskOf(service, task.id), `call ${at}`).toMatchObject({
        status: 'SUCCEEDED',
        learnt: { added: task.pending },
      });
    }
  });

  it('a task does not end before a turn that came between two reads of a worker', async () => {
    const service = openCoreFixture();
    await service.learn('one');
    const asked: string[] = [];
    const actor = service.intercepted({
      after: async ({ method }) => {
        if (method !== 'query' || asked.length > 0) return;
        await say(service, 'two');
        asked.push(await ask(service));
      },
    });

    await service.refine({ user: 'alice' }, actor);
    await service.work();

    expect(await taskOf(service, asked[0] ?? '')).toMatchObject({
      status: 'SUCCEEDED',
      learnt: { added: 1 },
    });
  });

  it('a worker that crashes at any call counts every turn once', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      await sayAll(service, ['one', 'two']);
      const id = await ask(service);
      let calls = 0;
      const dying = service.intercepted({
        after: (call: StoreCall) => {
          calls = call.at;
          if (call.at >= at) throw new Error('crash');
        },
      });

      await service.refine({ user: 'alice' }, dying).catch(() => {});
      await service.pass(60_000);
      await service.pass(60_000);

      expect(await taskOf(service, id), `call ${at}`).toMatchObject({
        status: 'SUCCEEDED',
        learnt: { added: 2, updated: 0 },
      });
      if (calls < at) return;
    }
  });

  it('a turn that fails makes the task fail with its error, once the others are refined', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    service.model.batch.turns = 1;
    await sayAll(service, ['bad', 'good']);
    service.model.next(unusable('refusal'));
    const id = await ask(service);

    await service.work();

    expect(await taskOf(service, id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'model_refusal' },
      learnt: { added: 1 },
    });
  });

  it('a request for the same turns is answered with the same task', async () => {
    const service = openCoreFixture();
    await say(service, 'one');

    const first = await ask(service);
    const second = await ask(service);
    await say(service, 'two');
    const third = await ask(service);

    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(await listedIds(service)).toEqual([third, first]);
  });

  it('one scope has at most 20 open tasks', async () => {
    const service = openCoreFixture();
    for (let count = 0; count < 20; count++) {
      await say(service, `turn ${count}`);
      await ask(service);
    }
    await say(service, 'one more');

    const result = await requestProcessing(service.platform, project, user, { releases: true });

    expect(result).toEqual({ outcome: 'too_many', limit: 20 });
  });

  it('requests at the same time cover the same turns, and none is lost', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two']);

    const ids = await Promise.all([ask(service), ask(service), ask(service)]);
    await service.work();

    expect(new Set(ids).size).toBe(1);
    expect(await taskOf(service, ids[0] ?? '')).toMatchObject({ learnt: { added: 2 } });
  });

  it('turns of a cancelled task wait again', async () => {
    const service = openCoreFixture();
    await say(service, 'one');
    const id = await ask(service);

    expect(await cancelTask(service.platform, project, id)).toBe('cancelled');
    await service.work();

    expect(await roughTexts(service)).toEqual(['user: one']);
    expect(await taskOf(service, id)).toMatchObject({ status: 'CANCELLED' });
    expect(await cancelTask(service.platform, project, id)).toBe('final');
  });

  it('a task whose last turn is cancelled ends', async () => {
    const service = openCoreFixture();
    const { event } = await say(service, 'one');
    const id = await ask(service);

    await cancelEvent(service.platform, project, event);
    await service.work();

    expect(await taskOf(service, id)).toMatchObject({ status: 'SUCCEEDED', learnt: { added: 0 } });
  });

  it('a lost hint delays a task to the next sweep', async () => {
    const service = openCoreFixture();
    await say(service, 'one');
    service.hints.become('down');
    const id = await ask(service);
    service.hints.become('sound');

    await service.pass(0);

    expect(await taskOf(service, id)).toMatchObject({ status: 'SUCCEEDED', learnt: { added: 1 } });
  });

  it('the id of an add is no task', async () => {
    const service = openCoreFixture();
    const { event } = await say(service, 'one');

    expect(await taskOf(service, event)).toBeUndefined();
    expect(await cancelTask(service.platform, project, event)).toBe('not_found');
  });
});

describe('a task that only follows', () => {
  it('a follower releases no turn, and is over while everything waits', async () => {
    const service = openCoreFixture();
    await say(service, 'one');

    const id = await ask(service, false);
    await service.work();

    expect(await roughTexts(service)).toEqual(['user: one']);
    expect(await taskOf(service, id)).toMatchObject({ status: 'SUCCEEDED', learnt: { added: 0 } });
  });

  it('a follower ends with the turns that are refined anyway', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two'], { batchThreshold: 2 });
    await say(service, 'three');

    const id = await ask(service, false);
    const before = await taskOf(service, id);
    await service.work();

    expect(before?.status).toBe('PENDING');
    expect(await taskOf(service, id)).toMatchObject({ status: 'SUCCEEDED', learnt: { added: 2 } });
    expect(await roughTexts(service)).toEqual(['user: three']);
  });

  it('a follower of a cancelled task ends', async () => {
    const service = openCoreFixture();
    await say(service, 'one');
    const task = await ask(service);
    const follower = await ask(service, false);

    await cancelTask(service.platform, project, task);
    await service.work();

    expect(await taskOf(service, follower)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('followers are not listed', async () => {
    const service = openCoreFixture();
    await ask(service, false);

    expect(await listedIds(service)).toEqual([]);
  });
});
