import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { proposing } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const shownTurns = (world: World) =>
  world.model.requests.map(({ turns }) => turns.map(({ messages }) => messages[0]?.content));

const shownMemories = (world: World) =>
  world.model.requests.map(({ memories }) => memories.map(({ text }) => text).sort());

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
