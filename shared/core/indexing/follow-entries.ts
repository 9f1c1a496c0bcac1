import type { Platform } from '../../ports/platform.ts';
import type { Submission } from '../../ports/queue.ts';
import {
  type DueMemory,
  endDirectReads,
  graceOf,
  hintLater,
  indexRef,
  isFollowed,
} from './entry-checks.ts';
import { resubmitAfterMs } from './index-delays.ts';

/** A memory whose current version a hint says was submitted. */
interface Followed {
  memory: DueMemory;
  submission: Omit<Submission, 'versions'>;
}

/**
 * Returns the memories whose entries the hint follows: at the version that was submitted, by the embedder in use, not due, and without a
 * record of a later submission, such as one to another layout.
 */
export const followedBy = (
  { clock, embedder }: Platform,
  ids: readonly string[],
  { versions, ...submission }: Submission,
  memories: readonly DueMemory[],
): Followed[] => {
  const submitted = new Map(ids.map((id, index) => [id, versions[index]]));
  return memories.flatMap((memory) =>
    submission.model === embedder.model &&
    submitted.get(memory.id) === memory.version &&
    memory.indexedVersion !== memory.version &&
    isFollowed(memory, clock.now())
      ? [{ memory, submission }]
      : [],
  );
};

/** Ends direct reads of memories whose entries have been visible for long enough, and hints at the others again. */
const endOrWait = async (
  platform: Platform,
  project: string,
  memories: readonly DueMemory[],
  { visibleAt, ...submission }: Followed['submission'] & { visibleAt: number },
): Promise<void> => {
  const now = platform.clock.now();
  const indexed = { submittedAt: submission.submittedAt, vectorModel: submission.model, visibleAt };
  const waiting: DueMemory[] = [];
  await Promise.all(
    memories.map(async (memory) => {
      if (visibleAt + graceOf(platform, memory) > now) waiting.push(memory);
      else await endDirectReads(platform, memory, { ...indexed, indexedVersion: memory.version });
    }),
  );
  await hintLater(
    platform,
    project,
    waiting.map((memory) => ({ memory, visibleAt })),
    submission,
  );
};

/**
 * Checks entries that were submitted, without a write until their direct reads end: hints have the progress. Returns the memories whose
 * entries seem lost. Safe to repeat; after a crash, or when a hint is lost, the due time of the memory leads to the index again.
 */
export const followEntries = async (
  platform: Platform,
  project: string,
  followed: readonly Followed[],
): Promise<DueMemory[]> => {
  const [first] = followed;
  if (!first) return [];
  const { submission } = first;
  const { visibleAt } = submission;
  const memories = followed.map(({ memory }) => memory);
  if (visibleAt !== undefined) {
    await endOrWait(platform, project, memories, { ...submission, visibleAt });
    return [];
  }
  const visible = await platform.vectorIndex.areVisible(project, memories.map(indexRef));
  const now = platform.clock.now();
  const isLost = submission.submittedAt + resubmitAfterMs <= now;
  const shown = memories.filter((_, index) => visible[index]);
  const hidden = memories.filter((_, index) => !visible[index]);
  await hintLater(
    platform,
    project,
    [
      ...shown.map((memory) => ({ memory, visibleAt: now })),
      ...(isLost ? [] : hidden.map((memory) => ({ memory }))),
    ],
    submission,
  );
  return isLost ? hidden : [];
};
