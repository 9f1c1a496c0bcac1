import type { Filter, Partition } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import type { ListingEntry } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import { everyPage } from '../pagination.ts';
import { createPace } from '../yield-to-loop.ts';
import { hydrateListed, type Validity, type VisibleItems } from './hydrate.ts';
import { type ListPage, listCacheOf } from './list-cache.ts';
import { newestFirst } from './listed-ids.ts';
import { listingPksOf } from './listings.ts';
import { readPointers, readPointerTargets } from './recent.ts';
import { requirePartitions } from './search.ts';
import { roughView, viewOf } from './view.ts';

export interface ListRequest {
  filter: Filter;
  skip: number;
  limit: number;
  showExpired?: boolean;
  /** Time that expiration dates are compared with, ms since 1970; the present if absent. */
  now?: number | undefined;
  /** Default: now. */
  validity?: Validity;
  /** Whether turns that are not refined yet are listed; true by default. */
  includeRough?: boolean;
}

/** Listing entries of live memories, and of closed ones unless the reader asks for what is true now. */
const listedIn = async (
  { store }: Platform,
  pk: string,
  validity: Validity,
): Promise<ListingEntry[]> => {
  const [live, closed] = await Promise.all([
    everyPage((from) => store.query({ kind: 'LISTED', pk, prefix: 'MEM#', ...from })),
    validity === 'now'
      ? []
      : everyPage((from) => store.query({ kind: 'CLOSED', pk, prefix: 'CLOSED#', ...from })),
  ]);
  return [...live, ...closed].map(({ item }) => item);
};

/** Reads every listing entry of the partitions. A memory that several partitions list appears several times. */
const listedMemories = async (
  platform: Platform,
  project: string,
  partitions: readonly Partition[],
  validity: Validity,
): Promise<ListingEntry[]> => {
  const pages = await Promise.all(
    listingPksOf(project, partitions).map((pk) => listedIn(platform, pk, validity)),
  );
  return pages.flat();
};

/** Views that match the filter. Pauses for the event loop, because filtering many texts takes long. */
const viewsOf = async (
  platform: Platform,
  { memories, rough }: Pick<VisibleItems, 'memories' | 'rough'>,
  filter: Filter,
): Promise<MemoryView[]> => {
  const pace = createPace(platform);
  const matches = stepMatcherOf(filter);
  const views: MemoryView[] = [];
  for (const memory of memories) {
    if (pace.isDue()) await pace.rest();
    const view = viewOf(memory);
    if (await pace.run(matches(view))) views.push(view);
  }
  for (const turn of rough) {
    if (pace.isDue()) await pace.rest();
    const view = roughView(turn);
    if (await pace.run(matches(view))) views.push(view);
  }
  return views;
};

/** Reads everything that is visible in the partitions, strongly consistent: all pointers and listings, without the index. */
export const visibleIn = async (
  platform: Platform,
  project: string,
  partitions: readonly Partition[],
  {
    showExpired,
    validity,
    now,
  }: Pick<Required<ListRequest>, 'showExpired' | 'validity'> & Pick<ListRequest, 'now'>,
): Promise<VisibleItems> => {
  const pointers = await readPointers(platform, project, partitions, Number.POSITIVE_INFINITY);
  const [recent, listings] = await Promise.all([
    readPointerTargets(platform, project, pointers),
    listedMemories(platform, project, partitions, validity),
  ]);
  const memories = listings.map(({ memory }) => memory);
  return hydrateListed(platform, project, recent, { memories, showExpired, now, validity });
};

/** Reads everything of the partitions, for a list that is not kept. */
const listAll = async (
  platform: Platform,
  project: string,
  {
    filter,
    skip,
    limit,
    showExpired = false,
    now,
    validity = 'now',
    includeRough = true,
  }: ListRequest,
): Promise<ListPage> => {
  const partitions = requirePartitions(filter);
  const visible = await visibleIn(platform, project, partitions, { showExpired, validity, now });
  const shown = includeRough ? visible : { ...visible, rough: [] };
  const views = await viewsOf(platform, shown, filter);
  views.sort(newestFirst);
  return { total: views.length, memories: views.slice(skip, skip + limit) };
};

/** Longest page that is read by the ids of a kept list. */
const maxPage = 1_000;

/** Reads a page of a kept list, if the store reports changes and the list is one that others may ask for again. */
const listKept = async (
  platform: Platform,
  project: string,
  request: ListRequest,
): Promise<ListPage | undefined> => {
  const {
    filter,
    skip,
    limit,
    showExpired = false,
    validity = 'now',
    includeRough = true,
  } = request;
  if (request.now !== undefined || typeof validity === 'object' || limit > maxPage)
    return undefined;
  const partitions = requirePartitions(filter);
  return listCacheOf(platform)?.page(
    platform,
    project,
    { partitions, filter, validity, showExpired },
    { skip, limit },
    {
      async readIds() {
        const listed = await listedMemories(platform, project, partitions, validity);
        return listed.map(({ memory }) => memory);
      },
      viewsOf: ({ memories, rough }) =>
        viewsOf(platform, { memories, rough: includeRough ? rough : [] }, filter),
    },
  );
};

/**
 * Returns a page of the visible memories, newest first, and their total number. Strongly consistent: reads the filter's partitions
 * from the store, and does not use the index. Where the store reports changes, only the first page of a list reads all of them.
 */
export const listMemories = async (
  platform: Platform,
  project: string,
  request: ListRequest,
): Promise<ListPage> =>
  (await listKept(platform, project, request)) ?? (await listAll(platform, project, request));
