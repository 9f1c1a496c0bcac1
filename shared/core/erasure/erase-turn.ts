import type { Change } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { changesKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Erases a turn's messages, metadata and options. State and memory ids of the turn are kept for `remainsDays`. Safe to
 * repeat.
 */
export const eraseTurnText = async (
  platform: Platform,
  { project, id, options: { infer } }: Turn,
): Promise<void> => {
  const erased = { messages: [], metadata: {}, options: { infer }, erased: true };
  const kept = retention(remainsDays, platform.clock.now());
  await commit(platform, [update(turnKey(project, id), { ...erased, ...kept }, itemExists)]);
};

/** Removes the index entry of a turn that was indexed verbatim while it was rough. Safe to repeat. */
export const eraseFromIndex = async ({ vectorIndex }: Platform, turn: Turn): Promise<void> => {
  const entry = { ...turn, id: vectorId(turn.id, 0) };
  if (turn.indexed !== undefined) await vectorIndex.remove(turn.project, [entry]);
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
