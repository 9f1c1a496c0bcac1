import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { IndexAttributes, Job } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { deletedBy } from '../cutoffs.ts';
import { closedTombstoneWrites, tombstoneWrites } from '../erasure/tombstone.ts';
import { enqueueHints } from '../hints.ts';
import { publishStaged } from '../indexing/publish-staged.ts';
import { removeDeleted } from '../indexing/remove-deleted.ts';
import type { JobCounter } from './job-counter.ts';

/** Memories that are deleted and erased together: one part is erased while others are deleted. */
const memoriesPerPart = 250;
const partsInFlight = 3;

type Found = Memory & IndexAttributes;

/** Reads the memories that the job's delete-all covers. */
const readCovered = async (
  { store }: Platform,
  { project, match, metadata, before }: Job,
  ids: readonly string[],
): Promise<Found[]> => {
  const names = deletedBy([{ match, before }]);
  const covers = metadata ? deletedBy([{ match, metadata, before }]) : names;
  // A tombstone has lost its metadata: its erasure may have been interrupted.
  const isCovered = (memory: Found): boolean =>
    memory.state === 'deleted' ? names(memory) : covers(memory);
  const items = await store.getMany(ids.map((id) => memoryKey(project, id)));
  return items.flatMap((memory) => (memory && isCovered(memory) ? [memory] : []));
};

const isInterrupted = ({ erasing }: Memory): boolean => erasing === true;

/** Deletes live memories, also the ones that are written meanwhile. Returns the tombstones to erase. */
const deleteLive = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  memories: readonly Memory[],
): Promise<Memory[]> => {
  const tombstones: Memory[] = [];
  let left = memories;
  while (left.length > 0) {
    const writes = left.map((memory) => tombstoneWrites(platform, memory, { event: job.id }));
    const result = await commitTogether(platform, writes, (steps, some) =>
      counter.commit('memories', some.length, steps),
    );
    tombstones.push(...result.committed);
    await enqueueHints(platform, result.outboxes);
    const ids = result.refused.map(({ id }) => id);
    const again = await readCovered(platform, job, ids);
    tombstones.push(...again.filter(isInterrupted));
    left = again.filter(({ state }) => state === 'live');
  }
  return tombstones;
};

/** Deletes closed memories, which are not counted. Returns the tombstones to erase. */
const deleteClosed = async (
  platform: Platform,
  job: Job,
  memories: readonly Memory[],
): Promise<Memory[]> => {
  const tombstones: Memory[] = [];
  let left = memories;
  while (left.length > 0) {
    const writes = left.map((memory) => closedTombstoneWrites(platform, memory));
    const { committed, refused } = await commitTogether(platform, writes);
    tombstones.push(...committed);
    const ids = refused.map(({ id }) => id);
    const again = await readCovered(platform, job, ids);
    tombstones.push(...again.filter(isInterrupted));
    left = again.filter(({ state }) => state === 'closed');
  }
  return tombstones;
};

const deleteSome = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
): Promise<void> => {
  const { project } = job;
  const covered = await readCovered(platform, job, ids);
  const live = covered.filter(({ state }) => state === 'live');
  // A memory staged by a turn that was cancelled is removed by `publishStaged`.
  const isPublished = await mapConcurrent(live, (memory) => publishStaged(platform, memory));
  const tombstones = await deleteLive(
    platform,
    job,
    counter,
    live.filter((_, index) => isPublished[index]),
  );
  const closed = covered.filter(({ state }) => state === 'closed');
  tombstones.push(...(await deleteClosed(platform, job, closed)));
  // The index holds terms and metadata of the memories, and has to lose them before the job succeeds.
  await removeDeleted(platform, project, [...tombstones, ...covered.filter(isInterrupted)]);
};

/**
 * Deletes and erases listed memories of a delete-all, several in one transaction, and removes them from the index. Safe to
 * repeat after a crash: a memory is counted in the transaction that deletes it, and stays listed until nothing is left of
 * its texts.
 * @throws JobLeaseLost
 */
export const deleteListed = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
): Promise<void> => {
  const parts: string[][] = [];
  for (let at = 0; at < ids.length; at += memoriesPerPart)
    parts.push(ids.slice(at, at + memoriesPerPart));
  await mapConcurrent(parts, (part) => deleteSome(platform, job, counter, part), partsInFlight);
};
