import { type Memory, tombstone } from '../../domain/memory/memory.ts';
import {
  closedKeys,
  listingKeys,
  memoryKey,
  recentKeys,
  revisionKey,
} from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import type { SubjectWrites } from '../commit-together.ts';
import { versionIs } from '../conditions.ts';
import { put, remove } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { remainsDays, retention } from '../ttl.ts';

/** A tombstone whose due time erases what is left of the texts. */
export const erasingTombstone = (
  memory: Memory,
  now: number,
  message?: DeleteOptions['deletedMessage'],
): Memory => {
  const { stagedBy: _, ...kept } = tombstone(memory, now);
  const named = message && { deletedMessage: message.position, deletedIn: message.turn };
  return { ...kept, erasing: true, ...named };
};

export interface DeleteOptions {
  /** Event of the job that deletes the memory. */
  event?: string;
  /** The last message that the memory was drawn from, when that message is deleted, and not the whole text of its turn. */
  deletedMessage?: { turn: string; position: number };
}

/**
 * Writes that replace a live memory by a tombstone, conditional on its version. The memory is invisible from then on, but
 * stays listed while its copies are erased, so that a delete-all finds an erasure that was interrupted.
 */
export const tombstoneWrites = (
  { clock, ids }: Pick<Platform, 'clock' | 'ids'>,
  memory: Memory,
  { event, deletedMessage }: DeleteOptions = {},
): SubjectWrites<Memory> => {
  const { project, scope, id, entities } = memory;
  const now = clock.now();
  const deleted = erasingTombstone(memory, now, deletedMessage);
  const { version } = deleted;
  const ofEvent = event === undefined ? {} : { event };
  const expiry = retention(remainsDays, now);
  const steps = [
    put(memoryKey(project, id), { ...deleted, dueAt: now, ...expiry }, versionIs(memory.version)),
    put(revisionKey(project, id, version), {
      memory: id,
      version,
      type: 'DELETE',
      ...ofEvent,
      metadata: {},
      createdAt: now,
      ...expiry,
    }),
  ];
  const outbox = {
    id: writeOutboxId(id, version),
    project,
    entities,
    facts: [
      { type: 'memory_delete' as const, memory: id, ...ofEvent, metadata: {}, categories: [] },
    ],
    order: ids.next(),
    createdAt: now,
  };
  const bytes = erasureBytes(memory);
  return { subject: deleted, steps, bytes, shared: { scope, outbox } };
};

/**
 * Writes that replace a closed memory by a tombstone, conditional on its version. No revision and no outbox: the turn that closed
 * the memory wrote them. The tombstone stays listed like that of a live memory.
 */
export const closedTombstoneWrites = (
  { clock }: Pick<Platform, 'clock'>,
  memory: Memory,
  { deletedMessage }: DeleteOptions = {},
): SubjectWrites<Memory> => {
  const now = clock.now();
  const deleted = erasingTombstone(memory, now, deletedMessage);
  const item = { ...deleted, dueAt: now, ...retention(remainsDays, now) };
  const step = put(memoryKey(memory.project, memory.id), item, versionIs(memory.version));
  return { subject: deleted, steps: [step], bytes: erasureBytes(memory) };
};

/** Writes that remove a memory from all listings, and its recent pointers. */
export const unlistWrites = (memory: Memory): Step[] => {
  const { project, id, pointer, validUntil } = memory;
  const wasClosed = validUntil !== undefined;
  return [
    ...listingKeys(project, memory, id),
    ...(wasClosed ? closedKeys(project, memory, id) : []),
    ...(pointer === undefined ? [] : recentKeys(project, memory, pointer)),
  ].map((key) => remove(key));
};
