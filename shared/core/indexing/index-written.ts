import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import type { FollowedTurn } from '../../ports/queue.ts';
import { enqueueHints, hints } from '../hints.ts';
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
  /** Further turns that were applied, with their memories, that hints at upkeep give to the index. */
  left: readonly FollowedTurn[];
}

/** Memories and turns that a run of refinement has written so far. */
export interface WrittenByRun {
  /** Ids of the memories written, to be indexed at the end of the run. */
  changedMemories: Set<string>;
  /** Ids of the turns applied, whose messages are indexed at the end of the run. */
  appliedTurns: Set<string>;
  /** Memories of the turns applied that are left to upkeep, by turn. */
  leftToUpkeep: Map<string, string[]>;
}

/**
 * Records a turn that was applied, with its memories, for the index. Turns of many users meet in the part of another service's index that an agent or an app has: hints at
 * upkeep give it the entries of many turns at once.
 */
export const recordWritten = (
  { vectorIndex }: Platform,
  { id, entities: { agent, app } }: Turn,
  memories: readonly Memory[],
  run: WrittenByRun,
): void => {
  const written = memories.map((memory) => memory.id);
  if (!vectorIndex.isInStore && (agent !== undefined || app !== undefined))
    run.leftToUpkeep.set(id, written);
  else {
    for (const memory of written) run.changedMemories.add(memory);
    run.appliedTurns.add(id);
  }
};

/** Joins the memories and turns of several runs by project. */
export const writtenByProject = (all: readonly Written[]): Written[] =>
  [...Map.groupBy(all, ({ project }) => project)].map(([project, some]) => ({
    project,
    memories: some.flatMap(({ memories }) => memories),
    turns: some.flatMap(({ turns }) => turns),
    left: some.flatMap(({ left }) => left),
  }));

/**
 * Gives memories and turns that were just written to the index: memories and messages side by side where the index is a service of its own; in the database of
 * the store the messages come second, since their write ends direct reads of a turn whose memories are indexed. A failure is logged, and
 * after it or a crash the due times lead here again. Safe to repeat and to run concurrently.
 */
export const indexWritten = async (
  platform: Platform,
  { project, memories, turns, left }: Written,
): Promise<void> => {
  if (left.length > 0)
    await enqueueHints(
      platform,
      left.map(({ turn, ...known }) => hints.finish(project, turn, known)),
    );
  if (turns.length === 0) return;
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
