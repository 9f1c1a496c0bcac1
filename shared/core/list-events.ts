import type { Event } from '../domain/memory/event.ts';
import { eventKey, eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type EventView, getEvent, type ReadableEvent, readableEvents } from './events.ts';
import { jsonBytes } from './store-limits.ts';

/** Newest events that a listing covers: reading more ids would exceed the time of a request. */
export const maxListedEvents = 10_000;
/** Events per read of a shard; other requests run in between. */
const pageSize = 500;
/** Bytes of texts per page; events beyond are listed without texts. */
const maxPageBytes = 3_000_000;
const detailsBatchSize = 10;

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

interface Shard {
  pk: string;
  ids: string[];
  /** Cursor of the next page; undefined after the last. */
  after: string | undefined;
}

const readPage = async ({ store }: Platform, shard: Shard): Promise<void> => {
  const { pk, after } = shard;
  const from = after === undefined ? {} : { after };
  const range = { kind: 'EVENT', pk, prefix: '', newestFirst: true, limit: pageSize } as const;
  const page = await store.list({ ...range, ...from });
  shard.ids.push(...page.items.map(({ item }) => item.id));
  shard.after = page.next;
};

const newestFirst = (a: string, b: string): number => (a < b ? 1 : -1);

/** Ids of a month's events, newest first, merged from its shards; `isCut` when older ones were not read. */
const idsOfMonth = async (platform: Platform, pks: readonly string[], max: number) => {
  const shards = pks.map((pk): Shard => ({ pk, ids: [], after: undefined }));
  let open = shards;
  for (;;) {
    await Promise.all(open.map((shard) => readPage(platform, shard)));
    open = open.filter(({ after }) => after !== undefined);
    const count = shards.reduce((sum, { ids }) => sum + ids.length, 0);
    if (open.length === 0 || count >= max) break;
    await platform.clock.sleep(0);
  }
  // Ids older than the oldest id read of some unfinished shard are left out, since ids of that shard are missing there.
  const [end = ''] = open.map(({ ids }) => ids.at(-1) ?? '').sort(newestFirst);
  const ids = shards.flatMap((shard) => shard.ids).filter((id) => id >= end);
  return { ids: ids.sort(newestFirst), isCut: open.length > 0 };
};

const newestIds = async (platform: Platform, project: string): Promise<string[]> => {
  const ids: string[] = [];
  for (const month of monthsUntil(platform.clock.now())) {
    const left = maxListedEvents - ids.length;
    const read = await idsOfMonth(platform, eventListPks(project, month), left);
    ids.push(...read.ids);
    if (read.isCut || ids.length >= maxListedEvents) break;
  }
  return ids.slice(0, maxListedEvents);
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
  let bytes = 0;
  for (let at = 0; at < events.length; at += detailsBatchSize) {
    const some = events.slice(at, at + detailsBatchSize);
    if (bytes > maxPageBytes) {
      listed.push(...some.map((event) => ({ event: { ...event, changes: [] }, isCut: true })));
      continue;
    }
    const found = await Promise.all(some.map(({ id }) => getEvent(platform, project, id)));
    const views = found.filter((event): event is EventView => event !== undefined);
    const read = await readableEvents(platform, project, views);
    listed.push(...read.map((one) => ({ ...one, isCut: false })));
    bytes += jsonBytes(read);
  }
  return listed;
};

/** Reads a page of a project's newest events, and their number (at most `maxListedEvents`). Eventually consistent. */
export const listEvents = async (
  platform: Platform,
  project: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ events: ListedEvent[]; total: number }> => {
  const ids = await newestIds(platform, project);
  const page = ids.slice(skip, skip + limit);
  const found = await platform.store.getMany(page.map((id) => eventKey(project, id)));
  const events = found.filter((event) => event !== undefined);
  return { events: await detailsOf(platform, project, events), total: ids.length };
};
