import type { Item, ItemKind } from '../../domain/table/items.ts';
import { sortableTime } from '../../domain/table/time-listings.ts';
import { dayMs } from '../../domain/time.ts';
import type { Page, Store } from '../../ports/store.ts';

/** Budget of one scan, however many days are empty and however few items pass `keep`: 32 days of 8 shards. */
const maxQueries = 256;
const maxExamined = 3_000;
/** Pages read of one shard before the shards of the day are merged. */
const maxPagesPerShard = 2;

/** Range of a secondary index that is partitioned by day (time buckets) and spread over shards (write sharding). */
export interface TimeRange<K extends ItemKind> {
  kind: K;
  /** Partition keys of the shards of the day of `at`. */
  shardsOf(at: number): string[];
  /** First and last position, in the direction of reading; both included. */
  from: string;
  to: string;
  newestFirst?: boolean;
  /** Rows returned at most. */
  limit: number;
  keep?(item: Item<K>): boolean;
}

export interface IndexRow<K extends ItemKind> {
  at: string;
  item: Item<K>;
}

/** Result of a bounded scan. `stoppedAt`: the budget ran out; everything up to this position was examined. */
export interface ScanResult<K extends ItemKind> {
  found: IndexRow<K>[];
  stoppedAt?: string;
}

interface PartialScan<K extends ItemKind> extends ScanResult<K> {
  queries: number;
  examined: number;
}

const timestampOf = (position: string): number => Number(position.slice(0, 15));

/** Whether a cursor from a client has the form of a position. */
export const isPosition = (text: string): boolean => /^\d{15}#[\w#~-]{0,200}$/.test(text);

const scanShard = async <K extends ItemKind>(
  store: Store,
  pk: string,
  { kind, from, to, newestFirst = false, limit, keep = () => true }: TimeRange<K>,
): Promise<PartialScan<K>> => {
  const read: PartialScan<K> = { found: [], queries: 0, examined: 0 };
  const isWithin = ({ at }: IndexRow<K>) => (newestFirst ? at >= to : at <= to);
  let start: { from: string } | { after: string } = { from };
  for (;;) {
    const page: Page<K> = await store.list({ kind, pk, prefix: '', newestFirst, limit, ...start });
    const listed = page.items.map(({ item }) => ({ at: item.listSk ?? '', item }));
    read.queries += 1;
    read.examined += listed.length;
    read.found.push(...listed.filter((one) => isWithin(one) && keep(one.item)));
    if (page.next === undefined || listed.some((one) => !isWithin(one))) return read;
    const last = listed.at(-1);
    // A page of expired items only has no position to stop at.
    if (last && (read.found.length >= limit || read.queries >= maxPagesPerShard))
      return { ...read, stoppedAt: last.at };
    start = { after: page.next };
  }
};

/** Merges a day's shards in order, up to the position where the first shard stopped. */
const scanDay = async <K extends ItemKind>(
  store: Store,
  day: number,
  range: TimeRange<K>,
): Promise<PartialScan<K>> => {
  const direction = range.newestFirst ? -1 : 1;
  const inOrder = (a: string, b: string) => (a < b ? -direction : direction);
  const shards = await Promise.all(range.shardsOf(day).map((pk) => scanShard(store, pk, range)));
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

const startOfDay = (position: string): number =>
  timestampOf(position) - (timestampOf(position) % dayMs);

/** Days of a range in order, each with the position where the next one begins; undefined for the last. */
function* daysOf({ from, to, newestFirst }: TimeRange<ItemKind>) {
  const step = newestFirst ? -dayMs : dayMs;
  const last = startOfDay(to);
  for (let day = startOfDay(from); newestFirst ? day >= last : day <= last; day += step) {
    const next = newestFirst ? positionAfter(day - 1) : sortableTime(day + dayMs);
    yield { day, next: day === last ? undefined : next };
  }
}

/**
 * Scans a range in order, at most `limit` rows, with a bounded number of queries; when the budget runs out, `stoppedAt` says
 * where to continue. The index is eventually consistent: no decision may depend on it alone.
 */
export const scanTimeIndex = async <K extends ItemKind>(
  store: Store,
  range: TimeRange<K>,
): Promise<ScanResult<K>> => {
  const found: IndexRow<K>[] = [];
  let [queries, examined] = [0, 0];
  for (const { day, next } of daysOf(range)) {
    const read = await scanDay(store, day, range);
    found.push(...read.found);
    queries += read.queries;
    examined += read.examined;
    if (found.length >= range.limit) return { found: found.slice(0, range.limit) };
    const isSpent = queries >= maxQueries || examined >= maxExamined;
    const stoppedAt = read.stoppedAt ?? (isSpent ? next : undefined);
    if (stoppedAt !== undefined) return { found, stoppedAt };
  }
  return { found };
};

/** Start of the retention period. */
export const retentionStart = (now: number, days: number): number =>
  Math.max(0, now - days * dayMs);

/** Position after all rows of a time. */
export const positionAfter = (at: number): string => sortableTime(at, '~');
