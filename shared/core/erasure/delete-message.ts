import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { planKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { changeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { turnHasTextOf } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import type { SpokenMessage } from '../retrieval/messages.ts';
import { check, remove } from '../steps.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteTogether } from './delete-together.ts';
import { drawnFromMessage } from './drawn-from-message.ts';
import { areAllMessages, eraseMessagesWrite } from './erase-messages.ts';
import { eraseFromChanges, eraseTurnTexts } from './erase-turn.ts';

/** Most other sources that the transaction of an erasure checks, below its limit of actions. */
const maxChecked = 90;

/**
 * Deletes what was drawn from the message alone, each item with a condition of its own. The erasure of a memory erases the words of
 * the message too, also after a crash. Returns whether a memory was deleted, and the turns by which others stay.
 */
const deleteDrawn = async (
  platform: Platform,
  message: SpokenMessage,
): Promise<{ isAnyDeleted: boolean; otherSources: Turn[] }> => {
  const { turn, position } = message;
  const deletedMessage = { turn: turn.id, position };
  let isAnyDeleted = false;
  for (;;) {
    const { memories, versions, otherSources } = await drawnFromMessage(platform, message);
    const left = await deleteTogether(platform, turn.project, versions);
    const refused = await deleteTogether(platform, turn.project, memories, { deletedMessage });
    isAnyDeleted ||= refused.size < memories.length;
    if (left.size === 0 && refused.size === 0) return { isAnyDeleted, otherSources };
  }
};

/** The event that reports the deletion of a message without memories of its own. */
const messageEvent = (platform: Platform, { turn, position }: SpokenMessage): Step =>
  changeEvent(platform, turn.project, 'DELETE', [
    { id: messageId(turn.id, position), entities: turn.entities },
  ]);

/** Requires that the messages by which memories stay are left: of two deletions at the same time the second is repeated. */
const checksOf = (otherSources: readonly Turn[]): Step[] =>
  otherSources
    .slice(0, maxChecked)
    .map((turn) => check(turnKey(turn.project, turn.id), turnHasTextOf(turn)));

const eraseMessage = async (
  platform: Platform,
  message: SpokenMessage,
  otherSources: readonly Turn[] = [],
): Promise<boolean> => {
  const { turn, position } = message;
  const { project, scope, id } = turn;
  const isRefined = turn.state === 'applied';
  const { committed } = await commit(platform, [
    eraseMessagesWrite(platform, turn, new Set([position])),
    ...(isRefined ? [] : [remove(planKey(project, scope, id))]),
    messageEvent(platform, message),
    ...checksOf(otherSources),
  ]);
  if (!committed) return false;
  if (isRefined || turn.index || turn.blobs) await enqueueHints(platform, hints.erased(turn));
  return true;
};

/**
 * Deletes one message, with the memories and versions that were drawn from it alone; with the last message the turn's text goes.
 * Needs no index. False when another writer was first: read again and repeat. After a crash the due times of the memories and of the
 * turn finish the erasure, or the message is still there, and the call is to be repeated.
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
  const { isAnyDeleted, otherSources } = await deleteDrawn(platform, message);
  if (isAnyDeleted) {
    // A memory that stayed is left without a message when the other one was deleted at the same time.
    if (otherSources.length > 0) await deleteDrawn(platform, message);
    return true;
  }
  await eraseFromChanges(platform, project, [{ event, memories: new Set(), reasons: true }]);
  if (!isLast) return eraseMessage(platform, message, otherSources);
  const writes = [messageEvent(platform, message), ...checksOf(otherSources)];
  return eraseTurnTexts(platform, project, [turn], {}, writes);
};
