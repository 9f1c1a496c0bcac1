import { type Feedback, feedbackValues } from '../../domain/memory/turn.ts';
import { dayMs } from '../../domain/time.ts';
import { addUsage, hourOf, noUsage, type UsageCounts } from '../../domain/usage.ts';
import type { Platform } from '../../ports/platform.ts';
import { visibleIn } from '../retrieval/list.ts';
import { type EntityTotals, listEntities } from '../retrieval/list-entities.ts';
import { readUsage } from './read-usage.ts';
import type { UsageMeter } from './usage-meter.ts';

/** Days of usage that are summed, and bound of the reads for it: each reads up to 2,000 items. */
const usageDays = 31;
const maxReads = 10;

export interface ProjectStats {
  /** Visible memories, rough ones included. */
  memories: number;
  /** Of these, those with feedback, by its value. */
  feedback: { readonly [value in Feedback['value']]: number };
  entities: EntityTotals;
  /** Usage from `since` to before `until`, ms since 1970. */
  usage: { since: number; until: number; counts: UsageCounts };
}

const usageOf = async (
  platform: Pick<Platform, 'store' | 'clock'>,
  project: string,
  meter: UsageMeter | undefined,
): Promise<ProjectStats['usage']> => {
  const now = platform.clock.now();
  const first = hourOf(now - usageDays * dayMs);
  let counts = noUsage;
  let since: number | undefined = first;
  for (let reads = 0; since !== undefined && reads < maxReads; reads++) {
    const page = await readUsage(platform, project, { since, until: now }, meter);
    for (const { keys } of page.hours) counts = Object.values(keys).reduce(addUsage, counts);
    since = page.next;
  }
  return { since: first, until: since ?? now, counts };
};

/**
 * Counts what a project has and does. Memories and entities are those of lists, strongly consistent, so the cost grows with the number
 * of memories. Usage is that of the last 31 days; counts of other processes appear within a minute.
 */
export const projectStats = async (
  platform: Platform,
  project: string,
  meter: UsageMeter | undefined,
): Promise<ProjectStats> => {
  const [{ memories, rough }, { totals }, usage] = await Promise.all([
    visibleIn(platform, project, ['project'], { showExpired: false, validity: 'now' }),
    listEntities(platform, project, { skip: 0, limit: 0 }),
    usageOf(platform, project, meter),
  ]);
  const given = [
    ...memories.map(({ feedback }) => feedback),
    ...rough.map(({ options }) => options.feedback),
  ];
  const countOf = (value: Feedback['value']): number =>
    given.filter((feedback) => feedback?.value === value).length;
  const [positive, negative, veryNegative] = feedbackValues;
  return {
    memories: memories.length + rough.length,
    feedback: {
      [positive]: countOf(positive),
      [negative]: countOf(negative),
      [veryNegative]: countOf(veryNegative),
    },
    entities: totals,
    usage,
  };
};
