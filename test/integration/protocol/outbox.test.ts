import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import { outboxKey } from '../../../shared/domain/table/keys.ts';
import type { Fact, Outbox } from '../../../shared/domain/webhooks/outbox.ts';
import { endOutboxId, writeOutboxId } from '../../../shared/domain/webhooks/outbox.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, forgetting, learning, rewriting } from '../../support/scripted-model.ts';
import { alice, openWorld, project, request, type World } from '../../support/world.ts';

const down = failing(new RetryableError('down', 'The model is down.'));

const outboxes = (world: World): Outbox[] =>
  world.rows('OUTBOX').flatMap(({ item }) => ('facts' in item ? [item] : []));

const factsOf = (world: World): Fact[] => outboxes(world).flatMap(({ facts }) => facts);

const tell = async (world: World) => {
  for (let hint = world.notices.take(); hint; hint = world.notices.take())
    await world.perform(hint);
};

/** With what else each outbox was written, by the type of its first fact. */
const companions = async (world: World, act: (who: FullPlatform) => Promise<unknown>) => {
  const found: { [fact: string]: string[] } = {};
  const who = world.intercepted({
    before: ({ steps }) => {
      for (const step of writesOf(steps, 'OUTBOX')) {
        if (step.op !== 'put' || !('facts' in step.item)) continue;
        const written = steps.filter(({ op }) => op !== 'check').map(({ key }) => key.kind);
        found[step.item.facts[0]?.type ?? ''] = [...new Set(written)].sort();
      }
    },
  });
  await act(who);
  return found;
};

describe('what is told', () => {
  it('of a turn: that it waits, that it succeeded, and each memory it added, updated, deleted', async () => {
    const world = openWorld();
    world.model.next(learning('Alice lives in Lisbon.', 'Alice likes tea.'));
    await world.learn('I live in Lisbon and like tea.');
    await tell(world);
    world.model.next(async (asked, signal) => {
      const moved = await rewriting('Lisbon', 'Alice lives in Porto.')(asked, signal);
      const gone = await forgetting('tea')(asked, signal);
      const added = { turn: 0, type: 'ADD' as const, text: 'Alice likes wine.' };
      if (!moved.ok || !gone.ok) throw new Error('scripted');
      return { ...moved, changes: [...moved.changes, ...gone.changes, added] };
    });

    const { event } = await world.add('I live in Porto and like wine, no tea any more.');
    await world.refine();

    const memories = await world.list();
    const idOf = (word: string) => memories.find(({ text }) => text.includes(word))?.id;
    const plain = { event, metadata: {}, categories: [] };
    expect(factsOf(world)).toHaveLength(5);
    expect(factsOf(world)).toEqual(
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

  it('of a turn that failed: why', async () => {
    const world = openWorld({ refineSchedule: [] });
    world.model.next(down);
    const { event } = await world.add('I live in Lisbon.');

    await world.refine();

    expect(factsOf(world)).toContainEqual({
      type: 'event.failed',
      event,
      error: { code: 'down', message: 'The model is down.', retryable: true },
    });
  });

  it('names whom it is about', async () => {
    const world = openWorld();

    await world.learn('I live in Lisbon.', { user: 'alice', agent: 'guide' });

    const about = outboxes(world).map(({ entities }) => entities);
    expect(about).toEqual([
      { user: 'alice', agent: 'guide' },
      { user: 'alice', agent: 'guide' },
    ]);
  });
});

describe('an outbox', () => {
  it('is written in the transaction that makes its facts true, due at once', async () => {
    const world = openWorld({ refineSchedule: [] });
    const learnt = await companions(world, async (who) => {
      await world.accept(request('I live in Lisbon.'), who);
      await world.refine(alice, who);
    });
    const [memory] = await world.list();
    const id = memory?.id ?? '';
    const written = await companions(world, async (who) => {
      await updateMemory(who, project, id, { text: 'Lives in Porto.' });
      await deleteMemory(who, project, id);
      world.model.next(down);
      await world.accept(request('I live in Faro.'), who);
      await world.refine(alice, who);
    });

    expect(learnt['event.pending']).toEqual(expect.arrayContaining(['TURN', 'EVENT', 'PEND']));
    expect(learnt['event.succeeded']).toEqual(
      expect.arrayContaining(['CHANGES', 'EVENT', 'MEMORY', 'TURN']),
    );
    expect(written['memory_update']).toEqual(expect.arrayContaining(['MEMORY', 'REV']));
    expect(written['memory_delete']).toEqual(expect.arrayContaining(['MEMORY', 'REV']));
    expect(written['event.failed']).toEqual(expect.arrayContaining(['TURN', 'EVENT', 'PEND']));
    const due = world.rows('OUTBOX').map(({ item }) => item.dueAt);
    expect(due.every((at) => at === world.clock.now())).toBe(true);
  });

  it('has an id that follows from what made it', async () => {
    const world = openWorld();
    const { turn } = await world.add('I live in Lisbon.');
    await world.refine();
    const [memory] = await world.list();
    const id = memory?.id ?? '';
    await updateMemory(world.platform, project, id, { text: 'Lives in Porto.' });
    await deleteMemory(world.platform, project, id);

    const ids = outboxes(world).map((outbox) => outbox.id);

    const writes = [writeOutboxId(id, 2), writeOutboxId(id, 3)];
    expect(ids.sort()).toEqual([`${turn}.pending`, endOutboxId(turn), ...writes].sort());
  });

  it('is gone once it was fanned out, and fanning out again does nothing', async () => {
    const world = openWorld();
    const { turn } = await world.add('I live in Lisbon.');
    await world.refine();
    const scope = scopeOf(alice);
    const hint = { v: 1, kind: 'outbox', project, scope, outbox: endOutboxId(turn) } as const;

    await world.perform(hint);
    await world.perform(hint);

    expect(await world.store.get(outboxKey(project, scope, endOutboxId(turn)))).toBeUndefined();
    expect(factsOf(world).map(({ type }) => type)).toEqual(['event.pending']);
  });

  it('is hinted at, and found by the sweeper when the hint was lost', async () => {
    const world = openWorld();
    world.notices.become('losing');
    await world.learn('I live in Lisbon.');
    world.notices.become('sound');
    const before = world.notices.waiting();

    await world.pass(0);
    await tell(world);

    expect(before).toEqual([]);
    expect(outboxes(world)).toEqual([]);
  });

  it('of each write is hinted at by who wrote it', async () => {
    const world = openWorld();
    const [id = ''] = await world.learn('I live in Lisbon.');
    await updateMemory(world.platform, project, id, { text: 'Lives in Porto.' });
    await deleteMemory(world.platform, project, id);

    await tell(world);

    expect(outboxes(world)).toEqual([]);
  });
});
