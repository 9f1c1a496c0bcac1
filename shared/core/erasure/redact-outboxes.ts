import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory, Revision } from '../../domain/memory/memory.ts';
import type { Key } from '../../domain/table/items.ts';
import { notificationKey, outboxKey } from '../../domain/table/keys.ts';
import {
  categoriesNotificationId,
  memoryNotificationId,
} from '../../domain/webhooks/notification.ts';
import { endOutboxId, type Fact, writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre } from '../conditions.ts';
import { update } from '../steps.ts';
import { eraseNotification } from './erase-notification.ts';

/** Items read at once; an outbox may be large. */
const itemsPerRead = 64;

/** A deleted memory with its history. */
export interface Erasure {
  memory: Memory;
  revisions: readonly Revision[];
}

/** Ids of the outboxes with texts of the memory: those of the turns that shaped it, of turns that were refined again, and of edits. */
const outboxesOf = ({ memory, revisions }: Erasure): string[] => {
  const turns = new Set([...memory.lineage, ...revisions.flatMap(({ turn }) => turn ?? [])]);
  const edits = revisions.filter(
    ({ turn, type, reprocessed }) => reprocessed || (turn === undefined && type !== 'DELETE'),
  );
  return [
    ...[...turns].map(endOutboxId),
    ...edits.map(({ version }) => writeOutboxId(memory.id, version)),
  ];
};

const withoutText = (fact: Fact, memories: ReadonlySet<string>): Fact => {
  if (!('memory' in fact) || !memories.has(fact.memory)) return fact;
  const { text: _, previousText: __, occursOn: ___, ...rest } = fact;
  return { ...rest, metadata: {}, categories: [] };
};

const hasTextOf = (fact: Fact, memories: ReadonlySet<string>): boolean =>
  'memory' in fact &&
  memories.has(fact.memory) &&
  (fact.text !== undefined ||
    fact.previousText !== undefined ||
    fact.categories.length > 0 ||
    Object.keys(fact.metadata).length > 0);

/** An outbox, and the memories whose texts it has to lose. */
interface Redaction {
  key: Key<'OUTBOX'>;
  memories: Set<string>;
}

const redactOutbox = async (platform: Platform, { key, memories }: Redaction): Promise<void> => {
  for (;;) {
    const item = await platform.store.get(key);
    if (!item?.facts.some((fact) => hasTextOf(fact, memories))) return;
    const { erasures = 0 } = item;
    const facts = item.facts.map((fact) => withoutText(fact, memories));
    const erased = update(key, { facts, erasures: erasures + 1 }, erasuresAre(erasures));
    if ((await commit(platform, [erased])).committed) return;
  }
};

const inChunks = async <T>(all: readonly T[], work: (chunk: readonly T[]) => Promise<unknown>) => {
  for (let at = 0; at < all.length; at += itemsPerRead)
    await work(all.slice(at, at + itemsPerRead));
};

/**
 * Removes the texts of deleted memories from outboxes and notifications, from each item once. Outboxes come first: fan-out
 * that runs at the same time then creates no notification with the text after the notifications were redacted. Safe to
 * repeat; concurrent erasures of one item are serialised by its counter.
 */
export const redactOutboxes = async (
  platform: Platform,
  project: string,
  all: readonly Erasure[],
): Promise<void> => {
  const { store } = platform;
  const redactions = new Map<string, Redaction>();
  const notifications: string[] = [];
  for (const erasure of all) {
    const { id, scope } = erasure.memory;
    for (const outbox of outboxesOf(erasure)) {
      const key = outboxKey(project, scope, outbox);
      const name = `${key.pk} ${key.sk}`;
      const redaction = redactions.get(name) ?? { key, memories: new Set() };
      redactions.set(name, { key, memories: redaction.memories.add(id) });
      notifications.push(memoryNotificationId(project, outbox, id));
      notifications.push(categoriesNotificationId(project, outbox, id));
    }
  }
  await inChunks([...redactions.values()], async (chunk) => {
    const items = await store.getMany(chunk.map(({ key }) => key));
    const present = chunk.filter((_, index) => items[index]);
    await mapConcurrent(present, (redaction) => redactOutbox(platform, redaction));
  });
  await inChunks(notifications, async (chunk) => {
    const items = await store.getMany(chunk.map((id) => notificationKey(project, id)));
    const present = items.filter((item) => item !== undefined);
    await mapConcurrent(present, (item) => eraseNotification(platform, item));
  });
};
