import { usageHour, usageKey } from '../../domain/table/usage-keys.ts';
import { hourMs } from '../../domain/time.ts';
import {
  addUsage,
  addWork,
  hourOf,
  noUsage,
  noWork,
  type Usage,
  type UsageCounts,
  type WorkCounts,
} from '../../domain/usage.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Page } from '../../ports/store.ts';
import type { UsageMeter } from './usage-meter.ts';

/** Usage of a project in one hour, summed over all processes. */
export interface UsageHour {
  hour: number;
  keys: { [key: string]: UsageCounts };
  work: WorkCounts;
}

const pageSize = 500;
/** Bound of the items read for one answer. Hours beyond are left to the next call. */
const maxItems = 2_000;

/** Usage items by sort key. */
type UsageItems = Map<string, Usage>;

/** Reads the stored items of the hours from `since` to before `until`, oldest first, up to `maxItems`. */
const readStored = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  { since, until }: { since: number; until: number },
): Promise<{ found: UsageItems; isTruncated: boolean }> => {
  const { pk } = usageKey(project, since, '');
  const range = { kind: 'USAGE' as const, pk, prefix: 'USAGE#', limit: pageSize };
  const found: UsageItems = new Map();
  let start: { from: string } | { after: string } = { from: usageHour(since) };
  while (found.size < maxItems) {
    const page: Page<'USAGE'> = await store.query({ ...range, ...start });
    const { items, next } = page;
    for (const { key, item } of items) if (item.hour < until) found.set(key.sk, item);
    const isPast = items.some(({ item }) => item.hour >= until);
    if (next === undefined || isPast) return { found, isTruncated: false };
    start = { after: next };
  }
  return { found, isTruncated: true };
};

const sumOf = (hour: number, usages: readonly Usage[]): UsageHour => {
  const keys: UsageHour['keys'] = {};
  for (const usage of usages)
    for (const [key, counts] of Object.entries(usage.keys))
      keys[key] = addUsage(keys[key] ?? noUsage, counts);
  const work = usages.reduce((sum, usage) => addWork(sum, usage.work ?? noWork), noWork);
  return { hour, keys, work };
};

/**
 * Returns the usage of a project by hour, oldest first, including counts of this process that are not written yet. Counts of
 * other processes appear within a minute.
 * @returns `next` when there was too much for one call: the hour to continue from
 */
export const readUsage = async (
  platform: Pick<Platform, 'store'>,
  project: string,
  span: { since: number; until: number },
  meter?: UsageMeter,
): Promise<{ hours: UsageHour[]; next?: number }> => {
  const { found, isTruncated } = await readStored(platform, project, span);
  const last = Math.max(...[...found.values()].map(({ hour }) => hour));
  // The last hour may have items that were not read, so it is left to the next call, unless it is the only hour.
  const isWhole = !isTruncated || last === hourOf(span.since);
  const end = isWhole ? span.until : last;
  for (const [sk, usage] of meter?.unflushed(project) ?? []) found.set(sk, usage);
  const usages = [...found.values()].filter(({ hour }) => hour >= hourOf(span.since) && hour < end);
  const hours = [...Map.groupBy(usages, ({ hour }) => hour)].map(([hour, some]) =>
    sumOf(hour, some),
  );
  hours.sort((a, b) => a.hour - b.hour);
  return { hours, ...(isTruncated ? { next: isWhole ? last + hourMs : last } : {}) };
};
