import type { Platform } from '../../ports/platform.ts';
import { findById, type Subject } from '../memories/find-by-id.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteLiveMemory } from './delete-live-memory.ts';
import { deleteMessage } from './delete-message.ts';
import { deleteClosedMemory } from './erase-memory.ts';

export type DeleteOutcome = 'deleted' | 'not_found' | 'is_version';

const deleteSubject = async (platform: Platform, subject: Subject): Promise<boolean> => {
  if ('message' in subject) return deleteMessage(platform, subject.message);
  const { memory, turn } = subject;
  if (!memory) return cancelTurn(platform, turn);
  return memory.state === 'closed'
    ? deleteClosedMemory(platform, memory)
    : deleteLiveMemory(platform, memory);
};

/**
 * Deletes what an id stands for: a memory, with its closed versions; a message, with the memories drawn from it alone; of a rough
 * memory, cancels and erases the turn. Reads again and repeats when another writer was first. A crash in between leaves a due
 * time, from which the erasure is resumed.
 */
export const deleteMemory = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<DeleteOutcome> => {
  for (;;) {
    const subject = await findById(platform, project, id);
    if (!subject) return 'not_found';
    if (subject.memory?.supersededBy !== undefined) return 'is_version';
    if (await deleteSubject(platform, subject)) return 'deleted';
  }
};
