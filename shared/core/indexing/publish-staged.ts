import { isPublished, type Memory } from '../../domain/memory/memory.ts';
import {
  closedKeys,
  listingKeys,
  memoryKey,
  revisionKey,
  turnKey,
} from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { remove, update } from '../steps.ts';

/** Interval between checks while the staging turn is pending. */
const recheckAfterMs = 30_000;

/**
 * Resolves a staged memory by its turn. Returns true when the turn was applied with the plan that staged it, so that the
 * memory is visible. A memory whose turn ended otherwise or was decided again was never visible, and is removed. Each
 * write is conditional on the memory's version, so running it twice or concurrently changes nothing more.
 */
export const publishStaged = async (platform: Platform, memory: Memory): Promise<boolean> => {
  const { project, id, version, stagedBy } = memory;
  if (!stagedBy) return true;
  const turn = await platform.store.get(turnKey(project, stagedBy.turn));
  if (isPublished(memory, turn)) {
    await commit(platform, [update(memoryKey(project, id), {}, versionIs(version), ['stagedBy'])]);
    return true;
  }
  const current = await platform.store.get(memoryKey(project, id));
  // A later plan of the turn may have staged the same id again, or applied it.
  if (current?.stagedBy?.plan !== stagedBy.plan)
    return current?.state === 'live' || current?.state === 'closed'
      ? publishStaged(platform, current)
      : false;
  if (turn?.state === 'pending') {
    const dueAt = platform.clock.now() + recheckAfterMs;
    await commit(platform, [update(memoryKey(project, id), { dueAt }, versionIs(version))]);
    return false;
  }
  await commit(platform, [
    remove(memoryKey(project, id), versionIs(version)),
    remove(revisionKey(project, id, version)),
    ...listingKeys(project, memory, id).map((key) => remove(key)),
    ...closedKeys(project, memory, id).map((key) => remove(key)),
  ]);
  return false;
};
