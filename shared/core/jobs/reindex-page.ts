import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { reindexMessages } from '../indexing/index-messages.ts';
import { trySyncIndex } from '../indexing/sync-index.ts';
import { update } from '../steps.ts';
import {
  formatCursor,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

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

/** Makes memories due for indexing, and indexes them. Returns their number. */
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
    const dueAt = clock.now();
    const key = memoryKey(job.project, memory.id);
    const { committed } = await commit(platform, [
      update(key, { dueAt }, versionIs(memory.version), ['indexedVersion', 'visibleAt']),
    ]);
    if (committed) ids.push(memory.id);
  }
  await trySyncIndex(platform, job.project, ids);
  return ids.length;
};

type Listing = ReturnType<typeof listingsToScan>[number];

interface ListedIds {
  memories: string[];
  turns: string[];
  next: string | undefined;
}

const idsIn = async (
  { store }: Platform,
  { pk, of }: Listing,
  after: string | undefined,
): Promise<ListedIds> => {
  const range = (limit: number) => ({ pk, limit, ...(after === undefined ? {} : { after }) });
  if (of === 'RECENT' || of === 'LISTED_TURN') {
    const page =
      of === 'RECENT'
        ? await store.query({ kind: of, prefix: 'RECENT#', ...range(turnsPerPage) })
        : await store.query({ kind: of, prefix: 'TURN_LISTED#', ...range(turnsPerPage) });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    return { memories: [], turns, next: page.next };
  }
  const page =
    of === 'LISTED'
      ? await store.query({ kind: of, prefix: 'MEM#', ...range(memoriesPerPage) })
      : await store.query({ kind: of, prefix: 'CLOSED#', ...range(memoriesPerPage) });
  return { memories: page.items.map(({ item }) => item.memory), turns: [], next: page.next };
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
  const listings = listingsToScan(job.project, job.partitions);
  const position = parseCursor(cursor);
  const listing = listings[position.listing];
  if (!listing) return { counts: job.counts };
  const { memories, turns, next } = await idsIn(platform, listing, position.after);
  const which = job.formerLayout === undefined ? 'of another embedder' : 'all';
  const counts = {
    memories: job.counts.memories + (await reindexMemories(platform, job, memories)),
    turns: job.counts.turns + (await reindexMessages(platform, job.project, turns, which)),
  };
  const following = nextPosition(position, next, listings.length);
  if (!following) await clearOldLayout(platform, job);
  return { counts, ...(following ? { cursor: formatCursor(following) } : {}) };
};
