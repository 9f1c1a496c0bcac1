import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { cancelEvent, getEvent, retryEvent, waitForEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { pendingKey, turnKey } from '../../../shared/domain/table/keys.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { ask, say, taskOf } from '../../support/processing-fixture.ts';
import { failing } from '../../support/scripted-model.ts';

const down = failing(new RetryableError('down', 'The model is down.'));

const eventOf = (service: CoreFixture, event: string) => getEvent(service.platform, project, event);
const retry = (service: CoreFixture, event: string) => retryEvent(service.platform, project, event);
const cancel = (service: CoreFixture, event: string) =>
  cancelEvent(service.platform, project, event);

const failOne = async () => {
  const service = openCoreFixture({ refineSchedule: [60] });
  service.model.next(down, down);
  const { turn, event } = await service.add('I live in Lisbon.');
  await service.refine();
  await service.pass(60_000);
  return { service, turn, event };
};

describe('a failed event', () => {
  it('a failed event gives its reason in a sentence, and its rough memory stays visible', async () => {
    const { service, turn, event } = await failOne();

    const rough = { id: turn, rough: true, turnState: 'failed', event };
    expect(await eventOf(service, event)).toMatchObject({
      status: 'FAILED',
      attempts: 2,
      completedAt: service.clock.now(),
      error: { code: 'down', message: 'The model is down.', retryable: true },
    });
    expect(await service.list()).toMatchObject([rough]);
    expect(await service.search('Lisbon')).toMatchObject([rough]);
    await service.pass(7 * 86_400_000);
    expect(await service.search('Lisbon')).toMatchObject([rough]);
    expect(service.model.requests).toHaveLength(2);
  });

  it('a retried event has all its retries again and no error', async () => {
    const { service, turn, event } = await failOne();

    const answer = await retry(service, event);
    const pending = await eventOf(service, event);
    const work = await service.store.get(pendingKey(project, 'user#alice', turn));
    await service.work();

    expect(answer).toBe('retried');
    expect(pending).toMatchObject({ status: 'PENDING', attempts: 0 });
    expect(pending).not.toHaveProperty('error');
    expect(pending).not.toHaveProperty('completedAt');
    expect(work).toMatchObject({ failures: 0 });
    expect(await eventOf(service, event)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('a retried event whose hint was lost is found by the sweeper', async () => {
    const { service, event } = await failOne();
    service.hints.become('losing');
    await retry(service, event);
    service.hints.become('sound');

    await service.pass(0);

    expect(await eventOf(service, event)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('ten concurrent retries of an event retry it once', async () => {
    const { service, event } = await failOne();

    const answers = await Promise.all(Array.from({ length: 10 }, () => retry(service, event)));

    expect(answers.filter((answer) => answer === 'retried')).toHaveLength(1);
  });

  it('a failed event cannot be cancelled', async () => {
    const { service, event } = await failOne();

    expect(await cancel(service, event)).toBe('final');
    expect(await service.list()).toHaveLength(1);
  });
});

describe('an event that did not fail', () => {
  it('an event that did not fail cannot be retried', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');

    const waiting = await retry(service, event);
    await service.refine();
    const done = await retry(service, event);

    expect([waiting, done]).toEqual(['not_failed', 'not_failed']);
    expect(await retry(service, 'unknown')).toBe('not_found');
    expect(service.rows('MEMORY')).toHaveLength(1);
  });
});

describe('cancelling an event', () => {
  it('cancelling a pending event hides its rough memory, and nothing is learned', async () => {
    const service = openCoreFixture();
    const { event, turn } = await service.add('I live in Lisbon.');

    const answer = await cancel(service, event);
    await service.work();

    expect(answer).toBe('cancelled');
    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED' });
    expect(await service.store.get(turnKey(project, turn))).toMatchObject({ state: 'cancelled' });
    expect(await service.list()).toEqual([]);
    expect(await service.search('Lisbon')).toEqual([]);
    expect(service.model.requests).toEqual([]);
    expect(service.rows('PEND')).toEqual([]);
    expect(service.rows('RECENT')).toEqual([]);
    expect(service.kindsSaying('Lisbon')).toEqual([]);
  });

  it('cancelling an event while the model decides discards its decision, and the other turns go on', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');
    await service.add('I like tea.');
    service.model.next(async (asked, signal) => {
      await cancel(service, event);
      return service.model.decide(asked, signal);
    });

    await service.refine();

    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED', changes: [] });
    expect(textsOf(await service.list())).toEqual(['Learnt: I like tea.']);
    expect(service.rows('PEND')).toEqual([]);
    expect(service.rows('PLAN')).toEqual([]);
  });

  it('cancelling an event during a backoff ends the wait of its turn', async () => {
    const service = openCoreFixture({ refineSchedule: [60] });
    service.model.next(down);
    const { event } = await service.add('I live in Lisbon.');
    await service.refine();

    expect(await cancel(service, event)).toBe('cancelled');
    await service.pass(60_000);

    expect(service.model.requests).toHaveLength(1);
    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED' });
  });

  it('cancelling a final or unknown event changes nothing', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');
    await service.refine();

    expect(await cancel(service, event)).toBe('final');
    expect(await cancel(service, 'unknown')).toBe('not_found');
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('an event cancelled and applied at the same moment ends one way or the other, never both', async () => {
    for (let at = 0; at < 30; at++) {
      const service = openCoreFixture();
      const { event } = await service.add('I live in Lisbon.');
      const worker = service.intercepted({
        before: async (call) => {
          if (call.at === at) await cancel(service, event);
        },
      });

      await service.refine(alice, worker);

      const status = (await eventOf(service, event))?.status;
      const texts = textsOf(await service.list());
      const ends = [
        ['CANCELLED', []],
        ['SUCCEEDED', ['Learnt: I live in Lisbon.']],
      ];
      expect(ends, `cancelled before call ${at}`).toContainEqual([status, texts]);
    }
  });
});

describe('waiting for an event', () => {
  it('waiting for an event ends when it is final or the time is up, and cancels nothing', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');

    const early = await service.until(waitForEvent(service.platform, project, event, 1_000));
    const waited = waitForEvent(service.platform, project, event, 25_000);
    await service.refine();
    const over = await service.until(waited);

    expect(early).toMatchObject({ status: 'PENDING' });
    expect(over).toMatchObject({ status: 'SUCCEEDED', changes: [{ type: 'ADD' }] });
  });
});

describe('a deletion that cancels a turn', () => {
  it.each([
    ['turn', (service: CoreFixture, turn: string) => deleteMemory(service.platform, project, turn)],
    [
      'only message',
      (service: CoreFixture, turn: string) =>
        deleteMemory(service.platform, project, messageId(turn, 0)),
    ],
    ['user', (service: CoreFixture) => forget(service)],
  ])(
    'a task whose last turn ends by a deletion of the %s ends without a sweep',
    async (_, remove) => {
      const service = openCoreFixture();
      const { turn } = await say(service, 'one');
      const id = await ask(service);
      while (service.hints.take());

      await remove(service, turn);
      await service.work();

      expect(await taskOf(service, id)).toMatchObject({
        status: 'SUCCEEDED',
        learnt: { added: 0 },
      });
    },
  );
});
