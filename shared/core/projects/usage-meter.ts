import type { Principal } from '../../domain/project.ts';
import { usageKey } from '../../domain/table/usage-keys.ts';
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
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { put } from '../steps.ts';
import { retention } from '../ttl.ts';

type Deps = Pick<Platform, 'store' | 'clock' | 'ids' | 'telemetry'>;

/** Interval of writes; a crash loses at most the counts of this time. */
const flushMs = 60_000;
const retentionDays = 90;
/** Bound of the items in one transaction. */
const itemsPerWrite = 25;
/** Bound of the API keys that are counted separately in one hour of a project; further keys are counted together. */
const maxKeys = 200;
const otherKeys = 'other';
/** Bound of the hours in memory, over all projects. The oldest are dropped when the store fails for long. */
const maxEntries = 10_000;

/** Counts of one project in one hour. */
interface MeterEntry {
  usage: Usage;
  isFlushed: boolean;
}

/**
 * Counts requests and work in memory. The counts of one process in one hour are one item, and each write replaces the whole item, so a
 * repeated write counts nothing twice.
 */
export interface UsageMeter {
  count(of: Pick<Principal, 'project' | 'key'>, counts: UsageCounts): void;
  /** Counts work in the background, which belongs to no key. */
  countWork(project: string, counts: Partial<WorkCounts>): void;
  /**
   * Writes the counts that changed since the last flush. Counts of a failed write are kept for the next flush. Never
   * rejects.
   */
  flush(): Promise<void>;
  /** Flushes on the first call and then at most once a minute, for processes that are called rarely. */
  flushWhenDue(): Promise<void>;
  /**
   * Counts of this process that are in memory, by the sort key of their item. For readers, these counts replace the stored
   * item.
   */
  unflushed(project: string): ReadonlyMap<string, Usage>;
}

/** @param instance id of this process, unique among those that count in the same store */
export const createUsageMeter = (platform: Deps, instance = platform.ids.secret(6)): UsageMeter => {
  const { clock, telemetry } = platform;
  const all = new Map<string, MeterEntry>();
  let flushedAt = Number.NEGATIVE_INFINITY;

  const entryOf = (project: string, hour: number): MeterEntry => {
    const name = `${project} ${hour}`;
    const known = all.get(name);
    if (known) return known;
    const entry = { usage: { project, hour, keys: {} }, isFlushed: true };
    all.set(name, entry);
    const [oldest] = all.keys();
    if (all.size > maxEntries && oldest !== undefined) all.delete(oldest);
    return entry;
  };

  const toWrite = ({ project, hour, keys, work }: Usage): Step =>
    put(usageKey(project, hour, instance), {
      project,
      hour,
      keys: { ...keys },
      ...(work && { work }),
      ...retention(retentionDays, hour),
    });

  const write = async (entries: readonly MeterEntry[]): Promise<void> => {
    for (const entry of entries) entry.isFlushed = true;
    try {
      await commit(
        platform,
        entries.map(({ usage }) => toWrite(usage)),
      );
    } catch (error) {
      for (const entry of entries) entry.isFlushed = false;
      const message = error instanceof Error ? error.message : String(error);
      telemetry.log('warn', 'usage.unwritten', { hours: entries.length, message });
    }
  };

  const dropPastHours = (): void => {
    const current = hourOf(clock.now());
    for (const [name, { usage, isFlushed }] of all)
      if (isFlushed && usage.hour < current) all.delete(name);
  };

  const flush = async (): Promise<void> => {
    flushedAt = clock.now();
    const changed = [...all.values()].filter(({ isFlushed }) => !isFlushed);
    for (let at = 0; at < changed.length; at += itemsPerWrite)
      await write(changed.slice(at, at + itemsPerWrite));
    dropPastHours();
  };

  return {
    count({ project, key }, counts) {
      const entry = entryOf(project, hourOf(clock.now()));
      const { keys } = entry.usage;
      const isKnown = Object.hasOwn(keys, key) || Object.keys(keys).length < maxKeys;
      const name = isKnown ? key : otherKeys;
      keys[name] = addUsage(keys[name] ?? noUsage, counts);
      entry.isFlushed = false;
    },
    countWork(project, counts) {
      const entry = entryOf(project, hourOf(clock.now()));
      entry.usage.work = addWork(entry.usage.work ?? noWork, counts);
      entry.isFlushed = false;
    },
    flush,
    async flushWhenDue() {
      if (clock.now() - flushedAt >= flushMs) await flush();
    },
    unflushed: (project) =>
      new Map(
        [...all.values()]
          .filter(({ usage }) => usage.project === project)
          .map(({ usage }) => [usageKey(project, usage.hour, instance).sk, usage]),
      ),
  };
};

/** Flushes once a minute until `stop` is aborted, and a last time then. */
export const runUsageFlushes = async (
  meter: UsageMeter,
  { clock }: Pick<Platform, 'clock'>,
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    await clock.sleep(flushMs, stop);
    await meter.flush();
  }
};
