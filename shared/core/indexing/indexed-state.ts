import { RetryableError } from '../../domain/errors.ts';
import { type Event, isFinal } from '../../domain/memory/event.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { DueTurn } from './end-direct-reads.ts';
import { indexRef } from './entry-checks.ts';
import { directReadGraceMs } from './index-delays.ts';
import { needsIndexing, submittedMessages } from './index-messages.ts';

/** Memories of an event that are read at most; the others follow from its turn. */
const maxRead = 100;

/** Whether the vector index shows what an event wrote: its memories, and the messages of its turn. Times in ms since 1970. */
export interface IndexedState {
  isDone: boolean;
  /** When the index was first seen to show all of it; absent before, and once a part was written again. */
  at?: number;
  /** Memories that the event wrote. */
  memories: number;
  /** Memories, of the first 100, that the index does not show yet. */
  waiting: number;
}

type IndexPlatform = Pick<Platform, 'store' | 'vectorIndex'>;

type DueMemory = (Memory & { dueAt?: number }) | undefined;

const isRecorded = (memory: DueMemory): boolean =>
  memory === undefined ||
  memory.dueAt === undefined ||
  (memory.indexedVersion === memory.version && memory.visibleAt !== undefined);

/** Whether the index shows each entry; none of them while it cannot be reached. */
const askIndex = async (
  vectorIndex: Platform['vectorIndex'],
  ...asked: Parameters<Platform['vectorIndex']['areVisible']>
): Promise<boolean[]> => {
  try {
    return await vectorIndex.areVisible(...asked);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    return asked[1].map(() => false);
  }
};

/** Whether the index shows each memory, by its record, or else by the index: a memory that hints follow has no record of it yet. */
const areShown = async (
  { vectorIndex }: IndexPlatform,
  project: string,
  memories: readonly DueMemory[],
): Promise<boolean[]> => {
  const asked = memories.flatMap((memory) => (memory && !isRecorded(memory) ? [memory] : []));
  if (asked.length === 0) return memories.map(() => true);
  const visible = await askIndex(vectorIndex, project, asked.map(indexRef));
  const shown = new Set(asked.filter((_, index) => visible[index]));
  return memories.map(
    (memory) => isRecorded(memory) || (memory !== undefined && shown.has(memory)),
  );
};

/** The latest of some times; undefined if one is unknown. */
const latest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.flatMap((time) => time ?? []);
  return known.length === times.length && known.length > 0 ? Math.max(...known) : undefined;
};

const stateOf = (
  isDone: boolean,
  shown: readonly boolean[],
  total: number,
  times: readonly (number | undefined)[],
): IndexedState => {
  const at = isDone ? latest(times) : undefined;
  return {
    isDone,
    ...(at === undefined ? {} : { at }),
    memories: total,
    waiting: isDone ? 0 : shown.filter((isShown) => !isShown).length,
  };
};

/** When the index showed what was written with `isWritten`; undefined when the memory was written again since. */
const shownAt =
  (isWritten: (memory: Memory) => boolean) =>
  (memory: DueMemory): number | undefined =>
    memory && isWritten(memory) ? memory.visibleAt : undefined;

/** When the index was seen to show the messages of a turn; undefined before. An index without a delay shows each entry at once. */
const messagesShownAt = ({ vectorIndex }: IndexPlatform, turn: Turn): number | undefined => {
  if (needsIndexing(turn)) return undefined;
  return directReadGraceMs(vectorIndex) === 0 ? turn.index?.submittedAt : turn.index?.visibleAt;
};

/** Asks the index for the messages of a turn: the turn records their visibility later. */
const areMessagesVisible = async (platform: IndexPlatform, turn: Turn): Promise<boolean> => {
  const submitted = submittedMessages(turn);
  if (needsIndexing(turn) || submitted.length > maxRead) return false;
  return (await askIndex(platform.vectorIndex, turn.project, submitted)).every(Boolean);
};

const ofTurn = async (platform: IndexPlatform, turn: DueTurn): Promise<IndexedState> => {
  const ids = [...(turn.memoryIds ?? []), ...(turn.closedIds ?? [])];
  const read = ids.slice(0, maxRead).map((id) => memoryKey(turn.project, id));
  const memories = await platform.store.getMany(read);
  const shown = await areShown(platform, turn.project, memories);
  // The turn has no due time, or one for the expiry of its text, once the index shows all of it.
  const isFinished = turn.dueAt === undefined || turn.expiresAt !== undefined;
  const hasMessages = needsIndexing(turn) || (turn.index?.count ?? 0) > 0;
  const messagesAt = messagesShownAt(platform, turn);
  const isDone =
    isFinished ||
    (ids.length <= maxRead &&
      shown.every(Boolean) &&
      (!hasMessages || messagesAt !== undefined || (await areMessagesVisible(platform, turn))));
  // No turn writes a closed memory again.
  const isWritten = ({ state, lastWrite }: Memory): boolean =>
    state === 'closed' || lastWrite === turn.id;
  const times = [...memories.map(shownAt(isWritten)), ...(hasMessages ? [messagesAt] : [])];
  return stateOf(isDone, shown, ids.length, times);
};

const ofEdit = async (
  platform: IndexPlatform,
  { project, written = [] }: Event,
): Promise<IndexedState> => {
  const versions = new Map(written.map(({ memory, version }) => [memory, version]));
  const read = [...versions.keys()].slice(0, maxRead).map((id) => memoryKey(project, id));
  const memories = await platform.store.getMany(read);
  const shown = await areShown(platform, project, memories);
  const isWritten = ({ id, version }: Memory): boolean => versions.get(id) === version;
  return stateOf(shown.every(Boolean), shown, versions.size, memories.map(shownAt(isWritten)));
};

/** Whether the words of a turn are in the index, or will be. */
const isIndexed = (turn: Turn | undefined): turn is Turn =>
  turn !== undefined && !turn.erased && turn.state !== 'cancelled';

/**
 * Reads whether the index shows what an event wrote, of an add or an edit; undefined for others, and where nothing is left of it. At
 * most 101 items are read, the index is asked twice at most, and nothing is written: the marks are those by which direct reads end. The
 * time is known once they have ended.
 */
export const readIndexedState = async (
  platform: IndexPlatform,
  event: Event,
): Promise<IndexedState | undefined> => {
  if (event.kind === 'UPDATE') return ofEdit(platform, event);
  if (event.kind !== 'ADD' || event.turn === undefined) return undefined;
  if (!isFinal(event.status)) return { isDone: false, memories: 0, waiting: 0 };
  const turn = await platform.store.get(turnKey(event.project, event.turn));
  return isIndexed(turn) ? ofTurn(platform, turn) : undefined;
};
