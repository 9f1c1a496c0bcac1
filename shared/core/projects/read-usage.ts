import { usageHour, usageKey } from '../../domain/table/keys.ts';
import { hourMs } from '../../domain/time.ts';
import { addUsage, hourOf, noUsage, type Usage, type UsageCounts } from '../../domain/usage.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Page } from '../../ports/store.ts';
import type { UsageMeter } from './usage-meter.ts';

/** One hour of a project: all its processes together. */
export interface UsageHour {
  hour: number;
  keys: { [key: string]: UsageCounts };
}

const itemsAtOnce = 500;
/** Items read for one answer; hours that do not fit are left to the next. */
const maxItems = 2_000;

type Found = Map<string, Usage>;

/** What is written of hours from `since` on, oldest first; `isCut`: there is more. */
const written = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  { since, until }: { since: number; until: number },
): Promise<{ found: Found; isCut: boolean }> => {
  const { pk } = usageKey(project, since, '');
  const range = { kind: 'USAGE' as const, pk, prefix: 'USAGE#', limit: itemsAtOnce };
  const found: Found = new Map();
  let start: { from: string } | { after: string } = { from: usageHour(since) };
  while (found.size < maxItems) {
    const page: Page<'USAGE'> = await store.query({ ...range, ...start });
    const { items, next } = page;
    for (const { key, item } of items) if (item.hour < until) found.set(key.sk, item);
    const isPast = items.some(({ item }) => item.hour >= until);
    if (next === undefined || isPast) return { found, isCut: false };
    start = { after: next };
  }
  return { found, isCut: true };
};

const sumOf = (hour: number, usages: readonly Usage[]): UsageHour => {
  const keys: UsageHour['keys'] = {};
  for (const usage of usages)
    for (const [key, counts] of Object.entries(usage.keys))
      keys[key] = addUsage(keys[key] ?? noUsage, counts);
  return { hour, keys };
};

/**
 * The use of a project by hour, oldest first, with what this process has counted but not written yet. What another
 * process counted is missing for at most a minute.
 * @returns `next` when there was too much to read at once: the hour to go on from
 */
export const readUsage = async (
  platform: Pick<Platform, 'store'>,
  project: string,
  span: { since: number; until: number },
  meter?: UsageMeter,
): Promise<{ hours: UsageHour[]; next?: number }> => {
  const { found, isCut } = await written(platform, project, span);
  const last = Math.max(...[...found.values()].map(({ hour }) => hour));
  // Another item of the last hour read may be among those left out, unless that hour fills the answer by itself.
  const isWhole = !isCut || last === hourOf(span.since);
  const end = isWhole ? span.until : last;
  for (const [sk, usage] of meter?.held(project) ?? []) found.set(sk, usage);
  const usages = [...found.values()].filter(({ hour }) => hour >= hourOf(span.since) && hour < end);
  const hours = [...Map.groupBy(usages, ({ hour }) => hour)].map(([hour, some]) =>
    sumOf(hour, some),
  );
  hours.sort((a, b) => a.hour - b.hour);
  return { hours, ...(isCut ? { next: isWhole ? last + hourMs : last } : {}) };
};
