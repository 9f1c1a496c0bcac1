import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { filesKey, listedTurnKeys, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { ShownMessages } from '../../ports/queue.ts';
import { removeFiles } from '../attachments/file-record.ts';
import { removeLostFiles } from '../attachments/remove-lost-files.ts';
import { commit } from '../commit.ts';
import { itemExists, turnHasTextOf, turnIsRoughAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { isKeptVerbatim } from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { remove, update } from '../steps.ts';
import {
  areMemoriesIndexed,
  beforeExpiryMs,
  type DueTurn,
  endOfDirectReads,
  mayEndNow,
} from './end-direct-reads.ts';
import {
  directReadGraceMs,
  indexCheckDelayMs,
  inFlightWriteMs,
  resubmitAfterMs,
} from './index-delays.ts';
import {
  indexMessages,
  needsIndexing,
  removeLostMessages,
  removeMessages,
  submittedMessages,
} from './index-messages.ts';

/** Interval between checks while the index does not show all memories and messages of a turn. */
const recheckAfterMs = 30_000;

const setIndex = (turn: Turn, index: Turn['index'], dueAt: number) =>
  update(
    turnKey(turn.project, turn.id),
    { ...(index ? { index } : {}), dueAt },
    turnHasTextOf(turn),
  );

/** The next check of a turn, and what is known of its entries then. */
interface NextCheck {
  index: Turn['index'];
  dueAt: number;
}

/** Checks whether the index shows the messages, and since when; undefined once it has for long enough. */
const nextMessageCheck = async (
  { vectorIndex, clock }: Platform,
  turn: Turn,
): Promise<NextCheck | undefined> => {
  const now = clock.now();
  const graceMs = directReadGraceMs(vectorIndex);
  const { index } = turn;
  if (!index || index.count === 0) return undefined;
  if (index.visibleAt !== undefined) {
    const readyAt = index.visibleAt + graceMs;
    return readyAt <= now ? undefined : { index, dueAt: readyAt };
  }
  const visible = await vectorIndex.areVisible(turn.project, submittedMessages(turn));
  if (visible.every(Boolean))
    return graceMs === 0
      ? undefined
      : { index: { ...index, visibleAt: now }, dueAt: now + graceMs };
  const { submittedAt = 0, ...marked } = index;
  const isLost = submittedAt + resubmitAfterMs <= now;
  return { index: isLost ? marked : index, dueAt: isLost ? now : now + recheckAfterMs };
};

/** Whether hints follow an applied turn until its direct reads end: the record gets its progress only once the turn is due. */
const isFollowed = ({ dueAt = 0, expiresAt, state, erased, erasedEntries }: DueTurn, now: number) =>
  dueAt > now && state === 'applied' && expiresAt === undefined && !erased && !erasedEntries;

/** Sets the time of the next check, in the record if the turn is due, and hints at the turn then. */
const checkLater = async (
  platform: Platform,
  turn: DueTurn,
  { index, dueAt }: NextCheck,
): Promise<void> => {
  const { project, id } = turn;
  const now = platform.clock.now();
  const isLost = turn.index?.submittedAt !== undefined && index?.submittedAt === undefined;
  if (!isFollowed(turn, now) || isLost) await commit(platform, [setIndex(turn, index, dueAt)]);
  const { revision = 0, visibleAt } = index ?? {};
  const shown = visibleAt === undefined ? undefined : { revision, visibleAt };
  await enqueueHints(platform, [hints.finish(project, id, shown)], dueAt - now);
};

const recheckLater = (platform: Platform, turn: DueTurn): Promise<void> =>
  checkLater(platform, turn, {
    index: turn.index,
    dueAt: platform.clock.now() + recheckAfterMs,
  });

const withoutIndex = ({ index: _, ...turn }: Turn): Turn => turn;

/** Whether messages were indexed that are memories now, word for word. */
const hasVerbatimEntries = (turn: Turn): boolean =>
  isKeptVerbatim(turn) && turn.index !== undefined;

/**
 * Removes the entries of erased messages from the index, and once more after `inFlightWriteMs`: a worker that read the words before
 * may have written entries after the first removal. Then the turn has its former due time again.
 */
const removeErased = async (
  platform: Platform,
  turn: DueTurn,
  { positions, removedAt }: NonNullable<Turn['erasedEntries']>,
): Promise<void> => {
  const now = platform.clock.now();
  const key = turnKey(turn.project, turn.id);
  await removeLostMessages(platform, turn.project, [turn]);
  if (removedAt === undefined) {
    const again = { erasedEntries: { positions, removedAt: now }, dueAt: now + inFlightWriteMs };
    await commit(platform, [update(key, again, turnHasTextOf(turn))]);
    return;
  }
  const { expiresAt } = turn;
  const dueAt = expiresAt === undefined ? now : expiresAt - beforeExpiryMs;
  const removed = update(key, { dueAt }, turnHasTextOf(turn), ['erasedEntries']);
  if (!(await commit(platform, [removed])).committed || dueAt > now) return;
  const { erasedEntries: _, ...rest } = turn;
  await finishDue(platform, rest);
};

const finishDue = async (platform: Platform, turn: DueTurn): Promise<void> => {
  const { erasedEntries } = turn;
  if (erasedEntries) return removeErased(platform, turn, erasedEntries);
  // Set when direct reads ended: the turn is due because its text is about to expire.
  if (turn.expiresAt !== undefined) {
    await removeMessages(platform, turn.project, [turn]);
    await commit(platform, [
      update(turnKey(turn.project, turn.id), {}, turnHasTextOf(turn), ['dueAt']),
    ]);
    return;
  }
  if (hasVerbatimEntries(turn)) {
    // The messages were indexed while the turn was rough. Now its memories have the same texts.
    await removeMessages(platform, turn.project, [turn]);
    await commit(platform, [
      update(turnKey(turn.project, turn.id), {}, turnHasTextOf(turn), ['index']),
    ]);
    return finishDue(platform, withoutIndex(turn));
  }
  const next = await nextMessageCheck(platform, turn);
  if (next) await checkLater(platform, turn, next);
  else if (await areMemoriesIndexed(platform, turn)) {
    const { index } = turn;
    await commit(platform, endOfDirectReads(platform, turn, index ? { index } : {}));
  } else await recheckLater(platform, turn);
};

/**
 * Removes an ended turn from the index, and its files. Both are removed a second time after `inFlightWriteMs`: a worker that read
 * the turn before may have written them after the first removal. The turn is unlisted after the first, so that a delete-all finds a
 * turn whose messages may be left in the index. The pointers of an applied turn stay until its memories are indexed.
 */
const finishEnded = async (platform: Platform, turn: Turn): Promise<void> => {
  const { project, id, index, blobs, areBlobsRemoved } = turn;
  await removeMessages(platform, turn.project, [turn]);
  await removeLostFiles(platform, [turn]);
  const key = turnKey(project, id);
  const unlisting = listedTurnKeys(project, turn, id).map((listed) => remove(listed));
  if ((index && !index.isRemoved) || (blobs && !areBlobsRemoved)) {
    const dueAt = platform.clock.now() + inFlightWriteMs;
    const removed = {
      ...(index ? { index: { ...index, isRemoved: true } } : {}),
      ...(blobs ? { areBlobsRemoved: true } : {}),
    };
    await commit(platform, [update(key, { ...removed, dueAt }, itemExists), ...unlisting]);
    return;
  }
  if (!(await areMemoriesIndexed(platform, turn))) return recheckLater(platform, turn);
  await commit(platform, [
    update(key, {}, itemExists, ['dueAt', 'index', 'erasedEntries', 'blobs', 'areBlobsRemoved']),
    ...recentKeys(project, turn, id).map((pointer) => remove(pointer)),
    ...(blobs ? [remove(filesKey(project, id))] : []),
    ...unlisting,
  ]);
};

/**
 * Ends direct reads of turns that were just applied and indexed, if the index is in the database of the store; else hints at them for
 * later. A turn that is not indexed, or whose check fails or is cut off by a crash, keeps its due time. Safe to repeat and to run
 * concurrently.
 */
export const finishApplied = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  const later = async (turns: readonly string[]): Promise<void> => {
    const all = turns.map((turn) => hints.finish(project, turn));
    await enqueueHints(platform, all, indexCheckDelayMs);
  };
  if (directReadGraceMs(platform.vectorIndex) > 0) return later(ids);
  const left = await mapConcurrent(
    await readTurns(platform, project, ids),
    async (turn: DueTurn) => {
      const hasEnded = turn.dueAt === undefined || turn.expiresAt !== undefined;
      if (hasEnded) return [];
      const isIndexed = !needsIndexing(turn) && !hasVerbatimEntries(turn);
      if (!isIndexed || !(await mayEndNow(platform, turn))) return [turn.id];
      if (await nextMessageCheck(platform, turn)) return [turn.id];
      await commit(platform, endOfDirectReads(platform, turn));
      return [];
    },
  );
  await later(left.flat());
};

/** The turn with what a hint says of its entries, of which the record says nothing before the turn is due. */
const withShown = <T extends Turn>(turn: T, shown: ShownMessages | undefined): T =>
  shown && turn.index?.revision === shown.revision && turn.index.visibleAt === undefined
    ? { ...turn, index: { ...turn.index, visibleAt: shown.visibleAt } }
    : turn;

/**
 * Does what the due time of a turn is for: indexes its messages, ends direct reads of an applied one, removes its messages from
 * the index before its text expires, or removes an ended one from the index. Of an applied turn that is not due yet it does what a hint
 * is for, without a write until direct reads end. Removes files that the turn has lost. Safe to repeat and to run concurrently: each write is
 * conditional on the turn's state.
 * @param shown result of an earlier check of a turn that was not due
 * @throws RetryableError when the index, the embedder or the store cannot be reached; the due time stays
 */
export const finishTurn = async (
  platform: Platform,
  project: string,
  id: string,
  shown?: ShownMessages,
): Promise<void> => {
  const key = turnKey(project, id);
  const due: DueTurn | undefined = await removeFiles(platform, project, id);
  const now = platform.clock.now();
  if (due?.dueAt === undefined || (due.dueAt > now && !isFollowed(due, now))) return;
  if (due.state === 'cancelled' || due.erased) {
    await finishEnded(platform, due);
    return;
  }
  await indexMessages(platform, project, [id]);
  const turn = await platform.store.get(key);
  if (turn?.state === 'applied')
    await finishDue(platform, isFollowed(due, now) ? withShown(turn, shown) : turn);
  // A turn that was corrected while its messages were indexed stays due, and its new messages are indexed next.
  else if (turn && turn.state !== 'cancelled' && !needsIndexing(turn))
    await commit(platform, [update(key, {}, turnIsRoughAt(turn.revision ?? 0), ['dueAt'])]);
};
