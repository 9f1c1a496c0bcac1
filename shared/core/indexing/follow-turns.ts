import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { FollowedTurn, ShownMessages, Submission } from '../../ports/queue.ts';
import { commit } from '../commit.ts';
import { turnHasTextOf } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { areMemoriesIndexed, type DueTurn, endDirectReadsOf } from './end-direct-reads.ts';
import {
  type DueMemory,
  endDirectReads,
  graceOf,
  hintAtUnrecorded,
  indexRef,
  pollIntervalMs,
  type Unrecorded,
} from './entry-checks.ts';
import { followedBy } from './follow-entries.ts';
import { directReadGraceMs, resubmitAfterMs } from './index-delays.ts';
import { submittedMessages } from './index-messages.ts';
import { submitToIndex, syncIndex } from './sync-index.ts';

/** Most memories that the hint at a turn names; others have hints of their own. */
const maxMemories = 100;

/** Interval between checks of a turn whose memories have hints of their own. */
const recheckAfterMs = 30_000;

/** Whether hints follow an applied turn until its direct reads end: the record gets its progress only once the turn is due. */
export const isFollowed = (
  { dueAt = 0, expiresAt, state, erased, erasedEntries }: DueTurn,
  now: number,
): boolean =>
  dueAt > now && state === 'applied' && expiresAt === undefined && !erased && !erasedEntries;

/** A turn with its memories that hints follow, and what is known of the entries. */
interface Followed {
  turn: DueTurn;
  memories: readonly DueMemory[];
  submission: Omit<Submission, 'versions'> | undefined;
  shown: ShownMessages | undefined;
}

/** Part of a hint that names submitted memories. */
const submitted = (
  memories: readonly DueMemory[],
  submission: Omit<Submission, 'versions'>,
): Pick<FollowedTurn, 'memories' | 'submission'> => ({
  memories: memories.map(({ id }) => id),
  submission: { ...submission, versions: memories.map(({ version }) => version) },
});

const hintOf = ({ turn, memories, submission, shown }: Followed) =>
  hints.finish(turn.project, turn.id, {
    ...(shown ? { shown } : {}),
    ...(submission && memories.length > 0 ? submitted(memories, submission) : {}),
  });

/**
 * Hints at turns that were just applied and given to the index, each with those of its memories that have no record of their entries: one
 * chain of hints follows all entries of a turn.
 */
export const hintAtApplied = async (
  platform: Platform,
  project: string,
  turns: readonly string[],
  unrecorded: readonly Unrecorded[],
): Promise<void> => {
  const applied = new Set(turns);
  const chains = new Map<string, FollowedTurn>(turns.map((turn) => [turn, { turn }]));
  for (const { memories, submission } of unrecorded) {
    const byTurn = Map.groupBy(memories, ({ lastWrite }) => lastWrite);
    for (const [turn, own] of byTurn) {
      const isTaken = turn === undefined || !applied.has(turn) || chains.get(turn)?.memories;
      if (isTaken || own.length > maxMemories)
        await hintAtUnrecorded(platform, project, { memories: own, submission });
      else chains.set(turn, { turn, ...submitted(own, submission) });
    }
  }
  const all = [...chains.values()].map(({ turn, ...known }) => hints.finish(project, turn, known));
  await enqueueHints(platform, all, pollIntervalMs);
};

/** Submits the memories of applied turns that refinement left to upkeep, all at once, and hints at the turns. */
export const submitWritten = async (
  platform: Platform,
  project: string,
  left: readonly FollowedTurn[],
): Promise<void> => {
  if (left.length === 0) return;
  const ids = left.flatMap(({ memories = [] }) => memories);
  const unrecorded = await submitToIndex(platform, project, ids);
  await hintAtApplied(
    platform,
    project,
    left.map(({ turn }) => turn),
    unrecorded,
  );
};

/** Reads the memories that the hints name, without those that changed since or have a record by now. */
const withMemories = async (
  platform: Platform,
  project: string,
  asked: readonly { turn: DueTurn; known: FollowedTurn }[],
): Promise<Followed[]> => {
  const ids = [...new Set(asked.flatMap(({ known }) => known.memories ?? []))];
  const read: (DueMemory | undefined)[] = await platform.store.getMany(
    ids.map((id) => memoryKey(project, id)),
  );
  const byId = new Map(read.flatMap((memory) => (memory ? [[memory.id, memory] as const] : [])));
  return asked.map(({ turn, known: { memories = [], submission, shown } }) => {
    const own = memories.flatMap((id) => byId.get(id) ?? []);
    const followed = submission ? followedBy(platform, memories, submission, own) : [];
    const isCurrent = shown && turn.index?.revision === shown.revision;
    return {
      turn,
      memories: followed.map(({ memory }) => memory),
      submission: followed[0]?.submission,
      shown: isCurrent ? shown : undefined,
    };
  });
};

const hasMessages = ({ index }: Turn): boolean => index !== undefined && index.count > 0;

/** Entries of which it is not known yet that the index shows them. */
const entriesToCheck = ({ turn, memories, submission, shown }: Followed) => [
  ...(hasMessages(turn) && !shown ? submittedMessages(turn) : []),
  ...(submission?.visibleAt === undefined ? memories.map(indexRef) : []),
];

/** Leaves messages that the index lost to the next hint, which finds them unsubmitted. */
const forgetLostMessages = async (platform: Platform, turn: DueTurn): Promise<void> => {
  if (!turn.index) return;
  const { submittedAt: _, ...index } = turn.index;
  const dueAt = platform.clock.now();
  await commit(platform, [
    update(turnKey(turn.project, turn.id), { index, dueAt }, turnHasTextOf(turn)),
  ]);
  await enqueueHints(platform, [hints.finish(turn.project, turn.id)], 0);
};

/** Ends direct reads of the memories, then those of the turn if all of its memories are indexed. */
const endReads = async (
  platform: Platform,
  { turn, memories, submission, shown }: Followed,
): Promise<void> => {
  if (submission?.visibleAt !== undefined) {
    const { submittedAt, model: vectorModel, visibleAt } = submission;
    await mapConcurrent(memories, (memory) =>
      endDirectReads(platform, memory, {
        submittedAt,
        vectorModel,
        visibleAt,
        indexedVersion: memory.version,
      }),
    );
  }
  if (!(await areMemoriesIndexed(platform, turn)))
    return enqueueHints(
      platform,
      [hints.finish(turn.project, turn.id, shown ? { shown } : {})],
      recheckAfterMs,
    );
  const { index } = turn;
  const visible = shown ? { visibleAt: shown.visibleAt } : {};
  await endDirectReadsOf(platform, turn, index ? { index: { ...index, ...visible } } : {});
};

/** A turn of which the index shows all entries: since an earlier check, or else since now. */
const allShown = (followed: Followed, now: number): Followed => {
  const { turn, submission, shown } = followed;
  const shownNow = { revision: turn.index?.revision ?? 0, visibleAt: now };
  return {
    ...followed,
    shown: shown ?? (hasMessages(turn) ? shownNow : undefined),
    submission: submission && { ...submission, visibleAt: submission.visibleAt ?? now },
  };
};

/** When direct reads of a turn and its memories may end, of which the index shows all entries. */
const readyAtOf = (
  platform: Platform,
  { memories, submission, shown }: Followed,
  now: number,
): number =>
  Math.max(
    now,
    ...(shown ? [shown.visibleAt + directReadGraceMs(platform.vectorIndex)] : []),
    ...memories.map((memory) => (submission?.visibleAt ?? now) + graceOf(platform, memory)),
  );

const follow = async (
  platform: Platform,
  followed: Followed,
  isShown: (entry: { id: string }) => boolean,
): Promise<void> => {
  const { turn, memories, submission } = followed;
  const { project, index } = turn;
  const now = platform.clock.now();
  const isOld = (submittedAt = 0): boolean => submittedAt + resubmitAfterMs <= now;
  const toCheck = entriesToCheck(followed);
  const hidden = new Set(toCheck.filter((entry) => !isShown(entry)).map(({ id }) => id));

  const lost = memories.filter((memory) => hidden.has(indexRef(memory).id));
  if (lost.length > 0 && isOld(submission?.submittedAt)) {
    await syncIndex(
      platform,
      project,
      lost.map(({ id }) => id),
    );
    const left = { ...followed, memories: memories.filter((memory) => !lost.includes(memory)) };
    return enqueueHints(platform, [hintOf(left)], pollIntervalMs);
  }
  const areMessagesHidden = submittedMessages(turn).some(({ id }) => hidden.has(id));
  if (areMessagesHidden && isOld(index?.submittedAt)) return forgetLostMessages(platform, turn);
  if (hidden.size > 0) return enqueueHints(platform, [hintOf(followed)], pollIntervalMs);

  const seen = allShown(followed, now);
  const readyAt = readyAtOf(platform, seen, now);
  if (readyAt > now) await enqueueHints(platform, [hintOf(seen)], readyAt - now);
  else await endReads(platform, seen);
};

/**
 * Checks the entries of applied turns and of their memories, without a write until direct reads end: hints have the progress. The index is
 * asked for all of them at once. Safe to repeat and to run concurrently; after a crash, or when a hint is lost, the due times of the turn
 * and of its memories lead to the index again.
 * @throws RetryableError when the index or the store cannot be reached
 */
export const followTurns = async (
  platform: Platform,
  project: string,
  asked: readonly { turn: DueTurn; known: FollowedTurn }[],
): Promise<void> => {
  const followed = await withMemories(platform, project, asked);
  const entries = followed.flatMap(entriesToCheck);
  const visible = entries.length > 0 ? await platform.vectorIndex.areVisible(project, entries) : [];
  const shown = new Set(entries.filter((_, position) => visible[position]).map(({ id }) => id));
  await mapConcurrent(followed, (one) => follow(platform, one, ({ id }) => shown.has(id)));
};
