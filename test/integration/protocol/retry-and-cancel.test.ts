import { describe, expect, it } from 'vitest';
import { cancelEvent, getEvent, retryEvent, waitForEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { pendingKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { failing } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const down = failing(new RetryableError('down', 'The model is down.'));

const eventOf = (world: World, event: string) => getEvent(world.platform, project, event);
const retry = (world: World, event: string) => retryEvent(world.platform, project, event);
const cancel = (world: World, event: string) => cancelEvent(world.platform, project, event);

const failOne = async () => {
  const world = openWorld({ refineSchedule: [60] });
  world.model.next(down, down);
  const { turn, event } = await world.add('I live in Lisbon.');
  await world.refine();
  await world.pass(60_000);
  return { world, turn, event };
};

describe('a failed event', () => {
  it('says why in a sentence, and its rough memory stays in sight', async () => {
    const { world, turn, event } = await failOne();

    const rough = { id: turn, rough: true, turnState: 'failed', event };
    expect(await eventOf(world, event)).toMatchObject({
      status: 'FAILED',
      attempts: 2,
      completedAt: world.clock.now(),
      error: { code: 'down', message: 'The model is down.', retryable: true },
    });
    expect(await world.list()).toMatchObject([rough]);
    expect(await world.search('Lisbon')).toMatchObject([rough]);
    await world.pass(7 * 86_400_000);
    expect(await world.search('Lisbon')).toMatchObject([rough]);
    expect(world.model.requests).toHaveLength(2);
  });

  it('can be retried: it gets a fresh budget and forgets its error', async () => {
    const { world, turn, event } = await failOne();

    const answer = await retry(world, event);
    const pending = await eventOf(world, event);
    const work = await world.store.get(pendingKey(project, 'user#alice', turn));
    await world.work();

    expect(answer).toBe('retried');
    expect(pending).toMatchObject({ status: 'PENDING', attempts: 0 });
    expect(pending).not.toHaveProperty('error');
    expect(pending).not.toHaveProperty('completedAt');
    expect(work).toMatchObject({ failures: 0 });
    expect(await eventOf(world, event)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('whose retry lost its hint is found by the sweeper', async () => {
    const { world, event } = await failOne();
    world.hints.become('losing');
    await retry(world, event);
    world.hints.become('sound');

    await world.pass(0);

    expect(await eventOf(world, event)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that is retried by ten at once is retried once', async () => {
    const { world, event } = await failOne();

    const answers = await Promise.all(Array.from({ length: 10 }, () => retry(world, event)));

    expect(answers.filter((answer) => answer === 'retried')).toHaveLength(1);
  });

  it('cannot be cancelled', async () => {
    const { world, event } = await failOne();

    expect(await cancel(world, event)).toBe('final');
    expect(await world.list()).toHaveLength(1);
  });
});

describe('an event that did not fail', () => {
  it('cannot be retried', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');

    const waiting = await retry(world, event);
    await world.refine();
    const done = await retry(world, event);

    expect([waiting, done]).toEqual(['not_failed', 'not_failed']);
    expect(await retry(world, 'unknown')).toBe('not_found');
    expect(world.rows('MEMORY')).toHaveLength(1);
  });
});

describe('cancelling an event', () => {
  it('that waits takes its rough memory out of sight, and nothing is learnt', async () => {
    const world = openWorld();
    const { event, turn } = await world.add('I live in Lisbon.');

    const answer = await cancel(world, event);
    await world.work();

    expect(answer).toBe('cancelled');
    expect(await eventOf(world, event)).toMatchObject({ status: 'CANCELLED' });
    expect(await world.store.get(turnKey(project, turn))).toMatchObject({ state: 'cancelled' });
    expect(await world.list()).toEqual([]);
    expect(await world.search('Lisbon')).toEqual([]);
    expect(world.model.requests).toEqual([]);
    expect(world.rows('PEND')).toEqual([]);
    expect(world.rows('RECENT')).toEqual([]);
    expect(world.kindsSaying('Lisbon')).toEqual([]);
  });

  it('while the model decides leaves nothing of what it decided, and the others go on', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');
    await world.add('I like tea.');
    world.model.next(async (asked, signal) => {
      await cancel(world, event);
      return world.model.decide(asked, signal);
    });

    await world.refine();

    expect(await eventOf(world, event)).toMatchObject({ status: 'CANCELLED', changes: [] });
    expect(textsOf(await world.list())).toEqual(['Learnt: I like tea.']);
    expect(world.rows('PEND')).toEqual([]);
    expect(world.rows('PLAN')).toEqual([]);
  });

  it('while it is put off ends the wait of its turn', async () => {
    const world = openWorld({ refineSchedule: [60] });
    world.model.next(down);
    const { event } = await world.add('I live in Lisbon.');
    await world.refine();

    expect(await cancel(world, event)).toBe('cancelled');
    await world.pass(60_000);

    expect(world.model.requests).toHaveLength(1);
    expect(await eventOf(world, event)).toMatchObject({ status: 'CANCELLED' });
  });

  it('that is over, or that nobody knows, changes nothing', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');
    await world.refine();

    expect(await cancel(world, event)).toBe('final');
    expect(await cancel(world, 'unknown')).toBe('not_found');
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('that is applied at the same moment ends it one way or the other, never both', async () => {
    for (let at = 0; at < 30; at++) {
      const world = openWorld();
      const { event } = await world.add('I live in Lisbon.');
      const worker = world.intercepted({
        before: async (call) => {
          if (call.at === at) await cancel(world, event);
        },
      });

      await world.refine(alice, worker);

      const status = (await eventOf(world, event))?.status;
      const texts = textsOf(await world.list());
      const ends = [
        ['CANCELLED', []],
        ['SUCCEEDED', ['Learnt: I live in Lisbon.']],
      ];
      expect(ends, `cancelled before call ${at}`).toContainEqual([status, texts]);
    }
  });
});

describe('waiting for an event', () => {
  it('answers once it is final, and after the time is up as it stands, cancelling nothing', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');

    const early = await world.until(waitForEvent(world.platform, project, event, 1_000));
    const waited = waitForEvent(world.platform, project, event, 25_000);
    await world.refine();
    const over = await world.until(waited);

    expect(early).toMatchObject({ status: 'PENDING' });
    expect(over).toMatchObject({ status: 'SUCCEEDED', changes: [{ type: 'ADD' }] });
  });
});
