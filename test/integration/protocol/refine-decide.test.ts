import { describe, expect, it } from 'vitest';
import { cancelEvent, getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { put } from '../../../shared/core/steps.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { PlannedChange } from '../../../shared/domain/memory/change.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import type { Plan } from '../../../shared/domain/table/items.ts';
import { planKey } from '../../../shared/domain/table/keys.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { savesPlan, writesOf } from '../../support/intercepted-store.ts';
import { learning, proposing } from '../../support/scripted-model.ts';

const shownTurns = (service: CoreFixture) =>
  service.model.requests.map(({ turns }) => turns.map(({ messages }) => messages[0]?.content));

const shownMemories = (service: CoreFixture) =>
  service.model.requests.map(({ memories }) => memories.map(({ text }) => text).sort());

describe('reading', () => {
  it('pending turns are decided oldest first, in one call of the model', async () => {
    const service = openCoreFixture();
    for (const text of ['one', 'two', 'three', 'four']) await service.add(text);

    await service.refine();

    expect(shownTurns(service)).toEqual([['one', 'two', 'three', 'four']]);
    expect(service.rows('MEMORY')).toHaveLength(4);
  });

  it('a batch has no more turns than the model takes', async () => {
    const service = openCoreFixture();
    service.model.batch.turns = 2;
    for (const text of ['one', 'two', 'three']) await service.add(text);

    await service.refine();

    expect(shownTurns(service)).toEqual([['one', 'two'], ['three']]);
  });

  it('a batch has no more characters than the model takes, and a longer turn is shown in windows', async () => {
    const service = openCoreFixture();
    service.model.batch.characters = 10;
    const texts = ['12345', '67890', 'x', 'longer than everything that fits'];
    for (const text of texts) await service.add(text);

    await service.refine();

    expect(shownTurns(service).slice(0, 2)).toEqual([['12345', '67890'], ['x']]);
    expect(shownTurns(service).slice(2).flat().join('')).toBe(texts[3]);
  });

  it('each turn gets the changes that name it', async () => {
    const service = openCoreFixture();
    const first = await service.add('one');
    const second = await service.add('two');
    service.model.next(
      proposing(
        { turn: 1, type: 'ADD', text: 'Learnt from the second.' },
        { turn: 0, type: 'ADD', text: 'Learnt from the first.' },
      ),
    );

    await service.refine();

    const changesOf = async (event: string) =>
      (await getEvent(service.platform, project, event))?.changes;
    expect(await changesOf(first.event)).toMatchObject([{ text: 'Learnt from the first.' }]);
    expect(await changesOf(second.event)).toMatchObject([{ text: 'Learnt from the second.' }]);
  });

  it('the model is shown memories of the same scope only', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.', { user: 'alice', agent: 'guide' });
    await service.learn('I live in Porto.', { user: 'bob', agent: 'guide' });
    await service.learn('Guides live in Faro.', { agent: 'guide' });
    service.model.requests.length = 0;

    await service.learn('Where do I live now?', { user: 'alice', agent: 'guide' });
    await service.learn('Where do guides live now?', { agent: 'guide' });

    expect(shownMemories(service)).toEqual([
      ['Learnt: I live in Lisbon.'],
      ['Learnt: Guides live in Faro.'],
    ]);
  });

  it('the model is shown recent writes that no index has, by strongly consistent reads', async () => {
    const service = openCoreFixture();
    service.index.lag();
    await service.learn('I live in Lisbon.');
    const methods: string[] = [];

    await service.add('I live near the river.');
    await service.refine(
      alice,
      service.intercepted({ before: ({ method }) => methods.push(method) }),
    );

    expect(shownMemories(service).at(-1)).toEqual(['Learnt: I live in Lisbon.']);
    expect(methods).not.toContain('list');
  });

  it('verbatim turns are decided without the model', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.', alice, { options: { infer: false } });

    await service.refine();

    expect(service.model.requests).toEqual([]);
    expect(textsOf(await service.list())).toEqual(['I live in Lisbon.']);
  });
});

describe('a saved plan', () => {
  const manyFacts = Array.from({ length: 40 }, (_, n) => `Fact ${n}: ${'tea '.repeat(50)}`.trim());
  const plansOf = (service: CoreFixture): Plan[] =>
    service
      .rows('PEND')
      .flatMap(({ item }) =>
        'failures' in item && 'plan' in item && item.plan ? [item.plan] : [],
      );
  const crashBefore = (service: CoreFixture, kind: 'CHANGES', times = 1) => {
    let left = times;
    return service.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, kind).length > 0 && left-- > 0) throw new Error('crash');
      },
    });
  };

  it('a saved plan is applied after a crash without asking the model again', async () => {
    const service = openCoreFixture();
    await service.add('one');
    await service.add('two');

    await expect(service.refine(alice, crashBefore(service, 'CHANGES'))).rejects.toThrow('crash');
    const planned = plansOf(service);
    await service.refine();

    expect(planned).toMatchObject([
      { changes: [{ text: 'Learnt: one' }] },
      { changes: [{ text: 'Learnt: two' }] },
    ]);
    expect(service.model.requests).toHaveLength(1);
    expect(textsOf(await service.list())).toEqual(['Learnt: one', 'Learnt: two']);
    expect(plansOf(service)).toEqual([]);
  });

  it('a plan too large for its work item has an item of its own, and is applied after a crash without asking the model again', async () => {
    const service = openCoreFixture();
    service.model.next(learning(...manyFacts));
    await service.add('much');

    await expect(service.refine(alice, crashBefore(service, 'CHANGES'))).rejects.toThrow('crash');
    const planned = service.rows('PLAN').length;
    const inWork = plansOf(service);
    await service.refine();

    expect([planned, inWork]).toEqual([1, []]);
    expect(service.model.requests).toHaveLength(1);
    expect(await service.list()).toHaveLength(40);
    expect(service.rows('PLAN')).toEqual([]);
  });

  it('a plan in an item of its own, as versions before wrote every plan, is applied and wins over one in the work item', async () => {
    const service = openCoreFixture();
    await service.add('one');
    await expect(service.refine(alice, crashBefore(service, 'CHANGES'))).rejects.toThrow('crash');
    const [plan] = plansOf(service);
    if (!plan) throw new Error('no plan was saved');
    const [change] = plan.changes;
    const changes = [{ ...change, text: 'Said before.' } as PlannedChange];
    const key = planKey(project, scopeOf(alice), plan.turn);
    await service.store.transact([put(key, { ...plan, id: 'former', changes })]);

    await service.refine();

    expect(service.model.requests).toHaveLength(1);
    expect(textsOf(await service.list())).toEqual(['Said before.']);
    expect(service.rows('PLAN')).toEqual([]);
    expect(service.rows('PEND')).toEqual([]);
  });

  it.each([
    ['small', ['Likes tea.']],
    ['large', manyFacts],
  ])(
    'no %s plan is saved of a turn that was cancelled while the model decided',
    async (_, texts) => {
      const service = openCoreFixture();
      const { event } = await service.add('I live in Lisbon.');
      let isSaved: boolean | undefined;
      const worker = service.intercepted({
        before: async ({ steps }) => {
          if (savesPlan(steps)) await cancelEvent(service.platform, project, event);
        },
        after: ({ steps }) => {
          if (savesPlan(steps)) isSaved = service.kindsSaying('tea').length > 0;
        },
      });
      service.model.next(learning(...texts));

      await service.refine(alice, worker);

      expect(isSaved).toBe(false);
      expect(service.rows('PEND')).toEqual([]);
    },
  );

  it('the correction of a turn removes its plan, which has words of the former text', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');
    await expect(service.refine(alice, crashBefore(service, 'CHANGES'))).rejects.toThrow('crash');
    const before = service.kindsSaying('Lisbon');

    await updateMemory(service.platform, project, turn, { text: 'I live in Porto.' });

    expect(before).toEqual(expect.arrayContaining(['PEND', 'TURN']));
    expect(service.kindsSaying('Lisbon')).toEqual([]);
    await service.refine();
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Porto.']);
  });

  it('a plan is saved before anything is applied', async () => {
    const service = openCoreFixture();
    await service.add('one');
    const plansAtApply: number[] = [];
    const worker = service.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, 'CHANGES').length > 0) plansAtApply.push(plansOf(service).length);
      },
    });

    await service.refine(alice, worker);

    expect(plansAtApply).toEqual([1]);
  });

  it('a turn is refined when the embedder is down', async () => {
    const broken = {
      model: 'plain-64',
      embed: async () => Promise.reject(new RetryableError('down', 'The embedder is down.')),
    };
    const service = openCoreFixture({ embedder: broken });

    await service.learn('I live in Lisbon.');

    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('a refinement that crashes at any call of the store leads to the same memories, each once', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      await service.add('one');
      await service.add('two');
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      await service.refine(alice, dying).catch(() => {});
      await service.pass(30_000);

      expect(textsOf(await service.list()), `crash at ${at}`).toEqual([
        'Learnt: one',
        'Learnt: two',
      ]);
      expect(service.rows('MEMORY')).toHaveLength(2);
      expect(service.rows('PEND')).toEqual([]);
      if (calls <= at) break;
    }
  });
});
