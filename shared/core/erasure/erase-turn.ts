import type { Change } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { changesKey, listedTurnKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { removeMessages } from '../indexing/index-messages.ts';
import { remove, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Erases a turn's messages, metadata and options, and removes its messages from the index. State and memory ids of the turn are
 * kept for `remainsDays`. The due time it sets removes the messages from the index once more, in case a worker that read them
 * before writes them now. Safe to repeat.
 */
export const eraseTurnText = async (platform: Platform, turn: Turn): Promise<void> => {
  const { project, id, options } = turn;
  const now = platform.clock.now();
  const erased = {
    messages: [],
    metadata: {},
    options: { infer: options.infer },
    erased: true,
    dueAt: now,
  };
  const key = turnKey(project, id);
  await commit(platform, [
    update(key, { ...erased, ...retention(remainsDays, now) }, itemExists),
    ...listedTurnKeys(project, turn, id).map((listed) => remove(listed)),
  ]);
  // Read after the write: a worker marks a turn only as long as it has its text.
  const ended = await platform.store.get(key);
  if (ended) await removeMessages(platform, ended);
  await enqueueHints(platform, [hints.finish(project, id)]);
};

const withoutTexts = (change: Change): Change => {
  const { text: _, previousText: __, reason: ___, ...rest } = change;
  return { ...rest, erased: true };
};

/**
 * Erases texts from the changes of an event. Safe to repeat; concurrent erasures are serialised by the item's counter, so
 * that none restores a text that another one erased.
 * @param memory restricts the erasure to changes of this memory
 */
export const eraseFromChanges = async (
  platform: Platform,
  project: string,
  event: string,
  memory?: string,
): Promise<void> => {
  const isMeant = (change: Change): boolean => memory === undefined || change.memory === memory;
  const key = changesKey(project, event);
  for (;;) {
    const item = await platform.store.get(key);
    if (!item?.changes.some((change) => isMeant(change) && !change.erased)) return;
    const { erasures = 0 } = item;
    const changes = item.changes.map((change) => (isMeant(change) ? withoutTexts(change) : change));
    const erased = update(key, { changes, erasures: erasures + 1 }, erasuresAre(erasures));
    if ((await commit(platform, [erased])).committed) return;
  }
};
