import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { cancelEvent, getEvent, retryEvent } from '../../../shared/core/events.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { savesPlan, writesOf } from '../../support/intercepted-store.ts';
import { failing, forgetting, rewriting } from '../../support/scripted-model.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const down = failing(new RetryableError('down', 'The model is down.'));

const isApply = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

/** Platform of a worker; runs the given action once, right before its first apply. */
const beforeApply = (service: CoreFixture, act: () => unknown) => {
  let hasHappened = false;
  return service.intercepted({
    before: async ({ steps }) => {
      if (!isApply(steps) || hasHappened) return;
      hasHappened = true;
      await act();
    },
  });
};

const eventOf = (service: CoreFixture, event: string) => getEvent(service.platform, project, event);

describe('a change between deciding and applying', () => {
  it('a turn cancelled after the decision is not applied', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');

    await service.refine(
      alice,
      beforeApply(service, () => cancelEvent(service.platform, project, event)),
    );

    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED', changes: [] });
    expect(service.rows('MEMORY')).toEqual([]);
    expect(service.rows('PEND')).toEqual([]);
    expect(service.rows('PLAN')).toEqual([]);
  });

  it('a turn is decided again when its memory was edited after the decision', async () => {
    const service = openCoreFixture();
    const [memory = ''] = await service.learn('I live in San Francisco.');
    service.model.requests.length = 0;
    await service.add('I live in Seattle now.');
    service.model.next(rewriting('San Francisco', 'Lives in Seattle.'));
    service.model.next(rewriting('Oakland', 'Lives in Seattle, moved from Oakland.'));

    await service.refine(
      alice,
      beforeApply(service, () =>
        updateMemory(service.platform, project, memory, { text: 'Lived in Oakland.' }),
      ),
    );

    const shown = service.model.requests.map(({ memories }) => memories.map(({ text }) => text));
    expect(shown).toEqual([['Learnt: I live in San Francisco.'], ['Lived in Oakland.']]);
    const history = await historyOf(service.platform, project, memory);
    expect(history?.map(({ type, newText }) => [type, newText])).toEqual([
      ['SAID', 'user: I live in San Francisco.'],
      ['ADD', 'Learnt: I live in San Francisco.'],
      ['UPDATE', 'Lived in Oakland.'],
    ]);
  });

  it('an edit made after the decision is newer than the turn and stays', async () => {
    const service = openCoreFixture();
    const [memory = ''] = await service.learn('I live in San Francisco.');
    const { event } = await service.add('I live in Seattle now.');
    service.model.always(rewriting('San Francisco', 'Lives in Seattle.'));

    await service.refine(
      alice,
      beforeApply(service, () =>
        updateMemory(service.platform, project, memory, { text: 'Lives near San Francisco.' }),
      ),
    );

    expect(textsOf(await service.list())).toEqual(['Lives near San Francisco.']);
    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', memory }],
    });
  });

  it('a memory deleted after the decision does not come back', async () => {
    const service = openCoreFixture();
    const [memory = ''] = await service.learn('I live in San Francisco.');
    await service.add('I live in Seattle now.');
    service.model.always(rewriting('San Francisco', 'Lives in Seattle.'));

    await service.refine(
      alice,
      beforeApply(service, () => deleteMemory(service.platform, project, memory)),
    );

    expect(await service.store.get(memoryKey(project, memory))).toMatchObject({ state: 'deleted' });
    const [seattle, ...others] = await service.list();
    expect(seattle).toMatchObject({ text: 'Lives in Seattle.', version: 1 });
    expect(others).toEqual([]);
  });

  it('a conflict discards the plan of one turn only, and the next turn keeps its own', async () => {
    const service = openCoreFixture();
    const [memory = ''] = await service.learn('I live in San Francisco.');
    service.model.requests.length = 0;
    await service.add('I live in Seattle now.');
    await service.add('I like tea.');
    service.model.next((request, signal) => {
      const asked = rewriting('San Francisco', 'Lives in Seattle.')(request, signal);
      const tea = { turn: 1, type: 'ADD' as const, text: 'Likes tea.' };
      return Promise.resolve(asked).then((d) =>
        d.ok ? { ...d, changes: [...d.changes, tea] } : d,
      );
    });

    await service.refine(
      alice,
      beforeApply(service, () => deleteMemory(service.platform, project, memory)),
    );

    const asked = service.model.requests.map(({ turns }) => turns.length);
    expect(asked).toEqual([2, 1]);
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Seattle now.', 'Likes tea.']);
  });

  it.each<[string, Entities]>([
    ['a user', alice],
    ['all runs', { run: '*' }],
  ])('a delete-all of %s after the decision cancels the turns it covers', async (_, match) => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.', everyone);
    let isFirst = true;
    const worker = service.intercepted({
      after: async ({ steps }) => {
        if (!isFirst || !savesPlan(steps)) return;
        isFirst = false;
        await deleteAll(service.platform, project, match);
      },
    });

    await service.refine(alice, worker);

    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED' });
    expect(service.rows('MEMORY')).toEqual([]);
    expect(await service.list()).toEqual([]);
  });

  it.each<[string, Entities]>([
    ['its user is', alice],
    ['all runs are', { run: '*' }],
  ])('what a turn adds while %s deleted is hidden at once, and erased', async (_, match) => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.', everyone);

    await service.refine(
      alice,
      beforeApply(service, () => deleteAll(service.platform, project, match)),
    );
    const listed = await service.list();
    await service.settle();

    expect(listed).toEqual([]);
    expect(await service.list()).toEqual([]);
    expect(service.kindsSaying('Lisbon')).toEqual([]);
  });

  it('a turn that updates a memory while its user is deleted is cancelled', async () => {
    const service = openCoreFixture();
    await service.learn('I live in San Francisco.');
    const { event } = await service.add('I live in Seattle now.');
    service.model.next(rewriting('San Francisco', 'Lives in Seattle.'));

    await service.refine(
      alice,
      beforeApply(service, () => deleteAll(service.platform, project, alice)),
    );

    expect(await eventOf(service, event)).toMatchObject({ status: 'CANCELLED' });
    expect(await service.list()).toEqual([]);
  });

  it('a turn that updates a memory while a delete-all of all runs covers the memory is decided again', async () => {
    const service = openCoreFixture();
    await service.learn('I live in San Francisco.', everyone);
    await service.add('I live in Seattle now.');
    service.model.next(rewriting('San Francisco', 'Lives in Seattle.'));
    service.model.next(rewriting('San Francisco', 'Lives in Seattle, decided again.'));

    await service.refine(
      alice,
      beforeApply(service, () => deleteAll(service.platform, project, { run: '*' })),
    );
    await service.settle();

    expect(textsOf(await service.list())).toEqual(['Lives in Seattle, decided again.']);
    expect(service.kindsSaying('San Francisco')).toEqual([]);
  });

  it('transactions that apply turns of different users, and only add, name no common item', async () => {
    const service = openCoreFixture();
    const named = new Map<string, Set<string>>();
    for (const name of ['ann', 'ben']) {
      await service.add('I live in Lisbon.', { user: name, agent: 'guide' });
      const keys = new Set<string>();
      const worker = service.intercepted({
        before: ({ steps }) => {
          for (const { key } of steps) keys.add(`${key.pk} ${key.sk}`);
        },
      });
      await service.refine({ user: name }, worker);
      named.set(name, keys);
    }

    const common = [...(named.get('ann') ?? [])].filter((key) => named.get('ben')?.has(key));
    expect(named.get('ann')?.size).toBeGreaterThan(10);
    expect(common).toEqual([]);
  });
});

describe('an older turn', () => {
  const failOldest = async (service: CoreFixture) => {
    await service.learn('I live in Portland.');
    const { event } = await service.add('I live in San Francisco.');
    service.model.next(down);
    await service.refine();
    return event;
  };

  it('an older turn that is retried late never turns "Seattle" back into "San Francisco"', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const event = await failOldest(service);
    service.model.next(rewriting('Portland', 'Lives in Seattle.'));
    await service.learn('I live in Seattle.');

    await retryEvent(service.platform, project, event);
    service.model.next(rewriting('Seattle', 'Lives in San Francisco.'));
    await service.refine();

    expect(textsOf(await service.list())).toEqual(['Lives in Seattle.']);
    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', reason: expect.stringContaining('newer') }],
    });
  });

  it('an older turn that is retried late does not delete a memory that a newer turn shaped', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    const event = await failOldest(service);
    service.model.next(rewriting('Portland', 'Lives in Seattle.'));
    await service.learn('I live in Seattle.');

    await retryEvent(service.platform, project, event);
    service.model.next(forgetting('Seattle'));
    await service.refine();

    expect(textsOf(await service.list())).toEqual(['Lives in Seattle.']);
  });
});
