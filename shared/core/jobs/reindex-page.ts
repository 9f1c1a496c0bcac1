import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { indexMemories } from '../indexing/sync-index.ts';
import { update } from '../steps.ts';
import { cursorOf, listingsToScan, nextPlace, type PageDone, parseCursor } from './scan-cursor.ts';

const pageSize = 100;

/** Entries that stand in a former place are of no use; vectors of another embedder neither. */
const isStale = (memory: Memory, job: Job, model: string): boolean =>
  memory.state === 'live' && (job.formerLayout !== undefined || memory.vectorModel !== model);

/** What stands where nobody looks any more goes once the last page is done. */
const clearFormer = async ({ vectorIndex }: Platform, job: Job): Promise<void> => {
  if (job.formerLayout !== undefined) await vectorIndex.clear?.(job.project, job.formerLayout);
};

/**
 * Gives the index vectors of the embedder in use for one page of a project's memories that have another's; where entries
 * are spread anew, entries of all of them, and after the last page the former ones go.
 */
export const reindexPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageDone> => {
  const { store, embedder, clock } = platform;
  const walk = listingsToScan(job.project, job.partitions).filter(({ of }) => of === 'LISTED');
  const place = parseCursor(cursor);
  const listing = walk[place.listing];
  if (!listing) return { counts: job.counts };
  const page = await store.query({
    kind: 'LISTED',
    pk: listing.pk,
    prefix: 'MEM#',
    limit: pageSize,
    ...(place.after === undefined ? {} : { after: place.after }),
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
  await indexMemories(platform, job.project, ids);
  const following = nextPlace(place, page.next, walk.length);
  if (!following) await clearFormer(platform, job);
  return {
    counts: { ...job.counts, memories: job.counts.memories + ids.length },
    ...(following ? { cursor: cursorOf(following) } : {}),
  };
};
