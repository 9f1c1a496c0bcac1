import { outboxKey } from '../domain/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { erase } from './steps.ts';

/**
 * Tells everyone who asked to be told, then is done with the outbox. Nobody can ask yet: an installation without endpoints
 * has no one to tell. Safe to repeat.
 */
export const fanOut = async (
  platform: Platform,
  project: string,
  outbox: string,
): Promise<void> => {
  await commit(platform, [erase(outboxKey(project, outbox))]);
};
