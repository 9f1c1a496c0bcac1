import { type Turn, withoutWords } from '../../domain/memory/turn.ts';
import type { Item } from '../../domain/table/items.ts';
import { turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commitTogether, type SubjectWrites } from '../commit-together.ts';
import { messageIsErasable } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { messageAt, messagesOf } from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { eraseTurnTexts } from './erase-turn.ts';

/** A refined turn stays due until the index has lost the messages. The memories that they stated are drawn from the others alone. */
const ofRefined = (turn: Turn, positions: ReadonlySet<number>, now: number) => ({
  ...(turn.drawn
    ? {
        drawn: Object.fromEntries(
          Object.entries(turn.drawn).filter(([position]) => !positions.has(Number(position))),
        ),
      }
    : {}),
  erasedEntries: { positions: [...(turn.erasedEntries?.positions ?? []), ...positions] },
  dueAt: now,
});

/** A worker may be deciding on the former messages of a turn that is not refined, and the index may hold them. */
const ofRough = ({ revision = 0, index, blobs }: Turn, now: number) => ({
  revision: revision + 1,
  ...(index || blobs ? { dueAt: now } : {}),
});

/**
 * The write that erases messages of a turn of which others remain, on condition that the turn is as it was read. The due time that
 * it sets removes the messages from the index, also after a crash.
 */
export const eraseMessagesWrite = (
  { clock }: Pick<Platform, 'clock'>,
  turn: Turn,
  positions: ReadonlySet<number>,
): Step => {
  const now = clock.now();
  const erased: Partial<Item<'TURN'>> = {
    messages: withoutWords(turn.messages, positions),
    erasures: (turn.erasures ?? 0) + 1,
    quotingForbidden: true,
    ...(turn.state === 'applied' ? ofRefined(turn, positions, now) : ofRough(turn, now)),
  };
  return update(turnKey(turn.project, turn.id), erased, messageIsErasable(turn));
};

/** Whether the turn has no other message than these. */
export const areAllMessages = (turn: Turn, positions: ReadonlySet<number>): boolean =>
  messagesOf(turn).every(({ position }) => positions.has(position));

/**
 * Erases messages of refined turns that still have their words, and the whole text of turns that have no others. A turn that changed
 * meanwhile is read again. Needs no index. Safe to repeat.
 */
export const eraseMessages = async (
  platform: Platform,
  project: string,
  positionsOf: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<void> => {
  let left = [...positionsOf.keys()];
  while (left.length > 0) {
    const writes: SubjectWrites<Turn>[] = [];
    const whole: Turn[] = [];
    for (const turn of await readTurns(platform, project, left)) {
      const all = [...(positionsOf.get(turn.id) ?? [])];
      const positions = new Set(all.filter((position) => messageAt(turn, position)));
      if (positions.size === 0) continue;
      if (areAllMessages(turn, positions)) whole.push(turn);
      else {
        const steps = [eraseMessagesWrite(platform, turn, positions)];
        writes.push({ subject: turn, steps, bytes: erasureBytes(turn) });
      }
    }
    await eraseTurnTexts(platform, project, whole, { quotingForbidden: true });
    const { committed, refused } = await commitTogether(platform, writes);
    await enqueueHints(platform, committed.flatMap(hints.erased));
    left = refused.map(({ id }) => id);
  }
};
