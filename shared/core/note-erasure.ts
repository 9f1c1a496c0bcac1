import { erasedKey } from '../domain/table/event-keys.ts';
import type { Platform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { put } from './steps.ts';

/** Time in which the index of listings certainly loses what was erased, ms. */
const indexLagMs = 300_000;

/** The attributes of a copy of an event's texts. An erasure of anything that the event quotes removes them. */
export const copyAttributes = ['said', 'listPk', 'listSk'] as const;

/**
 * Notes that texts of the project are erased: for some minutes lists of events read no copies, which the index may still have. To be
 * called before a deletion becomes visible, and before an erasure is reported as done. Safe to repeat and to call concurrently.
 */
export const noteErasure = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
): Promise<void> => {
  const noted = { value: '', expiresAt: platform.clock.now() + indexLagMs };
  await commit(platform, [put(erasedKey(project), noted)]);
};
