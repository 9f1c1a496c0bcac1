import { describe, expect, it } from 'vitest';
import { acceptInto } from '../../../shared/core/collections/accept-into.ts';
import {
  type AddFileResult,
  addFile,
  getFiles,
  listFiles,
  openCollection,
} from '../../../shared/core/collections/collection-files.ts';
import {
  createCollection,
  deleteCollection,
  maxCollections,
} from '../../../shared/core/collections/collections.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { type CoreFixture, openCoreFixture, project, request } from '../../support/core-fixture.ts';

let service: CoreFixture;

const open = async (): Promise<string> => {
  service = openCoreFixture();
  const created = await createCollection(service.platform, project, { name: 'Handbook' });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return created.id;
};

const file = (text: string) => ({
  name: 'rules.md',
  attachment: { type: 'file', url: 'data:', name: 'rules.md', bytes: Buffer.from(text) },
});

const add = async (
  collection: string,
  actor: FullPlatform = service.platform,
): Promise<AddFileResult> => {
  const opened = await openCollection(actor, project, collection);
  return opened
    ? addFile(actor, project, opened, file('Breakfast is at seven.'))
    : { outcome: 'unknown' };
};

/** Copies a turn into a collection. */
const copy = (collection: string, actor: FullPlatform = service.platform) =>
  acceptInto(actor, project, collection, request('Breakfast is at seven.', { collection }));

/** Adds in one process while another acts before a call of the store, and returns what is left after the collection is deleted. */
const leftAfter = async (
  adding: typeof add | typeof copy,
  at: number,
  paused: 'add' | 'deletion',
  deletes: 'collection' | 'everything' = 'collection',
): Promise<object[]> => {
  const collection = await open();
  const remove = (actor: FullPlatform) =>
    deletes === 'everything'
      ? deleteAll(actor, project, 'everything')
      : deleteCollection(actor, project, collection);
  const other = () =>
    paused === 'add' ? remove(service.platform) : adding(collection, service.platform);
  const actor = service.intercepted({ before: (call) => (call.at === at ? other() : null) });
  if (paused === 'add') await adding(collection, actor);
  await remove(paused === 'add' ? service.platform : actor);
  await service.work();
  await service.settle();
  const kinds = service.kindsSaying('Breakfast').concat(service.kindsSaying('rules.md'));
  const memories = await service.list({ collection });
  return kinds.length + memories.length > 0 ? [{ at, kinds, memories }] : [];
};

/** Number of calls of the store that an add makes. */
const callsOfAdd = async (): Promise<number> => {
  const collection = await open();
  let calls = 0;
  await add(collection, service.intercepted({ before: () => (calls += 1) }));
  return calls;
};

describe('files of a collection', () => {
  it.each([
    ['a file', 'add', add],
    ['a copy', 'add', copy],
    ['a file', 'deletion', add],
    ['a copy', 'deletion', copy],
  ] as const)(
    'nothing of %s is left when its collection is deleted beside it, wherever the %s pauses',
    async (_, paused, adding) => {
      const left: object[] = [];
      for (let at = 0; at <= 8; at += 1) left.push(...(await leftAfter(adding, at, paused)));

      expect(left).toEqual([]);
    },
  );

  it.each([
    ['a file', add],
    ['a copy', copy],
  ] as const)(
    'nothing of %s is left when everything is deleted beside it, wherever the deletion pauses',
    async (_, adding) => {
      const left: object[] = [];
      for (let at = 0; at <= 8; at += 1)
        left.push(...(await leftAfter(adding, at, 'deletion', 'everything')));

      expect(left).toEqual([]);
    },
  );

  it.each([
    ['its collection is', 'collection'],
    ['everything is', 'everything'],
  ] as const)(
    'nothing of a copy is left when %s deleted once while the add pauses, wherever that is',
    async (_, deletes) => {
      const left: object[] = [];
      for (let at = 0; at <= 8; at += 1) {
        const collection = await open();
        const actor = service.intercepted({
          before: async (call) => {
            if (call.at !== at) return;
            if (deletes === 'collection')
              await deleteCollection(service.platform, project, collection);
            else await deleteAll(service.platform, project, 'everything');
          },
        });
        await copy(collection, actor);
        await service.work();
        await service.settle();
        const isDeleted =
          (await openCollection(service.platform, project, collection)) === undefined;
        const kinds = service.kindsSaying('Breakfast');
        if (isDeleted && kinds.length > 0) left.push({ at, kinds });
      }

      expect(left).toEqual([]);
    },
  );

  it('a file is refused when its collection is deleted before the transaction', async () => {
    const collection = await open();
    let isDeleted = false;
    const actor = service.intercepted({
      before: async ({ steps }) => {
        if (isDeleted || !steps.some(({ key }) => key.kind === 'TURN')) return;
        isDeleted = true;
        await deleteCollection(service.platform, project, collection);
      },
    });

    expect(await add(collection, actor)).toEqual({ outcome: 'unknown' });
    expect(isDeleted).toBe(true);
  });

  it('a copy is refused after the deletion of its collection, and shares no item with other copies', async () => {
    const collection = await open();
    const kinds: string[][] = [];
    const actor = service.intercepted({
      before: ({ steps }) => {
        if (steps.some(({ key }) => key.kind === 'TURN'))
          kinds.push(steps.map(({ key }) => key.kind));
      },
    });

    const accepted = await copy(collection, actor);
    await deleteCollection(service.platform, project, collection);
    const refused = await copy(collection, actor);

    expect(accepted).toMatchObject({ outcome: 'accepted' });
    expect(refused).toEqual({ outcome: 'unknown' });
    expect(kinds).toHaveLength(1);
    expect(kinds[0]).not.toContain('ENTITY');
  });

  it('a file that is added again after it failed leaves nothing of the earlier turn', async () => {
    const collection = await open();
    const unread = {
      ...file('x'),
      attachment: { ...file('x').attachment, bytes: Buffer.from([0, 1, 2, 3]) },
    };
    const addUnread = async () => {
      const opened = await openCollection(service.platform, project, collection);
      const added = opened && (await addFile(service.platform, project, opened, unread));
      await service.work();
      await service.settle();
      return added?.outcome === 'added' ? added : undefined;
    };
    const blobs = () => service.rows('TURN').filter(({ item }) => 'blobs' in item);
    const first = await addUnread();
    const [failed] = await getFiles(service.platform, project, [first?.file.id ?? '']);
    const before = blobs().length;
    const second = await addUnread();

    expect(failed).toMatchObject({ status: 'failed' });
    expect(second?.file.id).toBe(first?.file.id);
    expect(second?.event).not.toBe(first?.event);
    expect(before).toBe(1);
    expect(blobs()).toHaveLength(before);
  });

  it('an add that was interrupted anywhere adds the file once when repeated', async () => {
    const calls = await callsOfAdd();
    const wrong: object[] = [];
    for (let at = 0; at < calls; at += 1)
      for (const when of ['before', 'after'] as const) {
        const collection = await open();
        const crash = (call: { at: number }) => {
          if (call.at === at) throw new Error('crash');
        };
        await add(collection, service.intercepted({ [when]: crash })).catch(() => undefined);
        await add(collection);
        await service.work();

        const listed = await listFiles(service.platform, project, collection, {
          skip: 0,
          limit: 10,
        });
        const memories = await service.list({ collection });
        if (listed?.total !== 1 || listed.files[0]?.status !== 'completed' || memories.length !== 1)
          wrong.push({ at, when, listed, memories });
      }

    expect(wrong).toEqual([]);
  });

  it('a file whose event has expired is completed by its memories', async () => {
    const collection = await open();
    const added = await add(collection);
    await service.work();
    const ids = added.outcome === 'added' ? [added.file.id] : [];

    await service.pass(40 * 86_400_000);
    await service.store.purge(service.clock.now());

    const events = service.rows('EVENT');
    expect(events).toEqual([]);
    expect(await getFiles(service.platform, project, ids)).toMatchObject([
      { name: 'rules.md', status: 'completed' },
    ]);
  });

  it('a project has a bounded number of collections', async () => {
    await open();
    for (let made = 1; made < maxCollections; made += 1)
      await createCollection(service.platform, project, { name: 'Further' });

    const refused = await createCollection(service.platform, project, { name: 'One more' });

    expect(refused).toEqual({ outcome: 'full', limit: maxCollections });
  });
});
