import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { trySyncIndex } from '../indexing/sync-index.ts';
import { update } from '../steps.ts';
import {
  formatCursor,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

const pageSize = 100;

/** Whether the index entry has to be made again, because the layout or the embedder is another. */
const isStale = (memory: Memory, job: Job, model: string): boolean =>
  memory.state === 'live' && (job.formerLayout !== undefined || memory.vectorModel !== model);

/** Removes the entries of the previous layout, which no query reads any more. */
const clearOldLayout = async ({ vectorIndex }: Platform, job: Job): Promise<void> => {
  if (job.formerLayout !== undefined) await vectorIndex.clear?.(job.project, job.formerLayout);
};

/**
 * Makes one page of memories due for indexing, and indexes them: all when the layout has changed, else memories whose vector is
 * of another embedder. After the last page the entries of the old layout are removed. Safe to repeat.
 */
export const reindexPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageResult> => {
  const { store, embedder, clock } = platform;
  const listings = listingsToScan(job.project, job.partitions).filter(({ of }) => of === 'LISTED');
  const position = parseCursor(cursor);
  const listing = listings[position.listing];
  if (!listing) return { counts: job.counts };
  const page = await store.query({
    kind: 'LISTED',
    pk: listing.pk,
    prefix: 'MEM#',
    limit: pageSize,
    ...(position.after === undefined ? {} : { after: position.after }),
  });
  const items = await store.getMany(
    page.items.map(({ item }) => memoryKey(job.project, item.memory)),
  );
  const stale = items.filter((memory) => memory && isStale(memory, job, embedder.model));
  const ids: string[] = [];
  for (const memory of stale) {
    if (!memory) continue;
    const dueAt = clock.now();
    const key = memoryKey(job.project, memory.id);
    const { committed } = await commit(platform, [
      update(key, { dueAt }, versionIs(memory.version), ['indexedVersion', 'visibleAt']),
    ]);
    if (committed) ids.push(memory.id);
  }
  await trySyncIndex(platform, job.project, ids);
  const following = nextPosition(position, page.next, listings.length);
  if (!following) await clearOldLayout(platform, job);
  return {
    counts: { ...job.counts, memories: job.counts.memories + ids.length },
    ...(following ? { cursor: formatCursor(following) } : {}),
  };
};
