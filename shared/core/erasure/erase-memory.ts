import { closedVersionId } from '../../domain/memory/derived-ids.ts';
import { type Memory, type Revision, tombstone } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Key } from '../../domain/table/items.ts';
import {
  closedKeys,
  listingKeys,
  memoryKey,
  notificationKey,
  outboxKey,
  revisionKey,
  turnKey,
} from '../../domain/table/keys.ts';
import { memoryNotificationId } from '../../domain/webhooks/notification.ts';
import { endOutboxId, type Fact, writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists, versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { readTurns } from '../retrieval/recent.ts';
import { put, remove, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { eraseNotification } from './erase-notification.ts';
import { eraseFromChanges, eraseTurnText } from './erase-turn.ts';

/** Memories read at once when only the first one that is left matters. */
const memoriesPerRead = 20;

const eraseRevisions = async (
  platform: Platform,
  { project, id }: Memory,
  revisions: readonly Revision[],
): Promise<void> => {
  const kept = retention(remainsDays, platform.clock.now());
  for (const { version } of revisions) {
    const key = revisionKey(project, id, version);
    const erased = { metadata: {}, ...kept };
    await commit(platform, [update(key, erased, itemExists, ['oldText', 'newText'])]);
  }
};

const withoutText = (fact: Fact, memory: string): Fact => {
  if (!('memory' in fact) || fact.memory !== memory) return fact;
  const { text: _, previousText: __, ...rest } = fact;
  return { ...rest, metadata: {} };
};

const redactOutbox = async (
  platform: Platform,
  key: Key<'OUTBOX'>,
  memory: string,
): Promise<void> => {
  for (;;) {
    const item = await platform.store.get(key);
    if (!item) return;
    const { erasures = 0 } = item;
    const facts = item.facts.map((fact) => withoutText(fact, memory));
    const erased = update(key, { facts, erasures: erasures + 1 }, erasuresAre(erasures));
    if ((await commit(platform, [erased])).committed) return;
  }
};

/**
 * Removes the memory's texts from outboxes and notifications. Outboxes come first: fan-out that runs at the same time then
 * creates no notification with the text after the notifications were redacted.
 */
const redactOutboxes = async (
  platform: Platform,
  memory: Memory,
  turns: readonly string[],
): Promise<void> => {
  const { store } = platform;
  const { project, scope, id, version } = memory;
  const outboxes = [
    ...turns.map(endOutboxId),
    ...Array.from({ length: version }, (_, index) => writeOutboxId(id, index + 1)),
  ];
  const keys = outboxes.map((outbox) => outboxKey(project, scope, outbox));
  for (const [index, item] of (await store.getMany(keys)).entries()) {
    const key = keys[index];
    if (item && key) await redactOutbox(platform, key, id);
  }
  const notificationIds = outboxes.map((outbox) => memoryNotificationId(project, outbox, id));
  for (const item of await store.getMany(notificationIds.map((of) => notificationKey(project, of))))
    if (item) await eraseNotification(platform, item);
};

/** Whether a memory besides this one that is not erased was drawn from the turn. */
const isSourceOfOthers = async (
  { store }: Platform,
  { id, project }: Memory,
  { memoryIds = [] }: Turn,
): Promise<boolean> => {
  const others = memoryIds.filter((other) => other !== id);
  for (let from = 0; from < others.length; from += memoriesPerRead) {
    const keys = others
      .slice(from, from + memoriesPerRead)
      .map((other) => memoryKey(project, other));
    if (
      (await store.getMany(keys)).some((other) => other !== undefined && other.state !== 'deleted')
    )
      return true;
  }
  return false;
};

/**
 * Erases a turn's text, its index entry and its event's changes, as far as they concern the memory. The text itself is kept
 * while another memory was drawn from the turn.
 */
const eraseSourceTurn = async (platform: Platform, memory: Memory, turn: Turn): Promise<void> => {
  await commit(platform, [
    update(turnKey(turn.project, turn.id), { quotingForbidden: true }, itemExists),
  ]);
  if (!memory.sparesTurn && !(await isSourceOfOthers(platform, memory, turn)))
    await eraseTurnText(platform, turn);
  await eraseFromChanges(platform, turn.project, turn.event, memory.id);
};

/**
 * Replaces a closed memory by a tombstone, in one transaction. No revision and no notification: the turn that closed it wrote
 * them. Undefined when the memory is not closed any more. Safe to repeat.
 */
const writeClosedTombstone = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Memory | undefined> => {
  for (;;) {
    const memory = await platform.store.get(memoryKey(project, id));
    if (memory?.state !== 'closed') return undefined;
    const now = platform.clock.now();
    const deleted = { ...tombstone(memory, now), erasing: true };
    const { committed } = await commit(platform, [
      put(
        memoryKey(project, id),
        { ...deleted, dueAt: now, ...retention(remainsDays, now) },
        versionIs(memory.version),
      ),
      ...listingKeys(project, memory, id).map((key) => remove(key)),
      ...closedKeys(project, memory, id).map((key) => remove(key)),
    ]);
    if (committed) return deleted;
  }
};

/** Ids of the closed versions that a memory may have: one for each revision by which a turn replaced the text. */
const closedVersionIds = (id: string, revisions: readonly Revision[]): string[] =>
  revisions.flatMap(({ type, turn, version }) =>
    type === 'UPDATE' && turn !== undefined ? [closedVersionId(id, version - 1)] : [],
  );

/**
 * Deletes a closed memory and erases its texts; true when it was still closed. A crash after the first transaction leaves the
 * tombstone's due time, from which the erasure is resumed.
 */
export const deleteClosedMemory = async (
  platform: Platform,
  { project, id }: Pick<Memory, 'project' | 'id'>,
): Promise<boolean> => {
  const deleted = await writeClosedTombstone(platform, project, id);
  if (!deleted) return false;
  await eraseCopies(platform, deleted);
  await enqueueHints(platform, [hints.index(project, id)]);
  return true;
};

/**
 * Erases all copies of a deleted memory's text: in closed versions, revisions, event changes, outboxes and notifications,
 * and the turns from which no other memory was drawn. Idempotent and resumable: the tombstone keeps `erasing`
 * until every copy is gone.
 */
export const eraseCopies = async (platform: Platform, memory: Memory): Promise<void> => {
  const revisions = await revisionsOf(platform, memory.project, memory.id);
  const turns = new Set([...memory.lineage, ...revisions.flatMap(({ turn }) => turn ?? [])]);
  await eraseRevisions(platform, memory, revisions);
  await redactOutboxes(platform, memory, [...turns]);
  // A turn that retracted the memory is not among its sources, but the changes of that turn's event quote it.
  for (const { event } of revisions)
    if (event !== undefined) await eraseFromChanges(platform, memory.project, event, memory.id);
  for (const id of closedVersionIds(memory.id, revisions))
    if (await writeClosedTombstone(platform, memory.project, id))
      await enqueueHints(platform, [hints.index(memory.project, id)]);
  for (const turn of await readTurns(platform, memory.project, memory.lineage))
    await eraseSourceTurn(platform, memory, turn);
  await commit(platform, [
    update(memoryKey(memory.project, memory.id), {}, versionIs(memory.version), ['erasing']),
  ]);
};
