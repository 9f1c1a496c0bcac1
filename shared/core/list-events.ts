import type { Event, EventKind, EventStatus } from '../domain/memory/event.ts';
import { eventKey, eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type EventView, getEvent, type ReadableEvent, readableEvents } from './events.ts';
import { jsonBytes } from './store-limits.ts';
import { createPace } from './yield-to-loop.ts';

/** Newest events that a listing covers: reading more ids would exceed the time of a request. */
export const maxListedEvents = 10_000;
/** Events per read of a shard; other requests run in between. */
const pageSize = 500;
/** Bytes of texts per page; events beyond are listed without texts. */
const maxPageBytes = 3_000_000;
const detailsBatchSize = 5;

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

interface Shard {
  pk: string;
  ids: string[];
  /** Of these, the ids of events that match the filter according to the index. */
  matching: Set<string>;
  /** Cursor of the next page; undefined after the last. */
  after: string | undefined;
}

const readPage = async (
  { store }: Platform,
  shard: Shard,
  matches: (event: Event) => boolean,
): Promise<void> => {
  const { pk, after } = shard;
  const from = after === undefined ? {} : { after };
  const range = { kind: 'EVENT', pk, prefix: '', newestFirst: true, limit: pageSize } as const;
  const page = await store.list({ ...range, ...from });
  for (const { item } of page.items) {
    shard.ids.push(item.id);
    if (matches(item)) shard.matching.add(item.id);
  }
  shard.after = page.next;
};

const newestFirst = (a: string, b: string): number => (a < b ? 1 : -1);

/**
 * Ids of a month's matching events, newest first, merged from its shards; `read` counts all that were read, `isCut` when older
 * ones were not.
 */
const idsOfMonth = async (
  platform: Platform,
  pks: readonly string[],
  max: number,
  matches: (event: Event) => boolean,
) => {
  const shards = pks.map((pk): Shard => ({ pk, ids: [], matching: new Set(), after: undefined }));
  let open = shards;
  for (;;) {
    await Promise.all(open.map((shard) => readPage(platform, shard, matches)));
    open = open.filter(({ after }) => after !== undefined);
    const count = shards.reduce((sum, { ids }) => sum + ids.length, 0);
    if (open.length === 0 || count >= max) break;
    await platform.clock.sleep(0);
  }
  // Ids older than the oldest id read of some unfinished shard are left out, since ids of that shard are missing there.
  const [end = ''] = open.map(({ ids }) => ids.at(-1) ?? '').sort(newestFirst);
  const ids = shards.flatMap((shard) => shard.ids).filter((id) => id >= end);
  const newest = ids.sort(newestFirst).slice(0, max);
  const isMatch = (id: string): boolean => shards.some(({ matching }) => matching.has(id));
  return { ids: newest.filter(isMatch), read: newest.length, isCut: open.length > 0 };
};

const newestIds = async (
  platform: Platform,
  project: string,
  matches: (event: Event) => boolean,
): Promise<string[]> => {
  const ids: string[] = [];
  let left = maxListedEvents;
  for (const month of monthsUntil(platform.clock.now())) {
    const {
      ids: found,
      read,
      isCut,
    } = await idsOfMonth(platform, eventListPks(project, month), left, matches);
    ids.push(...found);
    left -= read;
    if (isCut || left <= 0) break;
  }
  return ids;
};

/** An event of a page. `isCut`: without its texts, since the page has reached its size limit. */
export interface ListedEvent extends ReadableEvent {
  isCut: boolean;
}

const detailsOf = async (
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
      listed.push(...some.map((event) => ({ event: { ...event, changes: [] }, isCut: true })));
      continue;
    }
    const found = await Promise.all(some.map(({ id }) => getEvent(platform, project, id)));
    await pace.pause();
    const views = found.filter((event): event is EventView => event !== undefined);
    const read = await readableEvents(platform, project, views);
    await pace.pause();
    listed.push(...read.map((one) => ({ ...one, isCut: false })));
    bytes += jsonBytes(read);
  }
  return listed;
};

/**
 * Reads a page of a project's events that match the filter, newest first, and their number. Covers the newest `maxListedEvents` of
 * the project, whatever the filter, so that its work is bounded. Eventually consistent: an event that has just changed its status
 * may be counted under the former one, but is not shown under it.
 */
export const listEvents = async (
  platform: Platform,
  project: string,
  { skip, limit, ...filter }: { skip: number; limit: number } & EventFilter,
): Promise<{ events: ListedEvent[]; total: number }> => {
  const matches = isWanted(filter);
  const ids = await newestIds(platform, project, matches);
  const page = ids.slice(skip, skip + limit);
  const found = await platform.store.getMany(page.map((id) => eventKey(project, id)));
  const events = found.flatMap((event) => (event && matches(event) ? [event] : []));
  return { events: await detailsOf(platform, project, events), total: ids.length };
};
