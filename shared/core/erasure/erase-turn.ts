import { type Change, withoutTexts } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Item, Key } from '../../domain/table/items.ts';
import { changesKey, listedTurnKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { removeLostFiles } from '../attachments/remove-lost-files.ts';
import { commitTogether } from '../commit-together.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { removeLostMessages } from '../indexing/index-messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { remove, update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Erases the messages, metadata and options of turns, and leaves a due time, by which their messages are removed from the index and
 * the turns from the listings. State and memory ids of a turn are kept for `remainsDays`. Needs no index. Safe to repeat, also after
 * a crash.
 * @param more attributes to set in the same write
 * @param extraWrites further writes, or checks, of the transaction of a single turn
 * @returns false when a check refused a turn, of which nothing was erased
 */
export const eraseTurnTexts = async (
  platform: Platform,
  project: string,
  turns: readonly Turn[],
  more: Partial<Turn> = {},
  extraWrites: readonly Step[] = [],
): Promise<boolean> => {
  if (turns.length === 0) return true;
  const now = platform.clock.now();
  const end = { ...more, erased: true, dueAt: now, ...retention(remainsDays, now) };
  const { committed, refused } = await commitTogether(
    platform,
    turns.map((turn) => {
      const text = { messages: [], metadata: {}, options: { infer: turn.options.infer } };
      const step = update(turnKey(project, turn.id), { ...text, ...end }, itemExists);
      return { subject: turn, steps: [step, ...extraWrites], bytes: erasureBytes(turn) };
    }),
  );
  await enqueueHints(platform, committed.flatMap(hints.erased));
  return refused.length === 0;
};

/**
 * Removes the messages that turns have lost from the index at once, and their files, for a job that succeeds only then. The
 * due time of each turn removes them once more. Safe to repeat.
 * @throws RetryableError when the index, or the store of the files, cannot be reached
 */
export const unindexErased = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  // Read after the write that erased them: a worker marks a turn only as long as it has its text.
  const turns = await readTurns(platform, project, ids);
  await removeLostMessages(platform, project, turns);
  await removeLostFiles(platform, turns);
  // Unlisted last, so that a delete-all finds a turn whose messages may be left in the index.
  const erased = turns.filter((turn) => turn.erased);
  await commitTogether(
    platform,
    erased.map((turn) => ({
      subject: turn,
      steps: listedTurnKeys(project, turn, turn.id).map((key) => remove(key)),
      bytes: 0,
    })),
  );
};

/** The texts that an event has to lose. */
export interface ErasedEvent {
  event: string;
  /** Memories whose changes lose their texts. */
  memories: ReadonlySet<string> | 'all';
  /** Memory whose changes lose the text that they replaced. */
  previous?: string;
  /** Whether all changes lose their reasons, which may quote any message of the turn. */
  reasons?: boolean;
}

const withoutReason = (change: Change): Change => {
  if (change.reason === undefined) return change;
  const { reason: _, ...rest } = change;
  return change.type === 'NONE' ? { ...rest, erased: true } : rest;
};

const withoutPrevious = (change: Change): Change => {
  if (change.previousText === undefined) return change;
  // A reason may quote the text that was replaced.
  const { previousText: _, reason: __, ...rest } = change;
  return rest;
};

/** The change as it is after the erasure; the same object when it loses nothing. */
const afterErasure = (change: Change, { memories, previous, reasons }: ErasedEvent): Change => {
  if (change.erased) return change;
  const { memory } = change;
  const isErased = memories === 'all' || (memory !== undefined && memories.has(memory));
  if (isErased) return withoutTexts(change);
  if (previous !== undefined && memory === previous) return withoutPrevious(change);
  return reasons ? withoutReason(change) : change;
};

/** The step that erases texts from the changes of an event; undefined when there is nothing to erase. */
const redaction = (
  key: Key<'CHANGES'>,
  item: Item<'CHANGES'> | undefined,
  erased: ErasedEvent,
): Step | undefined => {
  if (!item) return undefined;
  const { erasures = 0 } = item;
  const changes = item.changes.map((change) => afterErasure(change, erased));
  if (changes.every((change, at) => change === item.changes[at])) return undefined;
  return update(key, { changes, erasures: erasures + 1 }, erasuresAre(erasures));
};

/**
 * Erases texts from the changes of events. Safe to repeat; concurrent erasures are serialised by the counter of each item, so
 * that none restores a text that another one erased.
 */
export const eraseFromChanges = async (
  platform: Platform,
  project: string,
  events: readonly ErasedEvent[],
): Promise<void> => {
  let left = events;
  while (left.length > 0) {
    const items = await platform.store.getMany(left.map(({ event }) => changesKey(project, event)));
    const writes = left.flatMap((erased, index) => {
      const step = redaction(changesKey(project, erased.event), items[index], erased);
      return step
        ? [{ subject: erased, steps: [step], bytes: erasureBytes(items[index] ?? {}) }]
        : [];
    });
    left = (await commitTogether(platform, writes)).refused;
  }
};
