import type { Partition } from '../../domain/memory/filter.ts';
import type { Job } from '../../domain/table/items.ts';
import { listingPks } from '../../domain/table/keys.ts';

/** What a page did, and where the next one starts; no cursor: all pages are done. */
export interface PageDone {
  cursor?: string;
  /** Of the job, this page included. */
  counts: Job['counts'];
}

/** Where a job stands in the listings it walks: the position of the listing, and the page within. */
export interface ScanPosition {
  listing: number;
  after?: string;
}

export const parseCursor = (cursor: string | undefined): ScanPosition => {
  if (cursor === undefined) return { listing: 0 };
  const cut = cursor.indexOf(' ');
  const after = cursor.slice(cut + 1);
  return { listing: Number(cursor.slice(0, cut)), ...(after ? { after } : {}) };
};

export const cursorOf = ({ listing, after = '' }: ScanPosition): string => `${listing} ${after}`;

/** The listings of a job: pointers first, then filings, then what left those because it was retracted. */
export const listingsToScan = (
  project: string,
  partitions: readonly Partition[],
): { pk: string; of: 'RECENT' | 'LISTED' | 'RETRACTED' }[] => {
  const pks = partitions.flatMap((partition) => listingPks(project, partition));
  return [
    ...pks.map((pk) => ({ pk, of: 'RECENT' as const })),
    ...pks.map((pk) => ({ pk, of: 'LISTED' as const })),
    ...pks.map((pk) => ({ pk, of: 'RETRACTED' as const })),
  ];
};

/** The place after a page; undefined when there is no more. */
export const nextPlace = (
  place: ScanPosition,
  after: string | undefined,
  listings: number,
): ScanPosition | undefined => {
  if (after !== undefined) return { listing: place.listing, after };
  return place.listing + 1 < listings ? { listing: place.listing + 1 } : undefined;
};
