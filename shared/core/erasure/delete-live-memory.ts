import { type Memory, tombstone } from '../../domain/memory/memory.ts';
import { listingKeys, memoryKey, recentKeys, revisionKey } from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, put, remove } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { eraseCopies } from './erase-memory.ts';

interface DeleteOptions {
  /** Event of the job that deletes the memory. */
  event?: string;
  /** Whether the rest of the source turn's text stays: the one message that the memory was drawn from is erased apart. */
  sparesTurn?: boolean;
  /** Writes for the same transaction. */
  extraWrites?: readonly Step[];
}

/** Replaces a memory by a tombstone, conditional on its version; undefined when it was written in the meantime. */
const writeTombstone = async (
  platform: Platform,
  memory: Memory,
  { event, sparesTurn, extraWrites = [] }: DeleteOptions,
): Promise<Memory | undefined> => {
  const { project, scope, id, pointer, entities } = memory;
  const now = platform.clock.now();
  const deleted = {
    ...tombstone(memory, now),
    erasing: true,
    ...(sparesTurn ? { sparesTurn } : {}),
  };
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
