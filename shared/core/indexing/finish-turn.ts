import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { filesKey, listedTurnKeys, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { FollowedTurn } from '../../ports/queue.ts';
import type { Condition } from '../../ports/store.ts';
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
  endDirectReadsOf,
  endOfDirectReads,
  mayEndNow,
} from './end-direct-reads.ts';
import type { Unrecorded } from './entry-checks.ts';
import { followTurns, hintAtApplied, isFollowed, submitWritten } from './follow-turns.ts';
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

/** Sets the time of the next check of a turn that is due, and hints at it then; not if the turn has changed: the other writer hints. */
const checkLater = async (
  platform: Platform,
  { project, id }: Turn,
  { index, dueAt }: NextCheck,
  unchanged: Condition,
): Promise<void> => {
  const next = { ...(index ? { index } : {}), dueAt };
  const { committed } = await commit(platform, [update(turnKey(project, id), next, unchanged)]);
  if (!committed) return;
  await enqueueHints(platform, [hints.finish(project, id)], dueAt - platform.clock.now());
};

const recheckLater = (platform: Platform, turn: Turn, unchanged: Condition): Promise<void> => {
  const dueAt = platform.clock.now() + recheckAfterMs;
  return checkLater(platform, turn, { index: turn.index, dueAt }, unchanged);
};

/** Whether messages were indexed that are memories now, word for word. */
const hasVerbatimEntries = (turn: Turn): boolean =>
  isKeptVerbatim(turn) && turn.index !== undefined;

/** Removes the messages of a turn that were indexed while it was rough: now its memories have the same texts. */
const withoutEntries = async (platform: Platform, turn: DueTurn): Promise<DueTurn> => {
  await removeMessages(platform, turn.project, [turn]);
  await commit(platform, [
    update(turnKey(turn.project, turn.id), {}, turnHasTextOf(turn), ['index']),
  ]);
  const { index: _, ...rest } = turn;
  return rest;
};

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
  if (hasVerbatimEntries(turn)) return finishDue(platform, await withoutEntries(platform, turn));
  const next = await nextMessageCheck(platform, turn);
  if (next) await checkLater(platform, turn, next, turnHasTextOf(turn));
  else if (await areMemoriesIndexed(platform, turn)) {
    const { index } = turn;
    await endDirectReadsOf(platform, turn, index ? { index } : {});
  } else await recheckLater(platform, turn, turnHasTextOf(turn));
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
  if (!(await areMemoriesIndexed(platform, turn))) return recheckLater(platform, turn, itemExists);
  await commit(platform, [
    update(key, {}, itemExists, ['dueAt', 'index', 'erasedEntries', 'blobs', 'areBlobsRemoved']),
    ...recentKeys(project, turn, id).map((pointer) => remove(pointer)),
    ...(blobs ? [remove(filesKey(project, id))] : []),
    ...unlisting,
  ]);
};

/**
 * Ends direct reads of turns that were just applied and indexed, if the index is in the database of the store; else hints at them for
 * later, each with its memories that hints are to follow. A turn that is not indexed, or whose check fails or is cut off by a crash, keeps
 * its due time. Safe to repeat and to run concurrently.
 */
export const finishApplied = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
  unrecorded: readonly Unrecorded[],
): Promise<void> => {
  if (directReadGraceMs(platform.vectorIndex) > 0)
    return hintAtApplied(platform, project, ids, unrecorded);
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
  const all = left.flat().map((turn) => hints.finish(project, turn));
  await enqueueHints(platform, all, indexCheckDelayMs);
};

/** Whether a hint at a turn has something to do. */
const isActive = (turn: DueTurn, now: number): boolean =>
  turn.dueAt !== undefined && (turn.dueAt <= now || isFollowed(turn, now));

/** Indexes the messages of turns that are behind. Returns all turns as they are then. */
const withMessages = async (
  platform: Platform,
  project: string,
  turns: readonly DueTurn[],
): Promise<DueTurn[]> => {
  const behind = turns.filter(needsIndexing).map(({ id }) => id);
  if (behind.length === 0) return [...turns];
  await indexMessages(platform, project, behind);
  const read = await readTurns(platform, project, behind);
  const current = new Map(read.map((turn) => [turn.id, turn]));
  return turns.flatMap((turn) =>
    behind.includes(turn.id) ? (current.get(turn.id) ?? []) : [turn],
  );
};

const finishLive = async (platform: Platform, turn: DueTurn): Promise<void> => {
  const { project, id, state, revision = 0 } = turn;
  if (state === 'applied') await finishDue(platform, turn);
  // A turn that was corrected while its messages were indexed stays due, and its new messages are indexed next.
  else if (state !== 'cancelled' && !needsIndexing(turn))
    await commit(platform, [update(turnKey(project, id), {}, turnIsRoughAt(revision), ['dueAt'])]);
};

/**
 * Does what the due times of turns are for: indexes their messages, ends direct reads of applied ones, removes their messages from
 * the index before their texts expire, or removes ended ones from the index. Of an applied turn that is not due yet it does what a hint
 * is for, without a write until direct reads end; the index is asked for the entries of all of these at once. Removes files that the turns
 * have lost. Safe to repeat and to run concurrently: each write is conditional on the turn's state.
 * @param asked the turns, with results of earlier checks of those that were not due
 * @throws RetryableError when the index, the embedder or the store cannot be reached; the due times stay
 */
export const finishTurns = async (
  platform: Platform,
  project: string,
  asked: readonly FollowedTurn[],
): Promise<void> => {
  // Of several hints at a turn the one that names its memories knows the most.
  const inOrder = [...asked].sort(
    (a, b) => Number(a.memories !== undefined) - Number(b.memories !== undefined),
  );
  const known = new Map(inOrder.map((one) => [one.turn, one]));
  const read = await mapConcurrent(
    [...known.keys()],
    (id): Promise<DueTurn | undefined> => removeFiles(platform, project, id),
  );
  const now = platform.clock.now();
  const active = read.flatMap((turn) => (turn && isActive(turn, now) ? [turn] : []));
  const ended = active.filter(({ state, erased }) => state === 'cancelled' || erased);
  await mapConcurrent(ended, (turn) => finishEnded(platform, turn));
  const followedIds = new Set(active.filter((turn) => isFollowed(turn, now)).map(({ id }) => id));
  const turns = await withMessages(
    platform,
    project,
    active.filter((turn) => !ended.includes(turn)),
  );
  const isNext = (turn: DueTurn): boolean => turn.state === 'applied' && followedIds.has(turn.id);
  await mapConcurrent(
    turns.filter((turn) => !isNext(turn)),
    (turn) => finishLive(platform, turn),
  );
  const isUnsubmitted = ({ id }: DueTurn): boolean => {
    const { memories, submission } = known.get(id) ?? {};
    return memories !== undefined && submission === undefined;
  };
  const next = turns.filter(isNext);
  await submitWritten(
    platform,
    project,
    next.filter(isUnsubmitted).map(({ id }) => known.get(id) ?? { turn: id }),
  );
  const submitted = next.filter((turn) => !isUnsubmitted(turn));
  const followed = await mapConcurrent(submitted, async (turn) => ({
    turn: hasVerbatimEntries(turn) ? await withoutEntries(platform, turn) : turn,
    known: known.get(turn.id) ?? { turn: turn.id },
  }));
  if (followed.length > 0) await followTurns(platform, project, followed);
};
