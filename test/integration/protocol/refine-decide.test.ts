import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Pending } from '../../../shared/domain/items.ts';
import { headKey, pendingKey } from '../../../shared/domain/keys.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, proposing, unusable } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const shownTurns = (world: World) =>
  world.model.requests.map(({ turns }) => turns.map(({ messages }) => messages[0]?.content));

const shownMemories = (world: World) =>
  world.model.requests.map(({ memories }) => memories.map(({ text }) => text).sort());

const failuresOf = async (world: World, turn: string) => {
  const item: Pending | undefined = await world.store.get(pendingKey(project, 'user#alice', turn));
  return item?.failures;
};

const statusOf = async (world: World, event: string) =>
  (await getEvent(world.platform, project, event))?.status;

describe('reading', () => {
  it('takes what waits oldest first, in one call of the model', async () => {
    const world = openWorld();
    for (const text of ['one', 'two', 'three', 'four']) await world.add(text);

    await world.refine();

    expect(shownTurns(world)).toEqual([['one', 'two', 'three', 'four']]);
    expect(world.rows('MEMORY')).toHaveLength(4);
  });

  it('takes no more turns than the model can decide at once', async () => {
    const world = openWorld();
    world.model.batch.turns = 2;
    for (const text of ['one', 'two', 'three']) await world.add(text);

    await world.refine();

    expect(shownTurns(world)).toEqual([['one', 'two'], ['three']]);
  });

  it('takes no more characters than fit, but always one turn', async () => {
    const world = openWorld();
    world.model.batch.characters = 10;
    const texts = ['12345', '67890', 'x', 'longer than everything that fits'];
    for (const text of texts) await world.add(text);

    await world.refine();

    expect(shownTurns(world)).toEqual([['12345', '67890'], ['x'], [texts[3]]]);
  });

  it('credits each turn with the changes that name it', async () => {
    const world = openWorld();
    const first = await world.add('one');
    const second = await world.add('two');
    world.model.next(
      proposing(
        { turn: 1, type: 'ADD', text: 'Learnt from the second.' },
        { turn: 0, type: 'ADD', text: 'Learnt from the first.' },
      ),
    );

    await world.refine();

    const changesOf = async (event: string) =>
      (await getEvent(world.platform, project, event))?.changes;
    expect(await changesOf(first.event)).toMatchObject([{ text: 'Learnt from the first.' }]);
    expect(await changesOf(second.event)).toMatchObject([{ text: 'Learnt from the second.' }]);
  });

  it('shows the model the memories of this scope only', async () => {
    const world = openWorld();
    await world.learn('I live in Lisbon.', { user: 'alice', agent: 'guide' });
    await world.learn('I live in Porto.', { user: 'bob', agent: 'guide' });
    await world.learn('Guides live in Faro.', { agent: 'guide' });
    world.model.requests.length = 0;

    await world.learn('Where do I live now?', { user: 'alice', agent: 'guide' });
    await world.learn('Where do guides live now?', { agent: 'guide' });

    expect(shownMemories(world)).toEqual([
      ['Learnt: I live in Lisbon.'],
      ['Learnt: Guides live in Faro.'],
    ]);
  });

  it('shows the model what was written lately though no index has it, by strongly consistent reads', async () => {
    const world = openWorld();
    world.index.lag();
    await world.learn('I live in Lisbon.');
    const methods: string[] = [];

    await world.add('I live near the river.');
    await world.refine(alice, world.intercepted({ before: ({ method }) => methods.push(method) }));

    expect(shownMemories(world).at(-1)).toEqual(['Learnt: I live in Lisbon.']);
    expect(methods).not.toContain('list');
  });

  it('asks no model about turns that are to be kept word for word', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.', alice, { options: { infer: false } });

    await world.refine();

    expect(world.model.requests).toEqual([]);
    expect(textsOf(await world.list())).toEqual(['I live in Lisbon.']);
  });
});

describe('a saved plan', () => {
  const crashBefore = (world: World, kind: 'CHANGES', times = 1) => {
    let left = times;
    return world.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, kind).length > 0 && left-- > 0) throw new Error('crash');
      },
    });
  };

  it('is applied after a crash without asking the model again', async () => {
    const world = openWorld();
    await world.add('one');
    await world.add('two');

    await expect(world.refine(alice, crashBefore(world, 'CHANGES'))).rejects.toThrow('crash');
    const planned = world.rows('PLAN').length;
    await world.refine();

    expect(planned).toBe(2);
    expect(world.model.requests).toHaveLength(1);
    expect(textsOf(await world.list())).toEqual(['Learnt: one', 'Learnt: two']);
    expect(world.rows('PLAN')).toEqual([]);
  });

  it('is there before anything is applied', async () => {
    const world = openWorld();
    await world.add('one');
    const plansAtApply: number[] = [];
    const worker = world.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, 'CHANGES').length > 0) plansAtApply.push(world.rows('PLAN').length);
      },
    });

    await world.refine(alice, worker);

    expect(plansAtApply).toEqual([1]);
  });

  it('holds the vectors, and without an embedder stands without them', async () => {
    const broken = {
      model: 'plain-64',
      embed: async () => Promise.reject(new RetryableError('down', 'The embedder is down.')),
    };
    const world = openWorld({ embedder: broken });

    await world.learn('I live in Lisbon.');

    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(textsOf(await world.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('whose crash came at any call of the store leads to the same memories, each once', async () => {
    for (let at = 0; ; at++) {
      const world = openWorld();
      await world.add('one');
      await world.add('two');
      let calls = 0;
      const dying = world.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      await world.refine(alice, dying).catch(() => {});
      await world.pass(30_000);

      expect(textsOf(await world.list()), `crash at ${at}`).toEqual(['Learnt: one', 'Learnt: two']);
      expect(world.rows('MEMORY')).toHaveLength(2);
      expect(world.rows('PEND')).toEqual([]);
      if (calls <= at) break;
    }
  });
});

describe('an answer that cannot be used', () => {
  const refusingBad = (world: World, fault: 'refusal' | 'junk' | 'length') =>
    world.model.always((request, signal) => {
      const isBad = request.turns.some(({ messages }) => messages[0]?.content === 'bad');
      const learnt = request.turns.map(({ messages }, turn) => ({
        turn,
        type: 'ADD' as const,
        text: `Learnt: ${messages[0]?.content}`,
      }));
      return (isBad ? unusable(fault) : proposing(...learnt))(request, signal);
    });

  it.each(['refusal', 'junk', 'length'] as const)(
    'for its %s is asked for again about ever fewer turns; only the lone one spends a try',
    async (fault) => {
      const world = openWorld({ refineSchedule: [60] });
      refusingBad(world, fault);
      const one = await world.add('one');
      const two = await world.add('two');
      const bad = await world.add('bad');
      const last = await world.add('last');

      await world.refine();

      expect(shownTurns(world).slice(0, 2)).toEqual([
        ['one', 'two', 'bad', 'last'],
        ['one', 'two'],
      ]);
      expect(await statusOf(world, one.event)).toBe('SUCCEEDED');
      expect(await statusOf(world, two.event)).toBe('SUCCEEDED');
      expect(await failuresOf(world, bad.turn)).toBe(1);
      expect(await failuresOf(world, last.turn)).toBe(0);
    },
  );

  it('fails its turn once the budget is spent, and what came later goes on', async () => {
    const world = openWorld({ refineSchedule: [60] });
    refusingBad(world, 'refusal');
    const bad = await world.add('bad');
    const last = await world.add('last');

    await world.refine();
    await world.pass(60_000);

    expect(await getEvent(world.platform, project, bad.event)).toMatchObject({
      status: 'FAILED',
      attempts: 2,
      error: { code: 'model_refusal', message: expect.stringContaining('refused') },
    });
    expect(await statusOf(world, last.event)).toBe('SUCCEEDED');
    expect(textsOf(await world.list())).toEqual(['Learnt: last', 'user: bad']);
  });
});

describe('a model that cannot be reached', () => {
  const down = (retryAfterMs?: number) =>
    failing(new RetryableError('model_rate_limit', 'Too many requests.', retryAfterMs));

  it('is asked again by the schedule until the budget is spent', async () => {
    const world = openWorld({ refineSchedule: [1, 5] });
    world.model.always(down());
    const { event } = await world.add('I live in Lisbon.');
    const asked: number[] = [];

    await world.refine();
    asked.push(world.model.requests.length);
    for (const ms of [999, 1, 4_999, 1, 600_000]) {
      await world.pass(ms);
      asked.push(world.model.requests.length);
    }

    expect(asked).toEqual([1, 1, 2, 2, 3, 3]);
    expect(await getEvent(world.platform, project, event)).toMatchObject({
      status: 'FAILED',
      attempts: 3,
      error: { code: 'model_rate_limit', message: 'Too many requests.', retryable: true },
    });
  });

  it('leaves the event running, with the reason to read, and the rough memory in sight', async () => {
    const world = openWorld({ refineSchedule: [60] });
    world.model.next(down());
    const { event, turn } = await world.add('I live in Lisbon.');

    await world.refine();

    expect(await getEvent(world.platform, project, event)).toMatchObject({
      status: 'RUNNING',
      error: { code: 'model_rate_limit' },
    });
    expect(await world.search('Lisbon')).toMatchObject([{ id: turn, rough: true }]);
  });

  it('is asked again no sooner than it asked to be', async () => {
    const world = openWorld({ refineSchedule: [1] });
    world.model.next(down(120_000));
    await world.add('I live in Lisbon.');

    await world.refine();
    await world.pass(119_999);
    const early = world.model.requests.length;
    await world.pass(1);

    expect(early).toBe(1);
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(await world.store.get(headKey(project, 'user#alice'))).not.toHaveProperty('notBefore');
  });

  it('costs one turn of a batch a try, and the others none', async () => {
    const world = openWorld({ refineSchedule: [60] });
    world.model.next(down());
    const one = await world.add('one');
    const two = await world.add('two');

    await world.refine();

    expect(await failuresOf(world, one.turn)).toBe(1);
    expect(await failuresOf(world, two.turn)).toBe(0);
  });
});
