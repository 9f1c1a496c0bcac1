import type { Memory, Revision } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Key } from '../../domain/table/items.ts';
import {
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
import { revisionsOf } from '../memories/read-memories.ts';
import { readTurns } from '../retrieval/recent.ts';
import { update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { eraseNotification } from './erase-notification.ts';
import { eraseFromChanges, eraseFromIndex, eraseTurnText } from './erase-turn.ts';

/** Memories read at once when only the first live one matters. */
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

/** Whether a live memory besides this one was drawn from the turn. */
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
    if ((await store.getMany(keys)).some((other) => other?.state === 'live')) return true;
  }
  return false;
};

/**
 * Erases a turn's text, its index entry and its event's changes, as far as they concern the memory. The text itself is kept
 * while another live memory was drawn from the turn.
 */
const eraseSourceTurn = async (platform: Platform, memory: Memory, turn: Turn): Promise<void> => {
  await commit(platform, [
    update(turnKey(turn.project, turn.id), { quotingForbidden: true }, itemExists),
  ]);
  await eraseFromIndex(platform, turn);
  if (!(await isSourceOfOthers(platform, memory, turn))) await eraseTurnText(platform, turn);
  await eraseFromChanges(platform, turn.project, turn.event, memory.id);
};

/**
 * Erases all copies of a deleted memory's text: in revisions, event changes, outboxes and notifications,
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
  for (const turn of await readTurns(platform, memory.project, memory.lineage))
    await eraseSourceTurn(platform, memory, turn);
  await commit(platform, [
    update(memoryKey(memory.project, memory.id), {}, versionIs(memory.version), ['erasing']),
  ]);
};
