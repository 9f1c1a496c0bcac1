import type { Event, EventKind, EventStatus } from '../domain/memory/event.ts';
import { eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type ReadableEvent, readableEvents, viewsOf } from './events.ts';
import { jsonBytes, maxListedEvents } from './store-limits.ts';
import { createPace } from './yield-to-loop.ts';

/** Most events per read of a shard; other requests run in between. */
const maxPageSize = 500;
/** Events beyond a page that are counted. Each costs about a tenth of a read unit on DynamoDB. */
const countedBeyond = 400;
/** Bytes of texts per page; events beyond are listed without texts. */
const maxPageBytes = 3_000_000;
const detailsBatchSize = 20;

/** Month of the oldest possible event: the service did not exist before. */
const firstMonth = '2026-01';

/** Months up to now that may have events, newest first. */
export const monthsUntil = (now: number): string[] => {
  const months: string[] = [];
  const at = new Date(now);
  for (at.setUTCDate(1); ; at.setUTCMonth(at.getUTCMonth() - 1)) {
    const month = at.toISOString().slice(0, 7);
    if (month < firstMonth) return months;
    months.push(month);
  }
};

/** Condition on listed events. */
export interface EventFilter {
  statuses?: readonly EventStatus[];
  kinds?: readonly EventKind[];
}

const isWanted =
  ({ statuses, kinds }: EventFilter) =>
  ({ status, kind }: Event): boolean =>
    (statuses?.includes(status) ?? true) && (kinds?.includes(kind) ?? true);

/** Position of an event in the listing: its month, by which the listing is partitioned, and its id. */
export interface EventPosition {
  month: string;
  id: string;
}

const positionOf = ({ id, createdAt }: Event): EventPosition => ({
  month: new Date(createdAt).toISOString().slice(0, 7),
  id,
});

interface Shard {
  pk: string;
  /** Ids that were read, newest first. */
  ids: string[];
  /** Cursor of the next page; undefined before the first. */
  after: string | undefined;
  /** Whether there may be more. */
  isOpen: boolean;
}

/** Aim of a read of a month: `count` matching events, among at most `among` events after a position. */
interface Wanted {
  count: number;
  among: number;
  matches(event: Event): boolean;
  after: EventPosition | undefined;
}

const newestFirst = (a: string, b: string): number => (a < b ? 1 : -1);

/** Share of a shard in the newest events, and as much more as shards differ by chance. */
const firstPageSize = (count: number, shards: number): number =>
  Math.min(maxPageSize, Math.ceil(count / shards + 2 * Math.sqrt(count / shards)) + 1);

/**
 * Reads the newest matching events of a month, merged from its shards, in pages that double in size. `read` counts all that were
 * read; `isCut`: older ones were not.
 */
const eventsOfMonth = async (
  { store, clock }: Platform,
  pks: readonly string[],
  { count, among, matches, after }: Wanted,
) => {
  const shards = pks.map((pk): Shard => ({ pk, ids: [], after: undefined, isOpen: true }));
  const matching = new Map<string, Event>();

  const readPage = async (shard: Shard, limit: number): Promise<void> => {
    const { pk } = shard;
    // A position is that of an event which is listed already.
    const start = shard.after === undefined ? after && { from: after.id } : { after: shard.after };
    const range = { kind: 'EVENT', pk, prefix: '', newestFirst: true } as const;
    const page = await store.list({ ...range, ...start, limit });
    for (const { item } of page.items) {
      if (item.id === after?.id) continue;
      shard.ids.push(item.id);
      if (matches(item)) matching.set(item.id, item);
    }
    shard.after = page.next;
    shard.isOpen = page.next !== undefined;
  };

  /** Open shards that may have one of the newest `count` matching events: the last id that was read of the others is older. */
  const relevant = (): Shard[] => {
    const last = [...matching.keys()].sort(newestFirst)[count - 1] ?? '';
    return shards.filter(({ isOpen, ids }) => isOpen && (ids.at(-1) ?? last) >= last);
  };

  let size = firstPageSize(count, shards.length);
  for (;;) {
    await Promise.all(relevant().map((shard) => readPage(shard, size)));
    const read = shards.reduce((sum, { ids }) => sum + ids.length, 0);
    if (read >= among || relevant().length === 0) break;
    size = Math.min(maxPageSize, 2 * size);
    await clock.sleep(0);
  }
  const open = shards.filter(({ isOpen }) => isOpen);
  // Ids older than the oldest id read of some unfinished shard are left out, since ids of that shard are missing there.
  const [end = ''] = open.map(({ ids }) => ids.at(-1) ?? '').sort(newestFirst);
  const ids = shards.flatMap((shard) => shard.ids).filter((id) => id >= end);
  const newest = ids.sort(newestFirst).slice(0, among);
  const events = newest.flatMap((id) => matching.get(id) ?? []).slice(0, count);
  return { events, read: newest.length, isCut: open.length > 0 };
};

/** Reads the newest matching events after a position: of the newest month, then of twice as many months at once, and so on. */
const newestEvents = async (
  platform: Platform,
  project: string,
  { count, after, matches }: Omit<Wanted, 'among'>,
): Promise<Event[]> => {
  const events: Event[] = [];
  const months = monthsUntil(platform.clock.now()).filter(
    (month) => after === undefined || month <= after.month,
  );
  let left = maxListedEvents;
  for (let at = 0, group = 1; at < months.length; at += group, group *= 2) {
    const wanted = { count: count - events.length, among: left, matches };
    const found = await Promise.all(
      months.slice(at, at + group).map((month) =>
        eventsOfMonth(platform, eventListPks(project, month), {
          ...wanted,
          after: month === after?.month ? after : undefined,
        }),
      ),
    );
    for (const one of found) {
      events.push(...one.events.slice(0, count - events.length));
      left -= one.read;
      if (one.isCut || left <= 0 || events.length >= count) return events;
    }
  }
  return events;
};

/** An event of a page. `isCut`: without its texts, since these were not asked for or the page has reached its size limit. */
export interface ListedEvent extends ReadableEvent {
  isCut: boolean;
}

const withoutTexts = (event: Event): ListedEvent => ({
  event: { ...event, changes: [] },
  isCut: true,
});

const withTexts = async (
  platform: Platform,
  project: string,
  events: readonly Event[],
): Promise<ListedEvent[]> => {
  const listed: ListedEvent[] = [];
  const pace = createPace(platform);
  let bytes = 0;
  for (let at = 0; at < events.length; at += detailsBatchSize) {
    const some = events.slice(at, at + detailsBatchSize);
    if (bytes > maxPageBytes) {
      listed.push(...some.map(withoutTexts));
      continue;
    }
    const views = await viewsOf(platform, project, some);
    await pace.pause();
    for (const one of await readableEvents(platform, project, views)) {
      if (pace.isDue()) await pace.rest();
      listed.push(bytes > maxPageBytes ? withoutTexts(one.event) : { ...one, isCut: false });
      bytes += jsonBytes(one);
    }
  }
  return listed;
};

/** Part of the events that a listing shows. */
export interface EventListing extends EventFilter {
  /** Events to leave out, of those after the position. */
  skip: number;
  limit: number;
  after?: EventPosition;
  /** Whether the events have the texts of their turns and changes, which costs several reads for each. */
  withTexts: boolean;
}

/**
 * Reads a page of a project's events that match the filter, newest first. `found` counts those after the position, up to `countedBeyond`
 * events after the page; `next` is the position of the page's last event, if more follow. Covers the newest `maxListedEvents` after the
 * position, whatever the filter, which bounds the work; without a filter a page reads little more than it shows. Events are
 * eventually consistent, texts strongly consistent and without those that were deleted.
 */
export const listEvents = async (
  platform: Platform,
  project: string,
  { skip, limit, after, withTexts: areFull, ...filter }: EventListing,
): Promise<{ events: ListedEvent[]; found: number; next: EventPosition | undefined }> => {
  const end = skip + limit;
  const count = Math.min(maxListedEvents, end + countedBeyond);
  const newest = await newestEvents(platform, project, { count, after, matches: isWanted(filter) });
  const page = newest.slice(skip, end);
  const last = page.at(-1);
  return {
    events: areFull ? await withTexts(platform, project, page) : page.map(withoutTexts),
    found: newest.length,
    next: last && newest.length > end ? positionOf(last) : undefined,
  };
};
