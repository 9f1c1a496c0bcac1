import type { Platform } from '../../ports/platform.ts';
import { readSettings } from './project-settings.ts';

/** Longest time for which another process searches by a former setting. */
const ttlMs = 5_000;
/** Bound of the cache, in projects. */
const maxCached = 1_000;

/** Settings of projects that searches use, cached for 5 seconds. */
export interface SearchDefaults {
  /**
   * Returns whether searches of the project show messages where the request does not say so; true unless the project says
   * otherwise. The read may run beside the other reads of a search.
   */
  includeMessages(project: string): Promise<boolean>;
  /** Forgets a project whose settings this process changed: the next search reads them. */
  forget(project: string): void;
}

/** Creates a cache, one per process. A failed read is not cached. */
export const createSearchDefaults = (
  platform: Pick<Platform, 'store' | 'clock'>,
): SearchDefaults => {
  const cache = new Map<string, { until: number; value: Promise<boolean> }>();

  const read = async (project: string): Promise<boolean> =>
    (await readSettings(platform, project))?.includeMessages ?? true;

  return {
    async includeMessages(project) {
      const now = platform.clock.now();
      const cached = cache.get(project);
      if (cached && cached.until > now) return cached.value;
      const entry = { until: now + ttlMs, value: read(project) };
      cache.delete(project);
      cache.set(project, entry);
      const [oldest] = cache.keys();
      if (cache.size > maxCached && oldest !== undefined) cache.delete(oldest);
      try {
        return await entry.value;
      } catch (error) {
        if (cache.get(project) === entry) cache.delete(project);
        throw error;
      }
    },
    forget(project) {
      cache.delete(project);
    },
  };
};
