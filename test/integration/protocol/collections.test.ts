import { describe, expect, it } from 'vitest';
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
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';

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

/** Number of calls of the store that an add makes. */
const callsOfAdd = async (): Promise<number> => {
  const collection = await open();
  let calls = 0;
  await add(collection, service.intercepted({ before: () => (calls += 1) }));
  return calls;
};

describe('files of a collection', () => {
  it('whenever a collection is deleted during an add, nothing of the file is left', async () => {
    const calls = await callsOfAdd();
    const left: object[] = [];
    for (let at = 0; at <= calls; at += 1) {
      const collection = await open();
      const remove = () => deleteCollection(service.platform, project, collection);
      const actor = service.intercepted({ before: (call) => (call.at === at ? remove() : null) });
      const added = await add(collection, actor);
      await remove();
      await service.work();
      for (let minute = 0; minute < 4; minute += 1) await service.pass(61_000);

      const kinds = service.kindsSaying('Breakfast').concat(service.kindsSaying('rules.md'));
      const memories = await service.list({ collection });
      if (kinds.length > 0 || memories.length > 0) left.push({ at, added, kinds, memories });
    }

    expect(calls).toBeGreaterThan(5);
    expect(left).toEqual([]);
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
