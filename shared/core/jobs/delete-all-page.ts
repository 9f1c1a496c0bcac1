import type { Job } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import { deleteListed } from './delete-listed.ts';
import { deleteTurns } from './delete-turns.ts';
import { createJobCounter } from './job-counter.ts';
import {
  formatCursor,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

const pageSize = 1_000;

/**
 * Deletes one page of a delete-all: all pages of turns come first, so that none is applied after its memories were
 * scanned. Safe to repeat: each deletion is counted in its own transaction, and a memory stays listed until it is erased.
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
  const { after } = position;
  const range = { pk: listing.pk, limit: pageSize, ...(after === undefined ? {} : { after }) };
  const counter = createJobCounter(platform, job);
  let next: string | undefined;
  if (listing.of === 'RECENT') {
    const page = await platform.store.query({ ...range, kind: 'RECENT', prefix: 'RECENT#' });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    await deleteTurns(platform, job, counter, turns);
    next = page.next;
  } else if (listing.of === 'LISTED_TURN') {
    const prefix = 'TURN_LISTED#';
    const page = await platform.store.query({ ...range, kind: 'LISTED_TURN', prefix });
    const turns = page.items.map(({ item }) => item.turn);
    await deleteTurns(platform, job, counter, turns);
    next = page.next;
  } else {
    const page =
      listing.of === 'LISTED'
        ? await platform.store.query({ ...range, kind: 'LISTED', prefix: 'MEM#' })
        : await platform.store.query({ ...range, kind: 'CLOSED', prefix: 'CLOSED#' });
    const ids = page.items.map(({ item }) => item.memory);
    await deleteListed(platform, job, counter, ids);
    next = page.next;
  }
  const following = nextPosition(position, next, listings.length);
  return { counts: counter.counts(), ...(following ? { cursor: formatCursor(following) } : {}) };
};
