import { afterEach, expect, test } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import { writeMemories } from '../../bench/erase-data.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// Lists whose ids the process keeps: each page must be the one that a process without any kept list returns.
let service = openCoreFixture();
afterEach(async () => {
  await service.platform.store.close();
  service = openCoreFixture();
});

const ofAlice: Filter = { entity: 'user', is: 'alice' };
const filters: Filter[] = [
  ofAlice,
  { all: [ofAlice, { none: [{ category: 'kept out', match: 'is' }] }] },
  { all: [ofAlice, { text: 'tea', ignoreCase: true }] },
  { any: [ofAlice, { entity: 'user', is: 'bob' }] },
  { entity: 'user', is: '*' },
];

const pagesOf = async (filter: Filter, actor = service.platform) => {
  const page = (skip: number, validity: 'now' | 'ever') =>
    listMemories(actor, project, { filter, skip, limit: 3, validity });
  return Promise.all([page(0, 'now'), page(2, 'now'), page(0, 'ever')]);
};

/** Compares all pages with those of a process that keeps nothing yet. */
const expectFreshPages = async (): Promise<void> => {
  for (const filter of filters) {
    const kept = await pagesOf(filter);
    const caches = { recordedEntities: new Set<string>(), entryVectors: new Map() };
    expect(kept).toEqual(await pagesOf(filter, { ...service.platform, caches }));
  }
};

test('pages of kept lists follow adds, refinements, edits, deletions, delete-alls and expiration dates', async () => {
  await expectFreshPages();
  const [first = ''] = await service.learn('Alice likes tea.');
  const [second = ''] = await service.learn('Alice likes trains.');
  await service.learn('Bob likes tea, too.', { user: 'bob' });
  await expectFreshPages();
  await service.add('Alice is still rough.');
  await expectFreshPages();
  await service.refine();
  await expectFreshPages();
  await updateMemory(service.platform, project, first, { text: 'Alice likes coffee.' });
  await expectFreshPages();
  await service.settle();
  await expectFreshPages();
  await updateMemory(service.platform, project, second, { text: 'Alice likes tea as well.' });
  await expectFreshPages();
  await deleteMemory(service.platform, project, first);
  await expectFreshPages();
  const { turn } = await service.add('Alice is here until tomorrow.', alice, {
    options: { infer: true, expiresOn: new Date(service.clock.now()).toISOString().slice(0, 10) },
  });
  await service.refine();
  await expectFreshPages();
  const ofToday = await listMemories(service.platform, project, {
    filter: ofAlice,
    skip: 0,
    limit: 10,
  });
  await service.clock.advance(2 * dayMs);
  await expectFreshPages();
  const later = await listMemories(service.platform, project, {
    filter: ofAlice,
    skip: 0,
    limit: 10,
  });
  expect(ofToday.memories.map(({ id }) => id)).toContain(turn);
  expect(later.total).toBe(ofToday.total - 1);
  await forget(service);
  await expectFreshPages();
  await service.learn('Alice came back for tea.');
  await service.settle();
  await expectFreshPages();
});

test('a further page of a large list reads no memory but its own and those that changed', async () => {
  await writeMemories(service.platform, project, 'alice', { count: 600, perTurn: 3 });
  const read: string[] = [];
  const platform = service.intercepted({
    before: ({ keys }) => void read.push(...keys.filter(({ sk }) => sk === 'MEMORY').map(String)),
  });
  const page = (skip: number) =>
    listMemories(platform, project, { filter: ofAlice, skip, limit: 20 });
  const first = await page(0);
  read.length = 0;

  const deep = await page(500);
  const count = read.length;
  await deleteMemory(service.platform, project, first.memories[0]?.id ?? '');
  const after = await page(0);

  expect([first.total, deep.total, after.total]).toEqual([600, 600, 599]);
  expect(count).toBe(20);
  expect(after.memories[0]?.id).toBe(first.memories[1]?.id);
});

test('a list has what another process wrote, from the next request on', async () => {
  const folder = temporaryFolder();
  const [mine, theirs] = [1, 2].map(() =>
    openCoreFixture({ path: folder.file('turnstone.db') }),
  ) as [CoreFixture, CoreFixture];
  await mine.learn('Alice likes tea.');
  await mine.list();

  await theirs.learn('Alice likes trains.');
  const listed = await mine.list();

  expect(textsOf(listed)).toHaveLength(2);
  await mine.store.close();
  await theirs.store.close();
  folder.remove();
});
