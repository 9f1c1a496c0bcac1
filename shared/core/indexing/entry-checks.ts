import type { Memory } from '../../domain/memory/memory.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { closedKeys, listingKeys, memoryKey, recentKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Submission } from '../../ports/queue.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { entryIsOf } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { put, remove, update } from '../steps.ts';
import { directReadGraceMs, oldEntriesGraceMs } from './index-delays.ts';
import { oldVersionEntries } from './old-versions.ts';

/** Interval of polling until the index shows an entry. */
export const pollIntervalMs = 10_000;

/** A memory, live or closed, with its due time. */
export type DueMemory = Memory & { dueAt?: number };

const removeOldVersions = async (platform: Platform, memory: Memory): Promise<void> => {
  const entries = oldVersionEntries(memory);
  if (entries.length > 0) await platform.vectorIndex.remove(memory.project, entries);
};

const pointersOf = (memory: Memory) =>
  memory.pointer === undefined ? [] : recentKeys(memory.project, memory, memory.pointer);

/** Replaces the listing entries of a memory that a turn took back. Until then readers see by its state that it is closed. */
const moveToClosed = (memory: Memory): Step[] => [
  ...listingKeys(memory.project, memory, memory.id).map((key) => remove(key)),
  ...closedKeys(memory.project, memory, memory.id).map((key) => put(key, { memory: memory.id })),
];

/** The writes that end direct reads of a memory, with other changes of the memory. */
export const endOfDirectReads = (memory: DueMemory, changes: Partial<Memory> = {}): Step[] => {
  const { project, id, version } = memory;
  const indexed = { ...changes, oldestIndexedVersion: version };
  return [
    update(memoryKey(project, id), indexed, entryIsOf(memory), ['vector', 'dueAt', 'pointer']),
    ...pointersOf(memory).map((key) => remove(key)),
    ...(memory.state === 'closed' ? moveToClosed(memory) : []),
  ];
};

/**
 * Ends direct reads of a memory whose entry has been visible for long enough. Entries of older versions are removed only
 * now: a search that read the pointers before this version was written finds the memory through an older entry.
 * Safe to repeat: the write is conditional on the version, and on the memory not being indexed again.
 */
export const endDirectReads = async (
  platform: Platform,
  memory: DueMemory,
  changes: Partial<Memory> = {},
): Promise<void> => {
  await removeOldVersions(platform, memory);
  await commit(platform, endOfDirectReads(memory, changes));
};

/** How long direct reads of a memory go on after its entry was first visible, ms. */
export const graceOf = ({ vectorIndex }: Platform, memory: Memory): number =>
  Math.max(
    directReadGraceMs(vectorIndex),
    oldVersionEntries(memory).length > 0 ? oldEntriesGraceMs : 0,
  );

/** The next due time: the end of direct reads for a visible entry, else the next poll. */
export const nextCheck = (
  platform: Platform,
  memory: Memory,
  isEntryVisible: boolean | undefined,
  now: number,
) =>
  isEntryVisible
    ? { visibleAt: now, dueAt: now + graceOf(platform, memory) }
    : { dueAt: now + pollIntervalMs };

/** A memory, and since when the index has been seen to hold its entry. */
export interface Checked {
  memory: DueMemory;
  visibleAt?: number;
}

/** Hints at the memories when their next check is due, so that it waits for no sweep. */
export const hintLater = async (
  platform: Platform,
  project: string,
  checked: readonly Checked[],
  submission?: Omit<Submission, 'versions'>,
): Promise<void> => {
  const now = platform.clock.now();
  const delayOf = ({ memory, visibleAt }: Checked): number =>
    visibleAt === undefined
      ? pollIntervalMs
      : Math.max(0, visibleAt + graceOf(platform, memory) - now);
  const alike = Map.groupBy(checked, (one) => `${delayOf(one)} ${one.visibleAt ?? ''}`);
  for (const due of alike.values()) {
    const [first] = due;
    if (!first) continue;
    const { visibleAt } = first;
    const ids = due.map(({ memory }) => memory.id);
    const versions = due.map(({ memory }) => memory.version);
    const seen = visibleAt === undefined ? {} : { visibleAt };
    const followed = submission && { ...submission, ...seen, versions };
    await enqueueHints(platform, hints.indexAll(project, ids, followed), delayOf(first));
  }
};

/** Entries that were submitted, of memories without a record of it: hints are to follow them. */
export interface Unrecorded {
  memories: readonly DueMemory[];
  submission: Omit<Submission, 'versions'>;
}

/** Hints at memories whose entries were submitted without a record of it. */
export const hintAtUnrecorded = async (
  platform: Platform,
  project: string,
  { memories, submission }: Unrecorded,
): Promise<void> =>
  hintLater(
    platform,
    project,
    memories.map((memory) => ({ memory })),
    submission,
  );

/** Whether hints follow the entry of a memory: the record gets its progress only once the memory is due. */
export const isFollowed = ({ dueAt = 0 }: DueMemory, now: number): boolean => dueAt > now;

export const indexRef = (memory: Memory) => ({
  ...memory,
  id: vectorId(memory.id, memory.version),
});
