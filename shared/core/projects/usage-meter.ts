import type { Principal } from '../../domain/project.ts';
import { usageKey } from '../../domain/table/keys.ts';
import { addUsage, hourOf, noUsage, type Usage, type UsageCounts } from '../../domain/usage.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { put } from '../steps.ts';
import { retention } from '../ttl.ts';

type Deps = Pick<Platform, 'store' | 'clock' | 'ids' | 'telemetry'>;

/** The most that a crash loses. */
const flushMs = 60_000;
const keptDays = 90;
const hoursAtOnce = 25;
/** API keys of a project that are counted apart within an hour; the others are counted together. */
const maxKeys = 200;
const otherKeys = 'other';
/** Projects and hours held in memory; the oldest go when the store takes none for long. */
const maxHeld = 10_000;

interface Held {
  usage: Usage;
  isFlushed: boolean;
}

/** Counts requests in memory. What a process counted of an hour is one item, written whole, so that no write counts twice. */
export interface UsageMeter {
  count(of: Pick<Principal, 'project' | 'key'>, counts: UsageCounts): void;
  /** Writes what was counted since the last time. What the store does not take stays for the next time. */
  flush(): Promise<void>;
  /** The same, the first time and then at most once a minute: a process that is called rarely loses little. */
  flushWhenDue(): Promise<void>;
  /** What this process holds of a project, by the sort key of its item. */
  held(project: string): ReadonlyMap<string, Usage>;
}

/** @param instance names the process among those that count for the same store */
export const createUsageMeter = (platform: Deps, instance = platform.ids.secret(6)): UsageMeter => {
  const { clock, telemetry } = platform;
  const all = new Map<string, Held>();
  let flushedAt = Number.NEGATIVE_INFINITY;

  const heldOf = (project: string, hour: number): Held => {
    const name = `${project} ${hour}`;
    const known = all.get(name);
    if (known) return known;
    const held = { usage: { project, hour, keys: {} }, isFlushed: true };
    all.set(name, held);
    const [oldest] = all.keys();
    if (all.size > maxHeld && oldest !== undefined) all.delete(oldest);
    return held;
  };

  const stepOf = ({ project, hour, keys }: Usage): Step =>
    put(usageKey(project, hour, instance), {
      project,
      hour,
      keys: { ...keys },
      ...retention(keptDays, hour),
    });

  const write = async (some: readonly Held[]): Promise<void> => {
    for (const held of some) held.isFlushed = true;
    try {
      await commit(
        platform,
        some.map(({ usage }) => stepOf(usage)),
      );
    } catch (error) {
      for (const held of some) held.isFlushed = false;
      const message = error instanceof Error ? error.message : String(error);
      telemetry.log('warn', 'usage.unwritten', { hours: some.length, message });
    }
  };

  const forgetOver = (): void => {
    const current = hourOf(clock.now());
    for (const [name, { usage, isFlushed }] of all)
      if (isFlushed && usage.hour < current) all.delete(name);
  };

  const flush = async (): Promise<void> => {
    flushedAt = clock.now();
    const open = [...all.values()].filter(({ isFlushed }) => !isFlushed);
    for (let at = 0; at < open.length; at += hoursAtOnce)
      await write(open.slice(at, at + hoursAtOnce));
    forgetOver();
  };

  return {
    count({ project, key }, counts) {
      const held = heldOf(project, hourOf(clock.now()));
      const { keys } = held.usage;
      const isKnown = Object.hasOwn(keys, key) || Object.keys(keys).length < maxKeys;
      const name = isKnown ? key : otherKeys;
      keys[name] = addUsage(keys[name] ?? noUsage, counts);
      held.isFlushed = false;
    },
    flush,
    async flushWhenDue() {
      if (clock.now() - flushedAt >= flushMs) await flush();
    },
    held: (project) =>
      new Map(
        [...all.values()]
          .filter(({ usage }) => usage.project === project)
          .map(({ usage }) => [usageKey(project, usage.hour, instance).sk, usage]),
      ),
  };
};

/** Flushes each minute until `stop`, and once more then. */
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
