import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPineconeVectorIndex } from '../../shared/adapters/pinecone/vector-index.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { reindexIfChanged } from '../../shared/core/jobs/reindex.ts';
import { eventKey, projectKey, settingKey } from '../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../support/core-fixture.ts';
import { startPineconeServer } from '../support/pinecone-server/server.ts';
import { proposing, rewriting } from '../support/scripted-model.ts';

let server: Awaited<ReturnType<typeof startPineconeServer>>;
beforeEach(async () => {
  server = await startPineconeServer({ apiKey: 'a key', dimension: 64 });
});
afterEach(() => server.close());

const indexOf = (buckets: number) =>
  createPineconeVectorIndex({
    apiKey: 'a key',
    host: server.url,
    buckets,
    dimension: 64,
    clock: systemClock,
  });

const open = async () => {
  const service = openCoreFixture({ vectorIndex: indexOf(4) });
  const record = { id: project, organization: 'o', name: 'p', createdAt: 0 };
  await service.store.transact([{ op: 'put', key: projectKey(project), item: record }]);
  return service;
};

const onBuckets = (service: CoreFixture, buckets: number): FullPlatform => ({
  ...service.platform,
  vectorIndex: indexOf(buckets),
});

const check = (platform: FullPlatform) =>
  reindexIfChanged(platform, {
    embedder: platform.embedder.model,
    layout: platform.vectorIndex.layout,
  });

const stored = () => server.namespaces().filter((name) => server.sizeOf(name) > 0);

describe('a table with the words of an index on S3 Vectors', () => {
  it.each([undefined, 'pinecone-4'])(
    'is refused by the layout %s, which would not erase them',
    async (layout) => {
      const service = await open();
      const embedder = service.platform.embedder.model;
      await reindexIfChanged(service.platform, { embedder, layout: 's3v1-n4-vectors' });

      await expect(reindexIfChanged(service.platform, { embedder, layout })).rejects.toThrow(
        'set TURNSTONE_INDEX=s3vectors',
      );
      await expect(
        reindexIfChanged(service.platform, { embedder, layout: 's3v1-n8-vectors' }),
      ).resolves.toHaveLength(1);
    },
  );
});

describe('another number of buckets', () => {
  it('a new bucket count reindexes all memories once and clears the former namespaces', async () => {
    const service = await open();
    const before = onBuckets(service, 4);
    const first = await check(before);
    for (const user of ['ann', 'bo', 'cy']) {
      await service.add(`I am ${user} of Lisbon.`, { user });
      await service.refine({ user }, before);
    }
    await service.settle();
    const former = stored();

    const after = onBuckets(service, 16);
    const [event = '', ...others] = await check(after);
    const again = await check(after);
    await service.work(after);
    await service.clock.advance(61_000);
    const found = await service.search('Lisbon', { user: 'bo' }, after);

    expect(first).toEqual([]);
    expect([others, again]).toEqual([[], []]);
    expect(former.every((name) => name.startsWith(`${project}-r2-b4-`))).toBe(true);
    expect(stored()).not.toEqual([]);
    expect(stored().every((name) => name.startsWith(`${project}-r2-b16-`))).toBe(true);
    expect(textsOf(found)).toEqual(['Learnt: I am bo of Lisbon.']);
    expect(await service.store.get(eventKey(project, event))).toMatchObject({
      status: 'SUCCEEDED',
      counts: { memories: 3 },
    });
  });

  it('a new bucket count reindexes messages and what is no longer true', async () => {
    const service = await open();
    const before = onBuckets(service, 4);
    await check(before);
    service.model.next(proposing());
    const { turn: said } = await service.add('Orchids are poisonous.');
    await service.refine(alice, before);
    const { turn: memory } = await service.add('I live in Berlin.');
    await service.refine(alice, before);
    service.model.next(rewriting('Berlin', 'Alice lives in Lisbon.'));
    await service.add('From Berlin to Lisbon.');
    await service.refine(alice, before);
    await service.settle();

    const after = onBuckets(service, 16);
    await check(after);
    await service.work(after);
    await service.clock.advance(61_000);
    const messages = await service.search('orchids', alice, after);
    const closed = await service.search('Where did she live before? Berlin', alice, after);

    expect(messages.map(({ id }) => id)).toContain(`${said}.m0`);
    expect(closed.map(({ id }) => id)).toContain(`${memory}.v1`);
  });

  it('the layout is stored with the embedder, and a missing layout does not cause reindexing', async () => {
    const service = await open();

    const events = await check(onBuckets(service, 4));

    expect(events).toEqual([]);
    expect(await service.store.get(settingKey('index-layout'))).toEqual({ value: 'r2-b4' });
    expect(await service.store.get(settingKey('embedder'))).toEqual({ value: 'plain-64' });
  });
});

describe('another embedder', () => {
  it('a new embedder causes reindexing in an index without a layout, too', async () => {
    const service = await open();
    const used = (embedder: string) => reindexIfChanged(service.platform, { embedder });

    const events = [await used('one'), await used('one'), await used('other'), await used('other')];

    expect(events.map(({ length }) => length)).toEqual([0, 0, 1, 0]);
  });
});
