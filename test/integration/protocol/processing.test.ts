import { describe, expect, it } from 'vitest';
import { openCoreFixture, textsOf } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { ask, learnt, roughTexts, say, sayAll } from '../../support/processing-fixture.ts';

describe('turns that may wait', () => {
  it('fewer messages than the threshold wait, without a call of the model and without a due time', async () => {
    const service = openCoreFixture();

    await sayAll(service, ['one', 'two'], { batchThreshold: 3 });
    await service.work();

    expect(await roughTexts(service)).toEqual(['user: one', 'user: two']);
    expect(service.model.requests).toEqual([]);
    expect(service.rows('PEND').filter(({ item }) => 'dueAt' in item)).toEqual([]);
  });

  it('at the threshold all turns are refined together', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two'], { batchThreshold: 3 });
    await service.work();

    await say(service, 'three', { batchThreshold: 3 });
    await service.work();

    expect(textsOf(await service.list())).toEqual(learnt('one', 'two', 'three'));
    expect(service.model.requests.map(({ turns }) => turns.length)).toEqual([3]);
    expect(service.rows('TASKS')).toEqual([]);
  });

  it('a turn that waits for a request does not count for turns with a threshold before it', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two'], { batchThreshold: 3 });
    await say(service, 'three');
    await service.work();
    const waiting = await roughTexts(service);

    await say(service, 'four', { batchThreshold: 3 });
    await service.work();

    expect(waiting).toHaveLength(3);
    expect(await roughTexts(service)).toEqual([]);
  });

  it('a threshold that is reached while the hint is lost is found by the sweeper', async () => {
    const service = openCoreFixture();
    await say(service, 'one', { batchThreshold: 2 });
    await service.work();
    service.hints.become('losing');
    await say(service, 'two', { batchThreshold: 2 });
    service.hints.become('sound');

    await service.pass(0);

    expect(await roughTexts(service)).toEqual([]);
  });

  it('turns that reached the threshold do not wait again when some of them are refined before a crash', async () => {
    const service = openCoreFixture();
    service.model.batch.turns = 1;
    await sayAll(service, ['one', 'two', 'three'], { batchThreshold: 3 });
    let applied = false;
    const dying = service.intercepted({
      before: () => {
        if (applied) throw new Error('crash');
      },
      after: ({ steps }) => {
        applied ||= writesOf(steps, 'MEMORY').length > 0;
      },
    });

    await service.refine({ user: 'alice' }, dying).catch(() => {});
    const rough = await roughTexts(service);
    await service.pass(60_000);

    expect(rough).toEqual(['user: three', 'user: two']);
    expect(await roughTexts(service)).toEqual([]);
  });

  it('an idle time without a new turn ends the wait', async () => {
    const service = openCoreFixture();
    const settings = { batchThreshold: 10, idleSeconds: 300 };
    await say(service, 'one', settings);
    await service.work();
    await service.pass(200_000);
    await say(service, 'two', settings);
    await service.work();

    await service.pass(200_000);
    const early = await roughTexts(service);
    await service.pass(100_000);

    expect(early).toEqual(['user: one', 'user: two']);
    expect(textsOf(await service.list())).toEqual(learnt('one', 'two'));
  });

  it('without automatic processing nothing is refined until it is asked for', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two', 'three']);

    await service.pass(3_600_000);
    const waiting = await roughTexts(service);
    await ask(service);
    await service.work();

    expect(waiting).toHaveLength(3);
    expect(textsOf(await service.list())).toEqual(learnt('one', 'two', 'three'));
  });

  it('a turn that may not wait refines every older one first', async () => {
    const service = openCoreFixture();
    await sayAll(service, ['one', 'two']);

    await service.add('now');
    await say(service, 'later');
    await service.work();

    expect(textsOf(await service.list())).toEqual([...learnt('now', 'one', 'two'), 'user: later']);
  });

  it('a turn that may not wait is found behind more waiting turns than a batch holds', async () => {
    const service = openCoreFixture();
    await sayAll(
      service,
      Array.from({ length: 40 }, (_, at) => `turn ${at}`),
    );

    await service.add('now');
    await service.work();

    expect(await roughTexts(service)).toEqual([]);
  });
});
