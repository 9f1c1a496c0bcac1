import type { Memory } from '../../domain/memory/memory.ts';
import type { Feedback, Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { reviseTurn } from './correct-turn.ts';
import { findVisible, type Subject } from './find-by-id.ts';
import { nextVersion } from './write-memory.ts';

/** `is_source`: the id is that of a message. `closed`: the memory is no longer true. */
export type FeedbackOutcome = 'given' | 'not_found' | 'closed' | 'is_source';

/** The next version of the memory. No revision, outbox and event: the memory says what it said before. */
const toMemory = async (
  platform: Platform,
  memory: Memory,
  feedback: Feedback | undefined,
): Promise<boolean> => {
  const { feedback: _, ...rest } = memory;
  const after = feedback ? { ...rest, feedback } : rest;
  const { steps, written } = nextVersion(platform, memory, after, () => []);
  if (!(await commit(platform, steps)).committed) return false;
  await enqueueHints(platform, [hints.index(written.project, written.id)]);
  return true;
};

const toTurn = async (
  platform: Platform,
  turn: Turn,
  feedback: Feedback | undefined,
): Promise<boolean> => {
  const { feedback: _, ...rest } = turn.options;
  const options = feedback ? { ...rest, feedback } : rest;
  return (await reviseTurn(platform, turn, { options })) !== undefined;
};

const isSame = (a: Feedback | undefined, b: Feedback | undefined): boolean =>
  a?.value === b?.value && a?.reason === b?.reason;

const giveTo = (
  platform: Platform,
  { memory, turn }: Exclude<Subject, { message: unknown }>,
  feedback: Feedback | undefined,
): Promise<boolean> | true => {
  const current = memory ? memory.feedback : turn.options.feedback;
  if (isSame(current, feedback)) return true;
  return memory ? toMemory(platform, memory, feedback) : toTurn(platform, turn, feedback);
};

/**
 * Keeps feedback with the memory, or with the turn of a rough memory, in place of any earlier one; undefined clears it. One transaction
 * conditional on the version that was read, so that a concurrent edit loses nothing: when another writer was first, the memory is read
 * again. A deletion erases the feedback with the memory. Safe to repeat.
 */
export const giveFeedback = async (
  platform: Platform,
  project: string,
  id: string,
  feedback: Feedback | undefined,
): Promise<FeedbackOutcome> => {
  for (;;) {
    const subject = await findVisible(platform, project, id);
    if (!subject) return 'not_found';
    if ('message' in subject) return 'is_source';
    if (subject.memory?.state === 'closed') return 'closed';
    if (await giveTo(platform, subject, feedback)) return 'given';
  }
};
