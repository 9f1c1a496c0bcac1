import { type Change, withoutTexts } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Item, Key } from '../../domain/table/items.ts';
import { changesKey, listedTurnKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commitTogether } from '../commit-together.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { removeMessages } from '../indexing/index-messages.ts';
import { remove, update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Erases the messages, metadata and options of turns, and removes their messages from the index. State and memory ids of a turn
 * are kept for `remainsDays`. The due time it sets removes the messages from the index once more, in case a worker that read them
 * before writes them now. Safe to repeat, also after a crash.
 * @param more attributes to set in the same write
 */
export const eraseTurnTexts = async (
  platform: Platform,
  project: string,
  turns: readonly Turn[],
  more: Partial<Turn> = {},
): Promise<void> => {
  if (turns.length === 0) return;
  const now = platform.clock.now();
  const end = { ...more, erased: true, dueAt: now, ...retention(remainsDays, now) };
  await commitTogether(
    platform,
    turns.map((turn) => {
      const text = { messages: [], metadata: {}, options: { infer: turn.options.infer } };
      const step = update(turnKey(project, turn.id), { ...text, ...end }, itemExists);
      return { subject: turn, steps: [step], bytes: erasureBytes(turn) };
    }),
  );
  // Read after the write: a worker marks a turn only as long as it has its text.
  const keys = turns.map(({ id }) => turnKey(project, id));
  const ended = (await platform.store.getMany(keys)).filter((turn) => turn !== undefined);
  await removeMessages(platform, project, ended);
  // Unlisted last, so that a delete-all finds a turn whose messages may be left in the index.
  await commitTogether(
    platform,
    turns.map((turn) => ({
      subject: turn,
      steps: listedTurnKeys(project, turn, turn.id).map((key) => remove(key)),
      bytes: 0,
    })),
  );
  const finish = turns.map(({ id }) => hints.finish(project, id));
  await enqueueHints(platform, finish);
};

/** The step that erases texts from the changes of an event; undefined when there is nothing to erase. */
const redaction = (
  key: Key<'CHANGES'>,
  item: Item<'CHANGES'> | undefined,
  isMeant: (change: Change) => boolean,
): Step | undefined => {
  if (!item?.changes.some((change) => isMeant(change) && !change.erased)) return undefined;
  const { erasures = 0 } = item;
  const changes = item.changes.map((change) => (isMeant(change) ? withoutTexts(change) : change));
  return update(key, { changes, erasures: erasures + 1 }, erasuresAre(erasures));
};

/** Memories whose texts an event has to lose; absent: those of all memories. */
export type ErasedEvent = readonly [event: string, memories?: ReadonlySet<string>];

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
    const items = await platform.store.getMany(left.map(([event]) => changesKey(project, event)));
    const writes = left.flatMap((erased, index) => {
      const [event, memories] = erased;
      const isMeant = ({ memory }: Change): boolean =>
        memories === undefined || (memory !== undefined && memories.has(memory));
      const step = redaction(changesKey(project, event), items[index], isMeant);
      return step
        ? [{ subject: erased, steps: [step], bytes: erasureBytes(items[index] ?? {}) }]
        : [];
    });
    left = (await commitTogether(platform, writes)).refused;
  }
};
