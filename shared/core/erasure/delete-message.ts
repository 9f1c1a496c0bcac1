import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, planKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { changeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { turnHasTextOf, versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { dropPlan } from '../memories/drop-plan.ts';
import type { SpokenMessage } from '../retrieval/messages.ts';
import { check, remove } from '../steps.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteTogether } from './delete-together.ts';
import { drawnFromMessage } from './drawn-from-message.ts';
import { areAllMessages, eraseMessagesWrite } from './erase-messages.ts';
import { eraseFromChanges, eraseTurnTexts } from './erase-turn.ts';
import { eraseReplaced, restoreText } from './restore-text.ts';

/** Most other sources and memories that the transaction of an erasure checks, below its limit of actions. */
const maxChecked = 90;

/** Result of a deletion of what was drawn from a message alone. */
interface Deleted {
  isAnyDeleted: boolean;
  /** Turns by which other memories stay. */
  otherSources: Turn[];
  /** The memories that stay, as they were read. */
  kept: Memory[];
}

/**
 * Deletes what was drawn from the message alone, each item with a condition of its own. A memory that stays, but whose text the message
 * alone said, gets its former text back. The erasure of a memory erases the words of the message too, also after a crash.
 */
const deleteDrawn = async (platform: Platform, message: SpokenMessage): Promise<Deleted> => {
  const { turn, position } = message;
  const deletedMessage = { turn: turn.id, position };
  let isAnyDeleted = false;
  for (;;) {
    const drawn = await drawnFromMessage(platform, message);
    const { memories, versions, restorations, replaced, kept, otherSources } = drawn;
    const left = await deleteTogether(platform, turn.project, versions);
    for (const text of replaced) await eraseReplaced(platform, text);
    for (const restoration of restorations) await restoreText(platform, restoration);
    const refused = await deleteTogether(platform, turn.project, memories, { deletedMessage });
    isAnyDeleted ||= refused.size < memories.length;
    const isDone = left.size === 0 && refused.size === 0 && restorations.length === 0;
    if (isDone) return { isAnyDeleted, otherSources, kept };
  }
};

/** The event that reports the deletion of a message without memories of its own. */
const messageEvent = (platform: Platform, { turn, position }: SpokenMessage): Step =>
  changeEvent(platform, turn.project, 'DELETE', [
    { id: messageId(turn.id, position), entities: turn.entities },
  ]);

/**
 * Requires that the messages by which memories stay are left, and the memories as they were read: of two deletions at the same time the
 * second is repeated, also if the first gave a memory the text of this message back.
 */
const checksOf = ({ otherSources, kept }: Pick<Deleted, 'otherSources' | 'kept'>): Step[] =>
  [
    ...otherSources.map((turn) => check(turnKey(turn.project, turn.id), turnHasTextOf(turn))),
    ...kept.map(({ project, id, version }) => check(memoryKey(project, id), versionIs(version))),
  ].slice(0, maxChecked);

const eraseMessage = async (
  platform: Platform,
  message: SpokenMessage,
  left: Pick<Deleted, 'otherSources' | 'kept'> = { otherSources: [], kept: [] },
): Promise<boolean> => {
  const { turn, position } = message;
  const { project, scope, id } = turn;
  const isRefined = turn.state === 'applied';
  const { committed } = await commit(platform, [
    eraseMessagesWrite(platform, turn, new Set([position])),
    ...(isRefined ? [] : [remove(planKey(project, scope, id))]),
    messageEvent(platform, message),
    ...checksOf(left),
  ]);
  if (!committed) return false;
  await dropPlan(platform, turn);
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
  const { isAnyDeleted, ...left } = await deleteDrawn(platform, message);
  if (isAnyDeleted) {
    // A memory that stayed is left without a message when the other one was deleted at the same time.
    if (left.otherSources.length + left.kept.length > 0) await deleteDrawn(platform, message);
    return true;
  }
  await eraseFromChanges(platform, project, [{ event, memories: new Set(), reasons: true }]);
  if (!isLast) return eraseMessage(platform, message, left);
  const writes = [messageEvent(platform, message), ...checksOf(left)];
  return eraseTurnTexts(platform, project, [turn], {}, writes);
};
