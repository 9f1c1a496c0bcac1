import { expect, it } from 'vitest';
import { reindexPage } from '../../../shared/core/jobs/reindex-page.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import type { Job } from '../../../shared/domain/table/items.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import type { VectorIndex } from '../../../shared/ports/vector-index.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';

const job: Job = {
  id: 'reindex',
  project,
  kind: 'reindex',
  match: {},
  before: 'reindex',
  partitions: ['project'],
  counts: { memories: 0, turns: 0 },
  formerLayout: 'the former layout',
};

/** Makes all memories due to be indexed again; `index` is that of the page, which also indexes them if it can. */
const reindex = async (service: CoreFixture, index: VectorIndex) => {
  let cursor: string | undefined;
  do {
    const page = await reindexPage({ ...service.platform, vectorIndex: index }, job, cursor);
    cursor = page.cursor;
  } while (cursor !== undefined);
};

/** An index that is down for memories, and takes messages. */
const withoutMemories = (index: VectorIndex): VectorIndex => ({
  ...index,
  upsert: async (of, entries) => {
    if (entries.some((entry) => entry.class === 'memory'))
      throw new RetryableError('index_unavailable', 'It is down.');
    await index.upsert(of, entries);
  },
});

const endsReads = (steps: readonly Step[]): boolean =>
  writesOf(steps, 'MEMORY').some((step) => step.op === 'update' && step.remove.includes('dueAt'));
const records = (steps: readonly Step[]): boolean =>
  writesOf(steps, 'MEMORY').some((step) => step.op === 'update' && 'indexedVersion' in step.set);

/** Lets all be made due again before such a write of a worker, which then ends, and others go on. Returns whether the index has the memory. */
const reindexBefore = async (
  isWrite: (steps: readonly Step[]) => boolean,
  ofPage: (index: VectorIndex) => VectorIndex,
  ofWorker: Partial<VectorIndex> = {},
): Promise<boolean> => {
  const service = openCoreFixture();
  const { turn } = await service.add('A heron nests.');
  let isReindexed = false;
  const actor = service.intercepted({
    before: async ({ steps }) => {
      if (isReindexed || !isWrite(steps)) return;
      isReindexed = true;
      service.index.shown.clear();
      await reindex(service, ofPage(service.index));
    },
  });
  const worker = { ...actor, vectorIndex: { ...service.index, ...ofWorker } };
  await service.refine(undefined, worker);
  for (let minute = 0; minute < 10 && !isReindexed; minute++) {
    await service.clock.advance(61_000);
    await sweep(service.platform);
    let hint = service.hints.take();
    for (; hint && !isReindexed; hint = service.hints.take()) await service.perform(hint, worker);
  }
  expect(isReindexed).toBe(true);

  await service.settle();

  const memory = await service.store.get(memoryKey(project, turn));
  expect(memory).not.toHaveProperty('dueAt');
  return service.index.shown.has(vectorId(turn, memory?.version ?? 0));
};

/** The index of a worker that still has the former layout. */
const former: Partial<VectorIndex> = {
  isInStore: true,
  upsert: async () => {},
  areVisible: async (_, entries) => entries.map(() => true),
};

it('a memory that is to be indexed again is, though a worker that read it before ends direct reads of it', async () => {
  expect(await reindexBefore(endsReads, withoutMemories)).toBe(true);
});

it('a memory that is to be indexed again is, though a worker that read it before has indexed it in the former layout', async () => {
  expect(await reindexBefore(records, withoutMemories, former)).toBe(true);
});

it('the entry of a memory that was indexed again stays when a worker that read it before cannot record its own', async () => {
  const inStore = { isInStore: true };

  expect(await reindexBefore(records, (index) => ({ ...index, ...inStore }), inStore)).toBe(true);
});
