import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import { type Written, withChangeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { commitTogether } from '../commit-together.ts';
import { versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { eraseCopies } from './erase-copies.ts';
import {
  closedTombstoneWrites,
  type DeleteOptions,
  tombstoneWrites,
  unlistWrites,
} from './tombstone.ts';

/** Erases all copies of deleted memories, then unlists them. The index is left to the indexer. Safe to repeat. */
export const finishDeletion = async (
  platform: Platform,
  project: string,
  tombstones: readonly Memory[],
  outboxes: readonly Hint[],
): Promise<void> => {
  if (tombstones.length === 0) return;
  await eraseCopies(platform, project, tombstones);
  await commitTogether(
    platform,
    tombstones.map((memory) => ({
      subject: memory,
      steps: [
        update(memoryKey(project, memory.id), {}, versionIs(memory.version), [
          'erasing',
          'pointer',
        ]),
        ...unlistWrites(memory),
      ],
      bytes: erasureBytes(memory),
    })),
  );
  await enqueueHints(platform, [
    ...hints.indexAll(
      project,
      tombstones.map(({ id }) => id),
    ),
    ...outboxes,
  ]);
};

/** The items that the event of a deletion names: the memories, and the message that they were deleted with. */
const deletedWith = (
  memories: readonly Memory[],
  { deletedMessage }: DeleteOptions,
): readonly Written[] => {
  const [first] = memories;
  if (!first || !deletedMessage) return memories;
  const { turn, position } = deletedMessage;
  return [{ id: messageId(turn, position), entities: first.entities }, ...memories];
};

/**
 * Deletes memories, live or closed, several in one transaction, and erases all their texts. Each transaction
 * has an event that reports it. No reader sees a memory after its
 * transaction; a crash after that leaves the tombstone's due time, from which the erasure is resumed. Returns the ids of
 * memories that another writer changed or deleted in the meantime: this call did not delete them.
 */
export const deleteTogether = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
  options: DeleteOptions = {},
): Promise<ReadonlySet<string>> => {
  const writes = memories.map((memory) =>
    memory.state === 'closed'
      ? closedTombstoneWrites(platform, memory, options)
      : tombstoneWrites(platform, memory, options),
  );
  const { committed, refused, outboxes } = await commitTogether(
    platform,
    writes,
    (steps, deleted) => {
      const all = deletedWith(deleted, options);
      return commit(platform, withChangeEvent(platform, project, 'DELETE', all, steps));
    },
  );
  await finishDeletion(platform, project, committed, outboxes);
  return new Set(refused.map(({ id }) => id));
};
