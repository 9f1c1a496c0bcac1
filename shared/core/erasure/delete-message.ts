import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { memoryKey, planKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { changeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { type SpokenMessage, statedBy } from '../retrieval/messages.ts';
import { remove } from '../steps.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteTogether } from './delete-together.ts';
import { areAllMessages, eraseMessagesWrite } from './erase-messages.ts';
import { eraseFromChanges, eraseTurnTexts } from './erase-turn.ts';

/** Whether a memory was drawn from this message alone. */
const isDrawnFromAlone = (memory: Memory, { turn, position }: SpokenMessage): boolean => {
  const stating = Object.entries(turn.drawn ?? {}).filter(([, stated]) =>
    Object.hasOwn(stated, memory.id),
  );
  const isOnly = stating.length === 1 && stating[0]?.[0] === String(position);
  return isOnly && memory.lineage.length === 1 && memory.lineage[0] === turn.id;
};

/**
 * Deletes the live memories that were drawn from the message alone, each with a condition of its own. The erasure of one erases
 * the words of the message too, also after a crash. Returns whether a memory was deleted.
 */
const deleteDrawn = async (platform: Platform, message: SpokenMessage): Promise<boolean> => {
  const { project } = message.turn;
  let ids: readonly string[] = statedBy(message).map(([id]) => id);
  let isAnyDeleted = false;
  while (ids.length > 0) {
    const memories = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
    const drawn = memories.flatMap((memory) =>
      memory?.state === 'live' && isDrawnFromAlone(memory, message) ? [memory] : [],
    );
    const options = { deletedMessage: message.position };
    ids = [...(await deleteTogether(platform, project, drawn, options))];
    isAnyDeleted ||= ids.length < drawn.length;
  }
  return isAnyDeleted;
};

/** The event that reports the deletion of a message without memories of its own. */
const messageEvent = (platform: Platform, { turn, position }: SpokenMessage): Step =>
  changeEvent(platform, turn.project, 'DELETE', [
    { id: messageId(turn.id, position), entities: turn.entities },
  ]);

const eraseMessage = async (platform: Platform, message: SpokenMessage): Promise<boolean> => {
  const { turn, position } = message;
  const { project, scope, id } = turn;
  const isRefined = turn.state === 'applied';
  const { committed } = await commit(platform, [
    eraseMessagesWrite(platform, turn, new Set([position])),
    ...(isRefined ? [] : [remove(planKey(project, scope, id))]),
    messageEvent(platform, message),
  ]);
  if (!committed) return false;
  if (isRefined || turn.index || turn.blobs)
    await enqueueHints(platform, [hints.finish(project, id)]);
  return true;
};

/**
 * Deletes one message, with the memories that were drawn from it alone; with the last message the turn's text goes. Needs no index.
 * False when another writer was first: read again and repeat. After a crash either nothing was deleted, or the due times of the
 * memories and of the turn finish the erasure.
 */
export const deleteMessage = async (
  platform: Platform,
  message: SpokenMessage,
): Promise<boolean> => {
  const { turn, position } = message;
  const { project, event } = turn;
  const isLast = areAllMessages(turn, new Set([position]));
  if (turn.state !== 'applied')
    return isLast
      ? cancelTurn(platform, turn, [messageEvent(platform, message)])
      : eraseMessage(platform, message);
  if (await deleteDrawn(platform, message)) return true;
  await eraseFromChanges(platform, project, [{ event, memories: new Set(), reasons: true }]);
  if (!isLast) return eraseMessage(platform, message);
  await eraseTurnTexts(platform, project, [turn], {}, [messageEvent(platform, message)]);
  return true;
};
