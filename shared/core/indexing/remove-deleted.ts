import type { Memory } from '../../domain/memory/memory.ts';
import type { IndexAttributes } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commitTogether } from '../commit-together.ts';
import { versionIs } from '../conditions.ts';
import { eraseCopies } from '../erasure/erase-copies.ts';
import { unindexErased } from '../erasure/erase-turn.ts';
import { unlistWrites } from '../erasure/tombstone.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { inFlightWriteMs } from './index-delays.ts';
import { oldVersionEntries } from './old-versions.ts';

type Deleted = Memory & IndexAttributes;

/** Writes after a removal from the index: the second one ends the work, the first one plans it and unlists the memory. */
const afterRemoval = (memory: Deleted, now: number): Step[] => {
  const { project, id, version, removedAt, erasing } = memory;
  const key = memoryKey(project, id);
  if (removedAt !== undefined) return [update(key, {}, versionIs(version), ['dueAt', 'removedAt'])];
  const recheck = { removedAt: now, dueAt: now + inFlightWriteMs };
  return [
    update(key, recheck, versionIs(version), ['pointer', 'erasing']),
    ...(erasing ? unlistWrites(memory) : []),
  ];
};

/**
 * Removes deleted memories from the index, erases what an interrupted deletion left, and unlists them; and removes them from
 * the index once more after `inFlightWriteMs`: a worker that read a memory as live may have written an entry after the
 * first removal. Safe to repeat and to run concurrently: each write is conditional on the version, and after a crash the
 * memories are still due.
 */
export const removeDeleted = async (
  platform: Platform,
  project: string,
  memories: readonly Deleted[],
): Promise<void> => {
  const { clock, vectorIndex } = platform;
  const startedAt = clock.now();
  const due = memories.filter(
    ({ removedAt }) => removedAt === undefined || startedAt >= removedAt + inFlightWriteMs,
  );
  // Copies come first: they are erased while the index is down, too.
  const interrupted = due.filter(({ erasing }) => erasing);
  if (interrupted.length > 0)
    await unindexErased(platform, project, await eraseCopies(platform, project, interrupted));
  const entries = due.flatMap(oldVersionEntries);
  if (entries.length > 0) await vectorIndex.remove(project, entries);
  const now = clock.now();
  await commitTogether(
    platform,
    due.map((memory) => ({
      subject: memory,
      steps: afterRemoval(memory, now),
      bytes: erasureBytes(memory),
    })),
  );
};
