import type { Partition } from '../../domain/memory/filter.ts';
import type { Job } from '../../domain/table/items.ts';
import { listingPks } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';

export interface PageResult {
  /** Where the next page starts; absent after the last one. */
  cursor?: string;
  /** Totals of the job, this page included. */
  counts: Job['counts'];
}

/** Position in the listings that a job scans: the index of the listing, and the store's cursor within. */
interface ScanPosition {
  listing: number;
  after?: string;
}

const parseCursor = (cursor: string | undefined): ScanPosition => {
  if (cursor === undefined) return { listing: 0 };
  const cut = cursor.indexOf(' ');
  const after = cursor.slice(cut + 1);
  return { listing: Number(cursor.slice(0, cut)), ...(after ? { after } : {}) };
};

const formatCursor = ({ listing, after = '' }: ScanPosition): string => `${listing} ${after}`;

/** Part of one listing that is scanned. */
export interface ListingPart {
  pk: string;
  of: 'RECENT' | 'LISTED_TURN' | 'LISTED' | 'CLOSED';
}

/** Listings in the order of the scan: recent pointers, then turns, then memories, then closed ones. */
const listingsToScan = (project: string, partitions: readonly Partition[]): ListingPart[] => {
  const pks = partitions.flatMap((partition) => listingPks(project, partition));
  return [
    ...pks.map((pk) => ({ pk, of: 'RECENT' as const })),
    ...pks.map((pk) => ({ pk, of: 'LISTED_TURN' as const })),
    ...pks.map((pk) => ({ pk, of: 'LISTED' as const })),
    ...pks.map((pk) => ({ pk, of: 'CLOSED' as const })),
  ];
};

/** Ids of one page: of turns, or of memories. */
export interface ListedIds {
  turns: string[];
  memories: string[];
  next: string | undefined;
}

/** Reads a page of at most `limit` entries. Pointers to memories that the API wrote are left out: other parts list those. */
export const listedIds = async (
  { store }: Pick<Platform, 'store'>,
  { pk, of }: ListingPart,
  after: string | undefined,
  limit: number,
): Promise<ListedIds> => {
  const range = { pk, limit, ...(after === undefined ? {} : { after }) };
  if (of === 'RECENT' || of === 'LISTED_TURN') {
    const page =
      of === 'RECENT'
        ? await store.query({ ...range, kind: of, prefix: 'RECENT#' })
        : await store.query({ ...range, kind: of, prefix: 'TURN_LISTED#' });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    return { turns, memories: [], next: page.next };
  }
  const page =
    of === 'LISTED'
      ? await store.query({ ...range, kind: of, prefix: 'MEM#' })
      : await store.query({ ...range, kind: of, prefix: 'CLOSED#' });
  return { turns: [], memories: page.items.map(({ item }) => item.memory), next: page.next };
};

/** The position after a page whose `next` is `after`; undefined at the end of the last listing. */
const nextPosition = (
  position: ScanPosition,
  after: string | undefined,
  listings: number,
): ScanPosition | undefined => {
  if (after !== undefined) return { listing: position.listing, after };
  return position.listing + 1 < listings ? { listing: position.listing + 1 } : undefined;
};

/** Page that a job does next. */
export interface ScanPage {
  listing: ListingPart;
  /** The store's cursor within the listing. */
  after: string | undefined;
  /** Returns the cursor of the job after this page, by the store's cursor after it; undefined after the last page. */
  cursorAfter(next: string | undefined): string | undefined;
}

/** Returns the page of a cursor; undefined after the last listing. */
export const pageOf = (
  { project, partitions }: Pick<Job, 'project' | 'partitions'>,
  cursor: string | undefined,
): ScanPage | undefined => {
  const listings = listingsToScan(project, partitions);
  const position = parseCursor(cursor);
  const listing = listings[position.listing];
  return (
    listing && {
      listing,
      after: position.after,
      cursorAfter(next) {
        const following = nextPosition(position, next, listings.length);
        return following && formatCursor(following);
      },
    }
  );
};
