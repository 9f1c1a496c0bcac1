import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { put } from '../../../shared/core/steps.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import { outboxKey, pollMarkerKey } from '../../../shared/domain/table/keys.ts';
import type { Fact, Outbox } from '../../../shared/domain/webhooks/outbox.ts';
import { endOutboxId, writeOutboxId } from '../../../shared/domain/webhooks/outbox.ts';
import type { LocalOptions } from '../../../shared/platform/local.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  request,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, forgetting, learning, rewriting } from '../../support/scripted-model.ts';

const down = failing(new RetryableError('down', 'The model is down.'));

/** A service whose project polls, so that acceptances have outboxes. */
const openPolled = async (options?: LocalOptions): Promise<CoreFixture> => {
  const service = openCoreFixture(options);
  await service.store.transact([put(pollMarkerKey(project), { since: 0 })]);
  return service;
};

const outboxes = (service: CoreFixture): Outbox[] =>
  service.rows('OUTBOX').flatMap(({ item }) => ('facts' in item ? [item] : []));

const factsOf = (service: CoreFixture): Fact[] => outboxes(service).flatMap(({ facts }) => facts);

const expandAll = async (service: CoreFixture) => {
  for (let hint = service.notices.take(); hint; hint = service.notices.take())
    await service.perform(hint);
};

/** Kinds of items written together with each outbox, by the type of its first fact. */
const companions = async (service: CoreFixture, act: (actor: FullPlatform) => Promise<unknown>) => {
  const found: { [fact: string]: string[] } = {};
  const actor = service.intercepted({
    before: ({ steps }) => {
      for (const step of writesOf(steps, 'OUTBOX')) {
        if (step.op !== 'put' || !('facts' in step.item)) continue;
        const written = steps.filter(({ op }) => op !== 'check').map(({ key }) => key.kind);
        found[step.item.facts[0]?.type ?? ''] = [...new Set(written)].sort();
      }
    },
  });
  await act(actor);
  return found;
};

describe('the facts of an outbox', () => {
  it('a turn publishes that it is pending, that it succeeded, and each memory it added, updated or deleted', async () => {
    const service = await openPolled();
    service.model.next(learning('Alice lives in Lisbon.', 'Alice likes tea.'));
    await service.learn('I live in Lisbon and like tea.');
    await expandAll(service);
    service.model.next(async (asked, signal) => {
      const moved = await rewriting('Lisbon', 'Alice lives in Porto.')(asked, signal);
      const gone = await forgetting('tea')(asked, signal);
      const added = { turn: 0, type: 'ADD' as const, text: 'Alice likes wine.' };
      if (!moved.ok || !gone.ok) throw new Error('scripted');
      return { ...moved, changes: [...moved.changes, ...gone.changes, added] };
    });

    const { event } = await service.add('I live in Porto and like wine, no tea any more.');
    await service.refine();

    const memories = await service.list();
    const idOf = (word: string) => memories.find(({ text }) => text.includes(word))?.id;
    const plain = { event, metadata: {}, categories: [] };
    expect(factsOf(service)).toHaveLength(5);
    expect(factsOf(service)).toEqual(
      expect.arrayContaining([
        { type: 'event.pending', event },
        { type: 'event.succeeded', event },
        {
          ...plain,
          type: 'memory_update',
          memory: idOf('Porto'),
          text: 'Alice lives in Porto.',
          previousText: 'Alice lives in Lisbon.',
        },
        {
          ...plain,
          type: 'memory_delete',
          memory: expect.any(String),
          previousText: 'Alice likes tea.',
        },
        { ...plain, type: 'memory_add', memory: idOf('wine'), text: 'Alice likes wine.' },
      ]),
    );
  });

  it('a failed turn publishes why it failed', async () => {
    const service = await openPolled({ refineSchedule: [] });
    service.model.next(down);
    const { event } = await service.add('I live in Lisbon.');

    await service.refine();

    expect(factsOf(service)).toContainEqual({
      type: 'event.failed',
      event,
      error: { code: 'down', message: 'The model is down.', retryable: true },
    });
  });

  it('an outbox names the entities of its facts', async () => {
    const service = await openPolled();

    await service.learn('I live in Lisbon.', { user: 'alice', agent: 'guide' });

    const about = outboxes(service).map(({ entities }) => entities);
    expect(about).toEqual([
      { user: 'alice', agent: 'guide' },
      { user: 'alice', agent: 'guide' },
    ]);
  });
});

describe('an outbox', () => {
  it('an outbox is written in the transaction that makes its facts true, due at once', async () => {
    const service = await openPolled({ refineSchedule: [] });
    const learnt = await companions(service, async (actor) => {
      await service.accept(request('I live in Lisbon.'), actor);
      await service.refine(alice, actor);
    });
    const [memory] = await service.list();
    const id = memory?.id ?? '';
    const written = await companions(service, async (actor) => {
      await updateMemory(actor, project, id, { text: 'Lives in Porto.' });
      await deleteMemory(actor, project, id);
      service.model.next(down);
      await service.accept(request('I live in Faro.'), actor);
      await service.refine(alice, actor);
    });

    expect(learnt['event.pending']).toEqual(expect.arrayContaining(['TURN', 'EVENT', 'PEND']));
    expect(learnt['event.succeeded']).toEqual(
      expect.arrayContaining(['CHANGES', 'EVENT', 'MEMORY', 'TURN']),
    );
    expect(written['memory_update']).toEqual(expect.arrayContaining(['MEMORY', 'REV']));
    expect(written['memory_delete']).toEqual(expect.arrayContaining(['MEMORY', 'REV']));
    expect(written['event.failed']).toEqual(expect.arrayContaining(['TURN', 'EVENT', 'PEND']));
    const due = service.rows('OUTBOX').map(({ item }) => item.dueAt);
    expect(due.every((at) => at === service.clock.now())).toBe(true);
  });

  it('an outbox has an id derived from its cause', async () => {
    const service = await openPolled();
    const { turn } = await service.add('I live in Lisbon.');
    await service.refine();
    const [memory] = await service.list();
    const id = memory?.id ?? '';
    await updateMemory(service.platform, project, id, { text: 'Lives in Porto.' });
    await deleteMemory(service.platform, project, id);

    const ids = outboxes(service).map((outbox) => outbox.id);

    const writes = [writeOutboxId(id, 2), writeOutboxId(id, 3)];
    expect(ids.sort()).toEqual([`${turn}.pending`, endOutboxId(turn), ...writes].sort());
  });

  it('an expanded outbox is deleted, and expanding it again does nothing', async () => {
    const service = await openPolled();
    const { turn } = await service.add('I live in Lisbon.');
    await service.refine();
    const scope = scopeOf(alice);
    const hint = { v: 1, kind: 'outbox', project, scope, outbox: endOutboxId(turn) } as const;

    await service.perform(hint);
    await service.perform(hint);

    expect(await service.store.get(outboxKey(project, scope, endOutboxId(turn)))).toBeUndefined();
    expect(service.rows('NOTIFICATION')).toHaveLength(3);
  });

  it('an outbox is hinted at, and found by the sweeper when the hint was lost', async () => {
    const service = await openPolled();
    service.notices.become('losing');
    await service.learn('I live in Lisbon.');
    service.notices.become('sound');
    const before = service.notices.waiting();

    await service.pass(0);
    await expandAll(service);

    expect(before).toEqual([]);
    expect(outboxes(service)).toEqual([]);
  });

  it('every writer of an outbox enqueues its hint', async () => {
    const service = await openPolled();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await updateMemory(service.platform, project, id, { text: 'Lives in Porto.' });
    await deleteMemory(service.platform, project, id);

    await expandAll(service);

    expect(outboxes(service)).toEqual([]);
  });
});
