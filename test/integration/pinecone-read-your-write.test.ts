import { afterEach, describe, expect, it } from 'vitest';
import { createPineconeVectorIndex } from '../../shared/adapters/pinecone/vector-index.ts';
import { deleteMemory } from '../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../shared/core/memories/update-memory.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { openCoreFixture, project, textsOf } from '../support/core-fixture.ts';
import { startPineconeServer } from '../support/pinecone-server/server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const lagMs = 30_000;

/** Opens the service on a fake Pinecone that shows every write 30 s later on the clock of the service. */
const open = async () => {
  const clock: Clock = {
    now: () => service.clock.now(),
    sleep: (ms, signal) => service.clock.sleep(ms, signal),
  };
  const server = await startPineconeServer({
    apiKey: 'a key',
    dimension: 64,
    lagMs,
    now: clock.now,
  });
  closers.push(server.close);
  const vectorIndex = createPineconeVectorIndex({
    apiKey: 'a key',
    host: server.url,
    buckets: 4,
    dimension: 64,
    clock,
  });
  const service = openCoreFixture({ vectorIndex });
  return { server, service };
};

const alice = { user: 'alice' };

describe('read-your-writes with an index that lags by 30 s', () => {
  it('a lagging index never shows both a turn and its memory, nor neither of them', async () => {
    const { server, service } = await open();
    const seen: string[][] = [];
    const look = async () => void seen.push(textsOf(await service.search('Where do I live?')));

    await service.add('I live in Lisbon');
    await look();
    await service.refine();
    await look();
    for (let second = 0; second < 240; second += 5) {
      await service.pass(5_000);
      await look();
    }

    const [rough, ...refined] = seen;
    expect(rough).toEqual(['user: I live in Lisbon']);
    expect(new Set(refined.map((texts) => texts.join('|')))).toEqual(
      new Set(['Learnt: I live in Lisbon']),
    );
    expect(service.rows('RECENT')).toEqual([]);
    expect(server.bodiesOf('query').length).toBeGreaterThan(100);
  });

  it('direct reads end only after the index shows the memory', async () => {
    const { service } = await open();
    await service.add('I live in Lisbon');
    await service.refine();

    await service.pass(25_000);
    const early = service.rows('RECENT').length;
    for (let minute = 0; minute < 4; minute++) await service.pass(61_000);

    expect(early).toBeGreaterThan(0);
    expect(service.rows('RECENT')).toEqual([]);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon']);
  });

  it('an edit is visible at once, and the former text never, although the index still has it', async () => {
    const { service } = await open();
    const [id = ''] = await service.learn('I live in Lisbon');
    for (let minute = 0; minute < 4; minute++) await service.pass(61_000);

    await updateMemory(service.platform, project, id, { text: 'Lives in Porto' });
    const seen: string[][] = [];
    for (let second = 0; second < 200; second += 10) {
      seen.push(textsOf(await service.search('Lisbon Porto')));
      await service.pass(10_000);
    }

    expect(new Set(seen.flat())).toEqual(new Set(['Lives in Porto']));
    expect(seen.every((texts) => texts.length === 1)).toBe(true);
  });

  it('a deleted memory never reappears while the index lags', async () => {
    const { server, service } = await open();
    const [id = ''] = await service.learn('I live in Lisbon', { ...alice, run: 'r' });
    for (let minute = 0; minute < 4; minute++) await service.pass(61_000);
    const stored = server.namespaces().map(server.sizeOf);

    await deleteMemory(service.platform, project, id);
    const seen: string[][] = [];
    for (let second = 0; second < 60; second += 10) {
      seen.push(textsOf(await service.search('Lisbon')));
      await service.pass(10_000);
    }

    expect(stored.some((size) => size > 0)).toBe(true);
    expect(seen.flat()).toEqual([]);
    expect(server.namespaces().map(server.sizeOf)).toEqual(stored.map(() => 0));
  });
});
