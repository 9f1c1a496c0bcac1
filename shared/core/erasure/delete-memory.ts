import { type Memory, tombstone } from '../../domain/memory/memory.ts';
import { listingKeys, memoryKey, recentKeys, revisionKey } from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { findById } from '../memories/read-memories.ts';
import { newOutbox, put, remove } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { cancelTurn } from './cancel-turn.ts';
import { eraseCopies } from './erase-memory.ts';

/** The job that asks for a deletion, and what is to be written with it. */
interface Deletion {
  event?: string;
  extraWrites?: readonly Step[];
}

/** Puts a tombstone in a memory's place if nobody wrote it since it was read; undefined when someone did. */
const writeTombstone = async (
  platform: Platform,
  memory: Memory,
  { event, extraWrites = [] }: Deletion,
): Promise<Memory | undefined> => {
  const { project, scope, id, pointer, entities } = memory;
  const now = platform.clock.now();
  const deleted = { ...tombstone(memory, now), erasing: true };
  const { version } = deleted;
  const outbox = writeOutboxId(id, version);
  const kept = retention(remainsDays, now);
  const pointers = pointer === undefined ? [] : recentKeys(project, memory, pointer);
  const { committed } = await commit(platform, [
    put(memoryKey(project, id), { ...deleted, dueAt: now, ...kept }, versionIs(memory.version)),
    put(revisionKey(project, id, version), {
      memory: id,
      version,
      type: 'DELETE',
      ...(event === undefined ? {} : { event }),
      metadata: {},
      createdAt: now,
      ...kept,
    }),
    ...listingKeys(project, memory, id).map((key) => remove(key)),
    ...pointers.map((key) => remove(key)),
    newOutbox(scope, {
      id: outbox,
      project,
      entities,
      facts: [
        {
          type: 'memory_delete',
          memory: id,
          ...(event === undefined ? {} : { event }),
          metadata: {},
          categories: [],
        },
      ],
      order: platform.ids.next(),
      createdAt: now,
    }),
    ...extraWrites,
  ]);
  return committed ? deleted : undefined;
};

/**
 * Deletes a live memory and erases every text of it that we keep. Gone for every reader once the first transaction commits;
 * a crash after that leaves a due time, from which the erasure goes on. False when it was written or deleted meanwhile.
 */
export const deleteLive = async (
  platform: Platform,
  memory: Memory,
  deletion: Deletion = {},
): Promise<boolean> => {
  const deleted = await writeTombstone(platform, memory, deletion);
  if (!deleted) return false;
  await eraseCopies(platform, deleted);
  const { project, scope, id, version } = deleted;
  await enqueueHints(platform, [
    hints.index(project, id),
    hints.outbox(project, scope, writeOutboxId(id, version)),
  ]);
  return true;
};

/** Deletes a memory; a rough one by cancelling its turn and erasing it. */
export const deleteMemory = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<'deleted' | 'not_found'> => {
  for (;;) {
    const subject = await findById(platform, project, id);
    if (!subject) return 'not_found';
    if ('turn' in subject && subject.turn.state === 'applied') return 'not_found';
    const done =
      'memory' in subject
        ? await deleteLive(platform, subject.memory)
        : await cancelTurn(platform, subject.turn);
    if (done) return 'deleted';
  }
};
