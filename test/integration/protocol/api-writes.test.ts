import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import { memoryKey, outboxKey, recentKeys } from '../../../shared/domain/table/keys.ts';
import { writeOutboxId } from '../../../shared/domain/webhooks/outbox.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, rewriting } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const porto = { text: 'Lives in Porto.' };

const learnt = async (entities = alice) => {
  const world = openWorld();
  const [id = ''] = await world.learn('I live in Lisbon.', entities);
  return { world, id };
};

const transactionsOf = async (world: World, act: (who: FullPlatform) => Promise<unknown>) => {
  const transactions: (readonly Step[])[] = [];
  await act(world.intercepted({ before: ({ steps }) => transactions.push(steps) }));
  return transactions.filter((steps) => steps.length > 0);
};

const kindsOf = (steps: readonly Step[] = []) =>
  steps.map(({ op, key }) => `${op} ${key.kind}`).sort();

/** Someone before whose first write of a memory something else happens. */
const beforeWrite = (world: World, act: () => unknown) => {
  let hasHappened = false;
  return world.intercepted({
    before: async ({ steps }) => {
      if (writesOf(steps, 'MEMORY').length === 0 || hasHappened) return;
      hasHappened = true;
      await act();
    },
  });
};

describe('an edit of a memory', () => {
  it('is one transaction: memory, revision, a pointer per entity, outbox', async () => {
    const { world, id } = await learnt(everyone);

    const transactions = await transactionsOf(world, (who) =>
      updateMemory(who, project, id, porto),
    );

    const pointers = Array.from({ length: 4 }, () => 'put RECENT');
    expect(transactions.map(kindsOf)).toEqual([
      ['put MEMORY', 'put OUTBOX', ...pointers, 'put REV'],
    ]);
  });

  it('makes the next version, due for the index, and is told with both texts', async () => {
    const { world, id } = await learnt();

    const updated = await updateMemory(world.platform, project, id, porto);

    expect(updated).toMatchObject({ outcome: 'updated', memory: { ...porto, version: 2 } });
    const memory = await world.store.get(memoryKey(project, id));
    expect(memory).toMatchObject({ ...porto, version: 2, dueAt: world.clock.now() });
    expect(
      await world.store.get(outboxKey(project, scopeOf(alice), writeOutboxId(id, 2))),
    ).toMatchObject({
      facts: [{ type: 'memory_update', text: porto.text, previousText: expect.any(String) }],
    });
  });

  it('meets a write that came between by reading again: neither is lost', async () => {
    const { world, id } = await learnt();
    const later = beforeWrite(world, () =>
      updateMemory(world.platform, project, id, { metadata: { mood: 'calm' } }),
    );

    await updateMemory(later, project, id, porto);

    const memory = await world.store.get(memoryKey(project, id));
    expect(memory).toMatchObject({ ...porto, metadata: { mood: 'calm' }, version: 3 });
    const history = await historyOf(world.platform, project, id);
    expect(history?.map(({ type, version }) => [version, type])).toEqual([
      [1, 'ADD'],
      [2, 'UPDATE'],
      [3, 'UPDATE'],
    ]);
  });

  it('that meets a deletion finds nothing to change', async () => {
    const { world, id } = await learnt();
    const later = beforeWrite(world, () => deleteMemory(world.platform, project, id));

    const updated = await updateMemory(later, project, id, porto);

    expect(updated).toEqual({ outcome: 'not_found' });
    expect(await world.list()).toEqual([]);
  });

  it('ten at once make ten versions', async () => {
    const { world, id } = await learnt();

    const edits = Array.from({ length: 10 }, (_, n) =>
      updateMemory(world.platform, project, id, { text: `Lives in house ${n}.` }),
    );
    await Promise.all(edits);

    expect(await world.store.get(memoryKey(project, id))).toMatchObject({ version: 11 });
    expect(await historyOf(world.platform, project, id)).toHaveLength(11);
  });

  it('leaves one pointer, however often it is edited', async () => {
    const { world, id } = await learnt();

    for (const text of ['one', 'two', 'three'])
      await updateMemory(world.platform, project, id, { text });

    const pointers = world.rows('RECENT').filter(({ item }) => 'memory' in item);
    const { pointer = '' } = (await world.store.get(memoryKey(project, id))) ?? {};
    expect(pointers.map(({ key }) => key).sort((a, b) => (a.pk < b.pk ? -1 : 1))).toEqual(
      recentKeys(project, { entities: alice }, pointer).sort((a, b) => (a.pk < b.pk ? -1 : 1)),
    );
  });

  it('is what the next refinement decides on', async () => {
    const { world, id } = await learnt();
    await updateMemory(world.platform, project, id, porto);
    world.model.requests.length = 0;
    world.model.next(rewriting('Porto', 'Lives in Faro.'));

    await world.learn('I live in Faro now.');

    expect(world.model.requests[0]?.memories.map(({ text }) => text)).toEqual([porto.text]);
    expect(textsOf(await world.list())).toEqual(['Lives in Faro.']);
    expect(await world.store.get(memoryKey(project, id))).toMatchObject({ version: 3 });
  });

  it('of an immutable memory is refused', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.', alice, { options: { infer: true, immutable: true } });
    await world.refine();
    const [memory] = await world.list();

    const updated = await updateMemory(world.platform, project, memory?.id ?? '', porto);

    expect(updated).toEqual({ outcome: 'immutable' });
  });
});

describe('a deletion of a memory', () => {
  it('begins with one transaction: tombstone, revision, listings, outbox', async () => {
    const { world, id } = await learnt(everyone);

    const [first] = await transactionsOf(world, (who) => deleteMemory(who, project, id));

    const listings = Array.from({ length: 4 }, () => 'delete FILED');
    expect(kindsOf(first)).toEqual([...listings, 'put MEMORY', 'put OUTBOX', 'put REV']);
    expect(await world.store.get(memoryKey(project, id))).toMatchObject({
      state: 'deleted',
      text: '',
      version: 2,
    });
  });

  it('meets an edit that came between by reading again', async () => {
    const { world, id } = await learnt();
    const later = beforeWrite(world, () => updateMemory(world.platform, project, id, porto));

    expect(await deleteMemory(later, project, id)).toBe('deleted');

    expect(await world.list()).toEqual([]);
    expect(world.kindsSaying('Porto')).toEqual([]);
  });

  it('of one at once by ten deletes it once', async () => {
    const { world, id } = await learnt();

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => deleteMemory(world.platform, project, id)),
    );

    expect(answers.filter((answer) => answer === 'deleted')).toHaveLength(1);
    expect(await world.store.get(memoryKey(project, id))).toMatchObject({ version: 2 });
  });

  it('leaves nothing to get, and a history without texts', async () => {
    const { world, id } = await learnt();

    await deleteMemory(world.platform, project, id);

    expect(await getMemory(world.platform, project, id)).toBeUndefined();
    const history = await historyOf(world.platform, project, id);
    expect(history?.map(({ type }) => type)).toEqual(['ADD', 'DELETE']);
    expect(JSON.stringify(history)).not.toContain('Lisbon');
  });
});

describe('a rough memory', () => {
  it('is got by the id of its turn; once applied, that id tells what it became', async () => {
    const world = openWorld();
    const { turn, event } = await world.add('I live in Lisbon.');

    const before = await getMemory(world.platform, project, turn);
    await world.refine();
    const after = await getMemory(world.platform, project, turn);

    const [memory] = await world.list();
    expect(before).toMatchObject({
      found: 'memory',
      memory: { id: turn, rough: true, event, text: 'user: I live in Lisbon.' },
    });
    expect(after).toEqual({ found: 'refined', memories: [memory?.id] });
  });

  it('cannot be edited while it waits to be refined', async () => {
    const world = openWorld();
    const { turn } = await world.add('I live in Lisbon.');

    const updated = await updateMemory(world.platform, project, turn, porto);

    expect(updated).toEqual({ outcome: 'being_refined' });
    expect(textsOf(await world.list())).toEqual(['user: I live in Lisbon.']);
  });

  it('is deleted by cancelling and erasing its turn', async () => {
    const world = openWorld();
    const { turn, event } = await world.add('I live in Lisbon.');

    const deleted = await deleteMemory(world.platform, project, turn);
    await world.work();
    await world.settle();

    expect(deleted).toBe('deleted');
    expect((await getEvent(world.platform, project, event))?.status).toBe('CANCELLED');
    expect(await getMemory(world.platform, project, turn)).toBeUndefined();
    expect(await world.list()).toEqual([]);
    expect(world.model.requests).toEqual([]);
    expect(world.kindsSaying('Lisbon')).toEqual([]);
  });

  it('that failed is deleted and erased, too, index and all', async () => {
    const world = openWorld({ refineSchedule: [] });
    world.model.next(failing(new RetryableError('down', 'The model is down.')));
    const { turn } = await world.add('I live in Lisbon.');
    await world.refine();
    await world.work();
    const before = world.kindsSaying('Lisbon');

    const deleted = await deleteMemory(world.platform, project, turn);
    await world.settle();

    expect(before).toEqual(['TURN', 'vector']);
    expect(deleted).toBe('deleted');
    expect(await world.list()).toEqual([]);
    expect(world.kindsSaying('Lisbon')).toEqual([]);
  });

  it('that is applied while it is being deleted is not found any more under its old id', async () => {
    const world = openWorld();
    const { turn } = await world.add('I live in Lisbon.');
    let hasHappened = false;
    const later = world.intercepted({
      before: async ({ steps }) => {
        if (steps.length === 0 || hasHappened) return;
        hasHappened = true;
        await world.refine();
      },
    });

    expect(await deleteMemory(later, project, turn)).toBe('not_found');
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });
});

describe('ids of others', () => {
  it('are not found', async () => {
    const { world, id } = await learnt();

    expect(await getMemory(world.platform, 'proj_2', id)).toBeUndefined();
    expect(await historyOf(world.platform, 'proj_2', id)).toBeUndefined();
    expect(await deleteMemory(world.platform, 'proj_2', id)).toBe('not_found');
    const updated = await updateMemory(world.platform, 'proj_2', id, porto);
    expect(updated).toEqual({ outcome: 'not_found' });
    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
  });
});
