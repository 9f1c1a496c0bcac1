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
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { failing, rewriting } from '../../support/scripted-model.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const porto = { text: 'Lives in Porto.' };

const learnt = async (entities = alice) => {
  const service = openCoreFixture();
  const [id = ''] = await service.learn('I live in Lisbon.', entities);
  return { service, id };
};

const transactionsOf = async (
  service: CoreFixture,
  act: (actor: FullPlatform) => Promise<unknown>,
) => {
  const transactions: (readonly Step[])[] = [];
  await act(service.intercepted({ before: ({ steps }) => transactions.push(steps) }));
  return transactions.filter((steps) => steps.length > 0);
};

const kindsOf = (steps: readonly Step[] = []) =>
  steps.map(({ op, key }) => `${op} ${key.kind}`).sort();

/** Platform of a writer; runs the given action once, right before its first write of a memory. */
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

describe('an edit of a memory', () => {
  it('an edit is one transaction: memory, revision, a pointer per entity, outbox, event', async () => {
    const { service, id } = await learnt(everyone);

    const transactions = await transactionsOf(service, (actor) =>
      updateMemory(actor, project, id, porto),
    );

    const pointers = Array.from({ length: 4 }, () => 'put RECENT');
    expect(transactions.map(kindsOf)).toEqual([
      ['put EVENT', 'put MEMORY', 'put OUTBOX', ...pointers, 'put REV'],
    ]);
  });

  it('an edit makes the next version, due for the index, and publishes both texts', async () => {
    const { service, id } = await learnt();

    const updated = await updateMemory(service.platform, project, id, porto);

    expect(updated).toMatchObject({ outcome: 'updated', memory: { ...porto, version: 2 } });
    const memory = await service.store.get(memoryKey(project, id));
    expect(memory).toMatchObject({ ...porto, version: 2, dueAt: expect.any(Number) });
    expect(
      await service.store.get(outboxKey(project, scopeOf(alice), writeOutboxId(id, 2))),
    ).toMatchObject({
      facts: [{ type: 'memory_update', text: porto.text, previousText: expect.any(String) }],
    });
  });

  it('an edit that conflicts with another write is repeated on the new version: neither is lost', async () => {
    const { service, id } = await learnt();
    const later = beforeWrite(service, () =>
      updateMemory(service.platform, project, id, { metadata: { mood: 'calm' } }),
    );

    await updateMemory(later, project, id, porto);

    const memory = await service.store.get(memoryKey(project, id));
    expect(memory).toMatchObject({ ...porto, metadata: { mood: 'calm' }, version: 3 });
    const history = await historyOf(service.platform, project, id);
    expect(history?.map(({ type, version }) => [version, type])).toEqual([
      [0, 'SAID'],
      [1, 'ADD'],
      [2, 'UPDATE'],
      [3, 'UPDATE'],
    ]);
  });

  it('an edit that conflicts with a deletion finds nothing to change', async () => {
    const { service, id } = await learnt();
    const later = beforeWrite(service, () => deleteMemory(service.platform, project, id));

    const updated = await updateMemory(later, project, id, porto);

    expect(updated).toEqual({ outcome: 'not_found' });
    expect(await service.list()).toEqual([]);
  });

  it('ten concurrent edits make ten versions', async () => {
    const { service, id } = await learnt();

    const edits = Array.from({ length: 10 }, (_, n) =>
      updateMemory(service.platform, project, id, { text: `Lives in house ${n}.` }),
    );
    await Promise.all(edits);

    expect(await service.store.get(memoryKey(project, id))).toMatchObject({ version: 11 });
    expect(await historyOf(service.platform, project, id)).toHaveLength(12);
  });

  it('a memory has one recent pointer, however often it is edited', async () => {
    const { service, id } = await learnt();

    for (const text of ['one', 'two', 'three'])
      await updateMemory(service.platform, project, id, { text });

    const pointers = service.rows('RECENT').filter(({ item }) => 'memory' in item);
    const { pointer = '' } = (await service.store.get(memoryKey(project, id))) ?? {};
    expect(pointers.map(({ key }) => key).sort((a, b) => (a.pk < b.pk ? -1 : 1))).toEqual(
      recentKeys(project, { entities: alice }, pointer).sort((a, b) => (a.pk < b.pk ? -1 : 1)),
    );
  });

  it('the next refinement decides on the edited text', async () => {
    const { service, id } = await learnt();
    await updateMemory(service.platform, project, id, porto);
    service.model.requests.length = 0;
    service.model.next(rewriting('Porto', 'Lives in Faro.'));

    await service.learn('I live in Faro now.');

    expect(service.model.requests[0]?.memories.map(({ text }) => text)).toEqual([porto.text]);
    expect(textsOf(await service.list())).toEqual(['Lives in Faro.']);
    expect(await service.store.get(memoryKey(project, id))).toMatchObject({ version: 3 });
  });

  it('an edit of an immutable memory is refused', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.', alice, { options: { infer: true, immutable: true } });
    await service.refine();
    const [memory] = await service.list();

    const updated = await updateMemory(service.platform, project, memory?.id ?? '', porto);

    expect(updated).toEqual({ outcome: 'immutable' });
  });
});

describe('a deletion of a memory', () => {
  it('a deletion starts with one transaction and ends with another, which unlists the memory', async () => {
    const { service, id } = await learnt(everyone);

    const all = await transactionsOf(service, (actor) => deleteMemory(actor, project, id));

    const listings = Array.from({ length: 4 }, () => 'delete LISTED');
    expect(kindsOf(all.at(0))).toEqual(['put EVENT', 'put MEMORY', 'put OUTBOX', 'put REV']);
    expect(kindsOf(all.at(-1))).toEqual([...listings, 'update MEMORY']);
    expect(await service.store.get(memoryKey(project, id))).toMatchObject({
      state: 'deleted',
      text: '',
      version: 2,
    });
  });

  it('a deletion that conflicts with an edit is repeated on the new version', async () => {
    const { service, id } = await learnt();
    const later = beforeWrite(service, () => updateMemory(service.platform, project, id, porto));

    expect(await deleteMemory(later, project, id)).toBe('deleted');

    expect(await service.list()).toEqual([]);
    expect(service.kindsSaying('Porto')).toEqual([]);
  });

  it('ten concurrent deletions of a memory delete it once', async () => {
    const { service, id } = await learnt();

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => deleteMemory(service.platform, project, id)),
    );

    expect(answers.filter((answer) => answer === 'deleted')).toHaveLength(1);
    expect(await service.store.get(memoryKey(project, id))).toMatchObject({ version: 2 });
  });

  it('a deleted memory is not found, and its history has no texts', async () => {
    const { service, id } = await learnt();

    await deleteMemory(service.platform, project, id);

    expect(await getMemory(service.platform, project, id)).toBeUndefined();
    const history = await historyOf(service.platform, project, id);
    expect(history?.map(({ type }) => type)).toEqual(['SAID', 'ADD', 'DELETE']);
    expect(JSON.stringify(history)).not.toContain('Lisbon');
  });
});

describe('a rough memory', () => {
  it('the id of a rough memory lives on as that of the memory it becomes', async () => {
    const service = openCoreFixture();
    const { turn, event } = await service.add('I live in Lisbon.');

    const before = await getMemory(service.platform, project, turn);
    await service.refine();
    const after = await getMemory(service.platform, project, turn);

    expect(before).toMatchObject({ id: turn, rough: true, event, text: 'user: I live in Lisbon.' });
    expect(after).toMatchObject({ id: turn, rough: false, text: 'Learnt: I live in Lisbon.' });
    expect(await service.list()).toMatchObject([{ id: turn }]);
  });

  it('an edit of a rough memory corrects what was said, and that is what is refined', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');

    const updated = await updateMemory(service.platform, project, turn, porto);
    const before = textsOf(await service.list());
    await service.refine();

    expect(updated).toMatchObject({ outcome: 'updated', memory: { id: turn, rough: true } });
    expect(before).toEqual([`user: ${porto.text}`]);
    expect(textsOf(await service.list())).toEqual([`Learnt: ${porto.text}`]);
  });

  it('a rough memory is deleted by cancelling and erasing its turn', async () => {
    const service = openCoreFixture();
    const { turn, event } = await service.add('I live in Lisbon.');

    const deleted = await deleteMemory(service.platform, project, turn);
    await service.work();
    await service.settle();

    expect(deleted).toBe('deleted');
    expect((await getEvent(service.platform, project, event))?.status).toBe('CANCELLED');
    expect(await getMemory(service.platform, project, turn)).toBeUndefined();
    expect(await service.list()).toEqual([]);
    expect(service.model.requests).toEqual([]);
    expect(service.kindsSaying('Lisbon')).toEqual([]);
  });

  it('a failed rough memory is deleted and erased, also from the index', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    service.model.next(failing(new RetryableError('down', 'The model is down.')));
    const { turn } = await service.add('I live in Lisbon.');
    await service.refine();
    await service.work();
    const before = service.kindsSaying('Lisbon');

    const deleted = await deleteMemory(service.platform, project, turn);
    await service.settle();

    expect(before).toEqual(['TURN', 'vector']);
    expect(deleted).toBe('deleted');
    expect(await service.list()).toEqual([]);
    expect(service.kindsSaying('Lisbon')).toEqual([]);
  });

  it('a rough memory refined while it is being deleted is deleted as the memory it became', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');
    let hasHappened = false;
    const later = service.intercepted({
      before: async ({ steps }) => {
        if (steps.length === 0 || hasHappened) return;
        hasHappened = true;
        await service.refine();
      },
    });

    expect(await deleteMemory(later, project, turn)).toBe('deleted');
    expect(await service.list()).toEqual([]);
  });
});

describe('ids of another project', () => {
  it('memories of another project are not found', async () => {
    const { service, id } = await learnt();

    expect(await getMemory(service.platform, 'proj_2', id)).toBeUndefined();
    expect(await historyOf(service.platform, 'proj_2', id)).toBeUndefined();
    expect(await deleteMemory(service.platform, 'proj_2', id)).toBe('not_found');
    const updated = await updateMemory(service.platform, 'proj_2', id, porto);
    expect(updated).toEqual({ outcome: 'not_found' });
    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
  });
});
