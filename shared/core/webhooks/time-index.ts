import type { Item, ItemKind } from '../../domain/table/items.ts';
import { sortableTime } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Page, Store } from '../../ports/store.ts';

/** Work of one reading, however many days are empty and however few items are kept: 32 days of 8 shards. */
const maxQueries = 256;
const maxExamined = 3_000;
/** Pages read of one shard before what was found in all of them is put in order. */
const maxPages = 2;

/** A listing that is spread over days and shards. */
export interface TimeRange<K extends ItemKind> {
  kind: K;
  /** The shards of the day of `at`. */
  pksOf(at: number): string[];
  /** Where to begin and where to end, in the direction of reading; both included. */
  from: string;
  to: string;
  newestFirst?: boolean;
  /** Reads on until it has so many. */
  limit: number;
  keep?(item: Item<K>): boolean;
}

export interface IndexRow<K extends ItemKind> {
  at: string;
  item: Item<K>;
}

/** What a bounded reading found. `stoppedAt`: the end was not reached, everything up to there was looked at. */
export interface DaysRead<K extends ItemKind> {
  found: IndexRow<K>[];
  stoppedAt?: string;
}

interface ShardRead<K extends ItemKind> extends DaysRead<K> {
  queries: number;
  examined: number;
}

const timestampOf = (moment: string): number => Number(moment.slice(0, 15));

/** A position that is one: what a customer sends may be anything. */
export const isPosition = (text: string): boolean => /^\d{15}#[\w#~-]{0,200}$/.test(text);

const readShard = async <K extends ItemKind>(
  store: Store,
  pk: string,
  { kind, from, to, newestFirst = false, limit, keep = () => true }: TimeRange<K>,
): Promise<ShardRead<K>> => {
  const read: ShardRead<K> = { found: [], queries: 0, examined: 0 };
  const isWithin = ({ at }: IndexRow<K>) => (newestFirst ? at >= to : at <= to);
  let place: { from: string } | { after: string } = { from };
  for (;;) {
    const page: Page<K> = await store.list({ kind, pk, prefix: '', newestFirst, limit, ...place });
    const listed = page.items.map(({ item }) => ({ at: item.listSk ?? '', item }));
    read.queries += 1;
    read.examined += listed.length;
    read.found.push(...listed.filter((one) => isWithin(one) && keep(one.item)));
    if (page.next === undefined || listed.some((one) => !isWithin(one))) return read;
    const last = listed.at(-1);
    // A page of nothing but expired items shows no position to stop at.
    if (last && (read.found.length >= limit || read.queries >= maxPages))
      return { ...read, stoppedAt: last.at };
    place = { after: page.next };
  }
};

/** A day's items in order, up to where the shard that stopped first was read. */
const readDay = async <K extends ItemKind>(
  store: Store,
  day: number,
  days: TimeRange<K>,
): Promise<ShardRead<K>> => {
  const direction = days.newestFirst ? -1 : 1;
  const inOrder = (a: string, b: string) => (a < b ? -direction : direction);
  const shards = await Promise.all(days.pksOf(day).map((pk) => readShard(store, pk, days)));
  const stops = shards.flatMap(({ stoppedAt }) => (stoppedAt === undefined ? [] : [stoppedAt]));
  const [stoppedAt] = stops.sort(inOrder);
  const isRead = ({ at }: IndexRow<K>) =>
    stoppedAt === undefined || at === stoppedAt || inOrder(at, stoppedAt) < 0;
  return {
    found: shards
      .flatMap(({ found }) => found)
      .filter(isRead)
      .sort((a, b) => inOrder(a.at, b.at)),
    queries: shards.reduce((sum, { queries }) => sum + queries, 0),
    examined: shards.reduce((sum, { examined }) => sum + examined, 0),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  };
};

const startOfDay = (moment: string): number => timestampOf(moment) - (timestampOf(moment) % dayMs);

/** From the first to the last, each with where the next one begins, if there is one. */
function* daysOf({ from, to, newestFirst }: TimeRange<ItemKind>) {
  const step = newestFirst ? -dayMs : dayMs;
  const last = startOfDay(to);
  for (let day = startOfDay(from); newestFirst ? day >= last : day <= last; day += step) {
    const next = newestFirst ? positionAfter(day - 1) : sortableTime(day + dayMs);
    yield { day, next: day === last ? undefined : next };
  }
}

/**
 * In order, at most `limit`, by a bounded number of queries: where those do not suffice, the answer says where to go on.
 * The listing may lag behind by a moment: nothing is decided from it.
 */
export const scanTimeIndex = async <K extends ItemKind>(
  store: Store,
  days: TimeRange<K>,
): Promise<DaysRead<K>> => {
  const found: IndexRow<K>[] = [];
  let [queries, examined] = [0, 0];
  for (const { day, next } of daysOf(days)) {
    const read = await readDay(store, day, days);
    found.push(...read.found);
    queries += read.queries;
    examined += read.examined;
    if (found.length >= days.limit) return { found: found.slice(0, days.limit) };
    const isSpent = queries >= maxQueries || examined >= maxExamined;
    const stoppedAt = read.stoppedAt ?? (isSpent ? next : undefined);
    if (stoppedAt !== undefined) return { found, stoppedAt };
  }
  return { found };
};

/** The time from which on what is kept for so many days is there. */
export const retentionStart = (now: number, days: number): number =>
  Math.max(0, now - days * dayMs);

/** After everything of that time. */
export const positionAfter = (at: number): string => sortableTime(at, '~');
