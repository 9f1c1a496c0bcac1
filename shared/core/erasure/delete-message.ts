import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { type Turn, withoutWords } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { memoryKey, planKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { messageIsErasable } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { messagesOf, type SpokenMessage, statedBy } from '../retrieval/messages.ts';
import { remove, update } from '../steps.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteTogether } from './delete-together.ts';
import { eraseTurnTexts } from './erase-turn.ts';

/** Whether a memory was drawn from this message alone. */
const isDrawnFromAlone = (memory: Memory, { turn, position }: SpokenMessage): boolean => {
  const stating = Object.entries(turn.drawn ?? {}).filter(([, stated]) =>
    Object.hasOwn(stated, memory.id),
  );
  const isOnly = stating.length === 1 && stating[0]?.[0] === String(position);
  return isOnly && memory.lineage.length === 1 && memory.lineage[0] === turn.id;
};

/** Deletes the live memories that were drawn from the message alone. Each has a condition of its own, so this is safe to repeat. */
const deleteDrawn = async (platform: Platform, message: SpokenMessage): Promise<void> => {
  const { project } = message.turn;
  let ids: readonly string[] = statedBy(message).map(([id]) => id);
  while (ids.length > 0) {
    const memories = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
    const drawn = memories.flatMap((memory) =>
      memory?.state === 'live' && isDrawnFromAlone(memory, message) ? [memory] : [],
    );
    ids = [...(await deleteTogether(platform, project, drawn, { keepsTurnText: true }))];
  }
};

const eraseMessage = async (platform: Platform, turn: Turn, position: number): Promise<boolean> => {
  const { project, scope, id, revision = 0, erasures = 0 } = turn;
  // A memory that several messages state is drawn from the others alone from now on.
  const { [position]: _, ...drawn } = turn.drawn ?? {};
  const isRefined = turn.state === 'applied';
  const erased = {
    messages: withoutWords(turn.messages, new Set([position])),
    ...(turn.drawn ? { drawn } : {}),
    erasures: erasures + 1,
    quotingForbidden: true,
    // A worker may be deciding on the former messages.
    ...(isRefined
      ? {}
      : { revision: revision + 1, ...(turn.index ? { dueAt: platform.clock.now() } : {}) }),
  };
  const { committed } = await commit(platform, [
    update(turnKey(project, id), erased, messageIsErasable(turn)),
    ...(isRefined ? [] : [remove(planKey(project, scope, id))]),
  ]);
  if (!committed) return false;
  if (isRefined)
    await platform.vectorIndex.remove(project, [
      { ...turn, id: vectorId(messageId(id, position), revision + 1) },
    ]);
  else if (turn.index) await enqueueHints(platform, [hints.finish(project, id)]);
  return true;
};

/**
 * Deletes one message, with the memories that were drawn from it alone; with the last message the turn's text goes. False when
 * another writer was first: read again and repeat. After a crash the message may be gone and a memory of it be left.
 */
export const deleteMessage = async (
  platform: Platform,
  message: SpokenMessage,
): Promise<boolean> => {
  const { turn, position } = message;
  const isLast = messagesOf(turn).length === 1;
  if (turn.state !== 'applied')
    return isLast ? cancelTurn(platform, turn) : eraseMessage(platform, turn, position);
  await deleteDrawn(platform, message);
  if (!isLast) return eraseMessage(platform, turn, position);
  await eraseTurnTexts(platform, turn.project, [turn]);
  return true;
};
