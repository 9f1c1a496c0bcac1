import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { entryIsOf } from '../conditions.ts';
import { reindexMessages } from '../indexing/index-messages.ts';
import { syncIndex } from '../indexing/sync-index.ts';
import { logFailure } from '../log-failure.ts';
import { update } from '../steps.ts';
import { listedIds, type PageResult, pageOf } from './scan-cursor.ts';

const memoriesPerPage = 100;
/** A turn may have hundreds of messages, all of which are embedded. */
const turnsPerPage = 20;

/** Whether the index entry has to be made again, because the layout or the embedder is another. */
const isStale = (memory: Memory, job: Job, model: string): boolean =>
  memory.state !== 'deleted' && (job.formerLayout !== undefined || memory.vectorModel !== model);

/** Removes the entries of the previous layout, which no query reads any more. */
const clearOldLayout = async ({ vectorIndex }: Platform, job: Job): Promise<void> => {
  if (job.formerLayout !== undefined) await vectorIndex.clear?.(job.project, job.formerLayout);
};

/** Makes memories due for indexing, so that a worker that read them before does not take them for indexed, and indexes them. Returns their number. */
const reindexMemories = async (
  platform: Platform,
  job: Job,
  listed: readonly string[],
): Promise<number> => {
  const { store, embedder, clock } = platform;
  const items = await store.getMany(listed.map((id) => memoryKey(job.project, id)));
  const ids: string[] = [];
  for (const memory of items) {
    if (!memory || !isStale(memory, job, embedder.model)) continue;
    const again = { dueAt: clock.now(), reindexings: (memory.reindexings ?? 0) + 1 };
    const key = memoryKey(job.project, memory.id);
    const { committed } = await commit(platform, [
      update(key, again, entryIsOf(memory), ['indexedVersion', 'visibleAt']),
    ]);
    if (committed) ids.push(memory.id);
  }
  await logFailure(platform, job.project, 'index.sync_failed', () =>
    syncIndex(platform, job.project, ids),
  );
  return ids.length;
};

/**
 * Indexes one page of memories, live and closed, or of turns with their messages: all when the layout has changed, else those
 * whose vectors are of another embedder. After the last page the entries of the old layout are removed. Safe to repeat.
 * @throws RetryableError when messages cannot be indexed: the page is repeated
 */
export const reindexPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageResult> => {
  const page = pageOf(job, cursor);
  if (!page) return { counts: job.counts };
  const { listing, after } = page;
  const pageSize =
    listing.of === 'RECENT' || listing.of === 'LISTED_TURN' ? turnsPerPage : memoriesPerPage;
  const { memories, turns, next } = await listedIds(platform, listing, after, pageSize);
  const which = job.formerLayout === undefined ? 'of another embedder' : 'all';
  const counts = {
    memories: job.counts.memories + (await reindexMemories(platform, job, memories)),
    turns: job.counts.turns + (await reindexMessages(platform, job.project, turns, which)),
  };
  const following = page.cursorAfter(next);
  if (!following) await clearOldLayout(platform, job);
  return { counts, ...(following ? { cursor: following } : {}) };
};
