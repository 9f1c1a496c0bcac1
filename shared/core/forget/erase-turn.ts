import type { Change } from '../../domain/change.ts';
import { changesKey, turnKey } from '../../domain/keys.ts';
import type { Turn } from '../../domain/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, stillThere } from '../conditions.ts';
import { update } from '../steps.ts';

/** Erases what was said; that there was a turn, and what became of it, stays. */
export const eraseTurnText = async (
  platform: Platform,
  { project, id, options }: Turn,
): Promise<void> => {
  const { verbatim: _, instructions: __, ...plain } = options;
  await commit(platform, [
    update(
      turnKey(project, id),
      { messages: [], metadata: {}, options: plain, erased: true },
      stillThere,
    ),
  ]);
};

/** Erases the texts of one memory from what an event tells of its changes. */
export const eraseFromChanges = async (
  platform: Platform,
  project: string,
  event: string,
  memory: string,
): Promise<void> => {
  const key = changesKey(project, event);
  for (;;) {
    const item = await platform.store.get(key);
    if (!item?.changes.some((change) => change.memory === memory && !change.erased)) return;
    const { erasures = 0 } = item;
    const changes = item.changes.map((change): Change => {
      if (change.memory !== memory) return change;
      const { text: _, previousText: __, reason: ___, ...rest } = change;
      return { ...rest, erased: true };
    });
    const erased = update(key, { changes, erasures: erasures + 1 }, erasuresAre(erasures));
    if ((await commit(platform, [erased])).committed) return;
  }
};
