import type { Event } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { eventKey, eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type EventView, getEvent, turnOfEvent } from './events.ts';
import { bytesOf } from './store-limits.ts';

/** Newest events that a listing reaches: counting more would take longer than a request may. */
export const maxListedEvents = 10_000;
/** Events read at once of each shard; other requests have their turn in between. */
const pageSize = 500;
/** Texts of a page; what is behind them is listed without its texts. */
const maxPageBytes = 3_000_000;
const detailsAtOnce = 10;

/** Oldest month that can hold events: nothing was accepted before the service existed. */
const firstMonth = '2026-01';

/** Months that can hold events, the newest first. */
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
  /** Absent once all of it was read. */
  after: string | undefined;
}

const readOn = async ({ store }: Platform, shard: Shard): Promise<void> => {
  const { pk, after } = shard;
  const from = after === undefined ? {} : { after };
  const range = { kind: 'EVENT', pk, prefix: '', newestFirst: true, limit: pageSize } as const;
  const page = await store.list({ ...range, ...from });
  shard.ids.push(...page.items.map(({ item }) => item.id));
  shard.after = page.next;
};

const newestFirst = (a: string, b: string): number => (a < b ? 1 : -1);

/** Ids of a month's events, newest first; `isCut` when there are older ones that were not read. */
const idsOfMonth = async (platform: Platform, pks: readonly string[], max: number) => {
  const shards = pks.map((pk): Shard => ({ pk, ids: [], after: undefined }));
  let open = shards;
  for (;;) {
    await Promise.all(open.map((shard) => readOn(platform, shard)));
    open = open.filter(({ after }) => after !== undefined);
    const count = shards.reduce((sum, { ids }) => sum + ids.length, 0);
    if (open.length === 0 || count >= max) break;
    await platform.clock.sleep(0);
  }
  // Behind the end of the shard that reaches back least, those of that shard would be missing.
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

/** An event of a page. `isCut`: the page was full of texts before it, so it comes without its own. */
export interface ListedEvent {
  event: EventView;
  turn?: Turn | undefined;
  isCut: boolean;
}

const detailsOf = async (
  platform: Platform,
  project: string,
  events: readonly Event[],
): Promise<ListedEvent[]> => {
  const listed: ListedEvent[] = [];
  let bytes = 0;
  for (let at = 0; at < events.length; at += detailsAtOnce) {
    const some = events.slice(at, at + detailsAtOnce);
    if (bytes > maxPageBytes) {
      listed.push(...some.map((event) => ({ event: { ...event, changes: [] }, isCut: true })));
      continue;
    }
    const read = await Promise.all(
      some.map(async ({ id }): Promise<ListedEvent[]> => {
        const event = await getEvent(platform, project, id);
        return event
          ? [{ event, turn: await turnOfEvent(platform, project, event), isCut: false }]
          : [];
      }),
    );
    listed.push(...read.flat());
    bytes += bytesOf(read);
  }
  return listed;
};

/** A page of a project's newest events, and how many of those there are. The listing may lag behind by a moment. */
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
