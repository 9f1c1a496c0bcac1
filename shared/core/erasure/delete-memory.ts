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

interface DeleteOptions {
  /** Event of the job that deletes the memory. */
  event?: string;
  /** Writes for the same transaction. */
  extraWrites?: readonly Step[];
}

/** Replaces a memory by a tombstone, conditional on its version; undefined when it was written in the meantime. */
const writeTombstone = async (
  platform: Platform,
  memory: Memory,
  { event, extraWrites = [] }: DeleteOptions,
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
 * Deletes a live memory and erases all its texts. No reader sees the memory after the first transaction; a crash after that
 * leaves the tombstone's due time, from which the erasure is resumed. Returns false when the memory was written or deleted
 * in the meantime.
 */
export const deleteLiveMemory = async (
  platform: Platform,
  memory: Memory,
  options: DeleteOptions = {},
): Promise<boolean> => {
  const tombstone = await writeTombstone(platform, memory, options);
  if (!tombstone) return false;
  await eraseCopies(platform, tombstone);
  const { project, scope, id, version } = tombstone;
  await enqueueHints(platform, [
    hints.index(project, id),
    hints.outbox(project, scope, writeOutboxId(id, version)),
  ]);
  return true;
};

/**
 * Deletes a memory; of a rough one, cancels and erases the turn. Reads again and repeats when another writer was first.
 * A crash in between leaves a due time, from which the erasure is resumed.
 */
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
        ? await deleteLiveMemory(platform, subject.memory)
        : await cancelTurn(platform, subject.turn);
    if (done) return 'deleted';
  }
};
