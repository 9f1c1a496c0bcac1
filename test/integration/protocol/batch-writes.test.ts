import { describe, expect, it } from 'vitest';
import { deleteMemories, deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemories } from '../../../shared/core/memories/update-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { closedVersionId, messageId } from '../../../shared/domain/memory/derived-ids.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import type { Step } from '../../../shared/ports/store.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning, rewriting } from '../../support/scripted-model.ts';

const unknown = '01990000-0000-7000-8000-000000000000';

/** Memories of two turns: as many herons as asked for, drawn from the first turn, and one about tea. */
const herons = async (count = 6) => {
  const service = openCoreFixture();
  service.model.next(
    learning(...Array.from({ length: count }, (_, n) => `Heron number ${n} nests.`)),
  );
  const ids = await service.learn('Many herons nest.');
  const [tea = ''] = await service.learn('I like tea.');
  return { service, ids, tea };
};

/** A rough memory and an immutable one, besides those of `herons`. */
const mixed = async () => {
  const { service, ids, tea } = await herons();
  await service.add('The stork never came.', alice, {
    options: { infer: true, immutable: true },
  });
  await service.refine();
  const immutable = (await service.list()).find(({ text }) => text.includes('stork'))?.id ?? '';
  const { turn: rough } = await service.add('An egret is late.');
  return { service, ids, tea, immutable, rough };
};

const stork = { text: 'A stork nests.' };

/** The platform of a client; another writer acts once, right before the client's first write of a memory. */
const beforeWrite = (service: CoreFixture, act: () => unknown) => {
  let hasHappened = false;
  return service.intercepted({
    before: async ({ steps }) => {
      if (writesOf(steps, 'MEMORY').length === 0 || hasHappened) return;
      hasHappened = true;
      await act();
    },
  });
};

/** The platform of a process that dies at its n-th call of the store. */
const dyingAt = (service: CoreFixture, at: number) => {
  let calls = 0;
  const platform = service.intercepted({
    before: (call) => {
      calls = call.at + 1;
      if (call.at >= at) throw new Error('crash');
    },
  });
  return { platform, isDone: () => calls <= at };
};

const memoryWrites = async (
  service: CoreFixture,
  act: (platform: CoreFixture['platform']) => Promise<unknown>,
): Promise<(readonly Step[])[]> => {
  const transactions: (readonly Step[])[] = [];
  await act(service.intercepted({ before: ({ steps }) => transactions.push(steps) }));
  return transactions.filter((steps) => writesOf(steps, 'MEMORY').length > 0);
};

describe('a batch deletion', () => {
  it('a batch deletion has the outcomes of single deletions in order', async () => {
    const { service, ids, tea, rough } = await mixed();
    const [first = '', second = ''] = ids;

    const outcomes = await deleteMemories(service.platform, project, [
      ...[first, unknown, first, rough, second, rough],
    ]);
    await service.work();

    expect(outcomes).toEqual([
      'deleted',
      'not_found',
      'not_found',
      'deleted',
      'deleted',
      'not_found',
    ]);
    expect(service.kindsSaying('egret')).toEqual([]);
    expect(service.kindsSaying('heron number 0')).toEqual([]);
    expect((await service.list()).map(({ id }) => id)).toContain(tea);
  });

  it('a batch deletion takes versions, messages and repeated ids as single deletions in order do', async () => {
    const asked = (turn: string, id: string, version: string, tea: string) => [
      ...[version, id, id, messageId(tea, 0), tea, messageId(turn, 0), version],
    ];
    const prepare = async () => {
      const service = openCoreFixture();
      const [id = ''] = await service.learn('A heron nests by the mill.');
      const [tea = ''] = await service.learn('I like tea.');
      service.model.next(rewriting('heron', 'A stork nests by the mill.'));
      await service.learn('The heron left, a stork nests by the mill.');
      return { service, ids: asked(id, id, closedVersionId(id, 1), tea) };
    };
    const [together, single] = [await prepare(), await prepare()];

    const outcomes = await deleteMemories(together.service.platform, project, together.ids);
    const expected = [];
    for (const id of single.ids)
      expected.push(await deleteMemory(single.service.platform, project, id));
    await together.service.work();

    expect(outcomes).toEqual(expected);
    expect(outcomes.slice(0, 3)).toEqual(['is_version', 'deleted', 'not_found']);
    for (const word of ['heron', 'tea']) expect(together.service.kindsSaying(word)).toEqual([]);
  });

  it('a batch deletion of many memories commits several in one transaction, each by its version', async () => {
    const { service, ids } = await herons(40);

    const transactions = await memoryWrites(service, (actor) =>
      deleteMemories(actor, project, ids),
    );

    expect(transactions.length).toBeLessThanOrEqual(5);
    for (const steps of transactions)
      for (const { when } of writesOf(steps, 'MEMORY')) expect(when?.name).toBe('versionIs');
  });

  it('deletions of one transaction share an outbox, if their memories name the same entities', async () => {
    const { service, ids } = await herons();
    const [agents = ''] = await service.learn('A heron nests.', { user: 'alice', agent: 'guide' });
    for (let hint = service.notices.take(); hint; hint = service.notices.take())
      await service.perform(hint);

    await deleteMemories(service.platform, project, [...ids, agents]);

    const outboxes = service.rows('OUTBOX').map(({ item }) => item as Item<'OUTBOX'>);
    const published = outboxes.map(({ entities, facts }) => ({
      entities,
      memories: facts.flatMap((fact) => ('memory' in fact ? [fact.memory] : [])),
    }));
    expect(published).toHaveLength(2);
    expect(published).toContainEqual({ entities: alice, memories: ids });
    expect(published).toContainEqual({
      entities: { user: 'alice', agent: 'guide' },
      memories: [agents],
    });
  });

  it('a memory that is edited during a batch deletion is deleted all the same', async () => {
    const { service, ids } = await herons();
    const later = beforeWrite(service, () =>
      updateMemory(service.platform, project, ids[2] ?? '', stork),
    );

    const outcomes = await deleteMemories(later, project, ids);
    await service.work();

    expect(outcomes).toEqual(ids.map(() => 'deleted'));
    expect(service.kindsSaying('heron')).toEqual([]);
    expect(service.kindsSaying('stork')).toEqual([]);
  });

  it('a memory that another client deletes during a batch deletion is deleted once', async () => {
    const { service, ids } = await herons();
    const later = beforeWrite(service, () => deleteMemory(service.platform, project, ids[2] ?? ''));

    const outcomes = await deleteMemories(later, project, ids);

    expect(outcomes).toEqual(ids.map((_, at) => (at === 2 ? 'not_found' : 'deleted')));
    const facts = service.rows('OUTBOX').flatMap(({ item }) => ('facts' in item ? item.facts : []));
    const deletions = facts.filter(({ type }) => type === 'memory_delete');
    expect(deletions).toHaveLength(ids.length);
  });

  it('a batch deletion that crashes at any call of the store is finished by the sweeper', async () => {
    for (let at = 0; ; at++) {
      const { service, ids } = await herons();
      const { platform, isDone } = dyingAt(service, at);

      await deleteMemories(platform, project, ids).catch(() => {});
      const left = textsOf(await service.list());
      await service.pass(0);
      await service.settle();

      const isDeleted = left.length === 1;
      if (isDeleted) expect(service.kindsSaying('heron'), `crash at ${at}`).toEqual([]);
      else expect(left, `crash at ${at}`).toHaveLength(7);
      expect(textsOf(await service.list()), `crash at ${at}`).toEqual(left);
      if (isDone()) break;
    }
  });
});

describe('a batch update', () => {
  it('a batch update has the outcomes of single updates in order', async () => {
    const { service, ids, immutable, rough } = await mixed();
    const [first = '', second = ''] = ids;
    const updates = [...[first, unknown, first, rough, immutable, messageId(first, 0), second]].map(
      (id, n) => ({
        id,
        edit: { text: `A stork of day ${n}.` },
      }),
    );

    const outcomes = await updateMemories(service.platform, project, updates);

    expect(outcomes).toEqual([
      ...['updated', 'not_found', 'updated', 'updated', 'immutable', 'is_source', 'updated'],
    ]);
    const history = await historyOf(service.platform, project, first);
    expect(history?.map(({ newText }) => newText)).toEqual([
      ...[
        'user: Many herons nest.',
        'Heron number 0 nests.',
        'A stork of day 0.',
        'A stork of day 2.',
      ],
    ]);
  });

  it('a batch update of many memories commits several in one transaction, each by its version', async () => {
    const { service, ids } = await herons(40);

    const transactions = await memoryWrites(service, (actor) =>
      updateMemories(
        actor,
        project,
        ids.map((id) => ({ id, edit: stork })),
      ),
    );

    expect(transactions.length).toBeLessThanOrEqual(4);
    for (const steps of transactions)
      for (const { when } of writesOf(steps, 'MEMORY')) expect(when?.name).toBe('versionIs');
  });

  it('an edit of another client during a batch update is not lost', async () => {
    const { service, ids } = await herons();
    const edited = ids[2] ?? '';
    const later = beforeWrite(service, () =>
      updateMemory(service.platform, project, edited, { metadata: { mood: 'calm' } }),
    );

    const outcomes = await updateMemories(
      later,
      project,
      ids.map((id) => ({ id, edit: stork })),
    );

    expect(outcomes).toEqual(ids.map(() => 'updated'));
    const view = (await service.list()).find(({ id }) => id === edited);
    expect(view).toMatchObject({ ...stork, metadata: { mood: 'calm' }, version: 3 });
  });

  it('large edits are distributed over transactions by their size', async () => {
    const { service, ids } = await herons(40);
    const blob = 'x'.repeat(60_000);

    const transactions = await memoryWrites(service, (actor) =>
      updateMemories(
        actor,
        project,
        ids.map((id) => ({ id, edit: { metadata: { blob } } })),
      ),
    );

    for (const steps of transactions)
      expect(JSON.stringify(steps).length).toBeLessThanOrEqual(3_100_000);
    expect(transactions.flatMap((steps) => writesOf(steps, 'MEMORY'))).toHaveLength(40);
  });

  it('a search finds every text of a batch update at once', async () => {
    const { service, ids } = await herons();
    const texts = ids.map((_, number) => `A stork nests on tower ${number}.`);

    await updateMemories(
      service.platform,
      project,
      ids.map((id, number) => ({ id, edit: { text: texts[number] ?? '' } })),
    );

    expect(textsOf(await service.search('stork')).toSorted()).toEqual(texts);
  });
});
