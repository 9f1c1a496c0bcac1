import type { Platform } from '../../ports/platform.ts';
import { logFailure } from '../log-failure.ts';
import type { Unrecorded } from './entry-checks.ts';
import { finishApplied } from './finish-turn.ts';
import { indexMessages } from './index-messages.ts';
import { submitToIndex } from './sync-index.ts';

/** Memories and turns that runs of refinement wrote in a project. */
export interface Written {
  project: string;
  /** Memories that were written. */
  memories: readonly string[];
  /** Turns that were applied. */
  turns: readonly string[];
}

/** Joins the memories and turns of several runs by project. */
export const writtenByProject = (all: readonly Written[]): Written[] =>
  [...Map.groupBy(all, ({ project }) => project)].map(([project, some]) => ({
    project,
    memories: some.flatMap(({ memories }) => memories),
    turns: some.flatMap(({ turns }) => turns),
  }));

/**
 * Gives memories and turns that were just written to the index: memories and messages side by side where the index is a service of its own; in the database of
 * the store the messages come second, since their write ends direct reads of a turn whose memories are indexed. A failure is logged, and
 * after it or a crash the due times lead here again. Safe to repeat and to run concurrently.
 */
export const indexWritten = async (
  platform: Platform,
  { project, memories, turns }: Written,
): Promise<void> => {
  let unrecorded: readonly Unrecorded[] = [];
  const syncMemories = (): Promise<void> =>
    logFailure(platform, project, 'index.sync_failed', async () => {
      unrecorded = await submitToIndex(platform, project, memories);
    });
  const syncMessages = (): Promise<void> =>
    logFailure(platform, project, 'index.messages_failed', () =>
      indexMessages(platform, project, turns),
    );
  if (platform.vectorIndex.isInStore) {
    await syncMemories();
    await syncMessages();
  } else await Promise.all([syncMemories(), syncMessages()]);
  await logFailure(platform, project, 'index.finish_failed', () =>
    finishApplied(platform, project, turns, unrecorded),
  );
};
