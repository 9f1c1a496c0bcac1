import type { Job } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import { deleteListed } from './delete-listed.ts';
import { deleteTurns } from './delete-turns.ts';
import { createJobCounter } from './job-counter.ts';
import {
  formatCursor,
  listedIds,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

const pageSize = 1_000;

/**
 * Deletes one page of a delete-all: all pages of turns come first, so that none is applied after its memories were
 * scanned. Safe to repeat: what is counted is counted in the transaction that deletes it, and a memory stays listed until it
 * is erased.
 * @throws JobLeaseLost
 */
export const deleteAllPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageResult> => {
  const listings = listingsToScan(job.project, job.partitions);
  const position = parseCursor(cursor);
  const listing = listings[position.listing];
  if (!listing) return { counts: job.counts };
  const counter = createJobCounter(platform, job);
  const { turns, memories, next } = await listedIds(platform, listing, position.after, pageSize);
  await deleteTurns(platform, job, counter, turns);
  await deleteListed(platform, job, counter, memories);
  const following = nextPosition(position, next, listings.length);
  return { counts: counter.counts(), ...(following ? { cursor: formatCursor(following) } : {}) };
};
