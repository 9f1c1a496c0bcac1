import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import { isExpired, isPublished, type Memory } from '../../domain/memory/memory.ts';
import { type Message, saidAtOf, type Turn } from '../../domain/memory/turn.ts';
import type { IndexAttributes } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type Cutoffs, deletedBy, readCutoffs } from '../cutoffs.ts';
import {
  type Appearance,
  appearanceOf,
  isKeptVerbatim,
  isRough,
  messageAt,
  messagesOf,
  type SpokenMessage,
  statedBy,
} from './messages.ts';
import { type RecentWrites, readTurns } from './recent.ts';

/** Items that a reader may see, each once: memories, turns that are not refined yet, and messages of refined turns. */
export interface VisibleItems {
  memories: Memory[];
  rough: Turn[];
  /** With whether each may be a result of its own, or only the source of a memory. */
  messages: (SpokenMessage & { appearance: Appearance })[];
  /** Whether the index entry of this version of a memory or a message is to be removed. */
  isStale(id: string, version: number): boolean;
}

/** Memories that a reader sees: true now, true at a time (ms since 1970), or true at any time. */
export type Validity = 'now' | 'ever' | { at: number };

/** Items to read besides the recent writes. */
export interface HitIds {
  memories: readonly string[];
  messages: readonly { turn: string; position: number }[];
  /** Hits with their entities according to the index, for reading cutoffs early. */
  tagged: readonly Tagged[];
  showExpired: boolean;
  /** Time that expiration dates are compared with, ms since 1970; the present if absent. */
  now?: number | undefined;
  validity: Validity;
  /** Whether messages of refined turns are visible. */
  withMessages: boolean;
}

/** Items that were read so far. */
interface ReadSet {
  turns: Map<string, Turn>;
  memories: Map<string, (Memory & IndexAttributes) | undefined>;
}

const readMemories = async (
  { store }: Platform,
  project: string,
  read: ReadSet,
  ids: Iterable<string>,
): Promise<void> => {
  const wanted = [...new Set(ids)];
  const items = await store.getMany(wanted.map((id) => memoryKey(project, id)));
  wanted.forEach((id, index) => {
    read.memories.set(id, items[index]);
  });
};

const memoryIdsOf = (turns: Iterable<Turn>): string[] =>
  [...turns].flatMap(({ state, memoryIds = [], closedIds = [] }) =>
    state === 'applied' ? [...memoryIds, ...closedIds] : [],
  );

/** Ids of the memories that the messages of turns state. */
const statedIn = (turns: readonly Turn[]): string[] =>
  turns.flatMap(({ drawn = {} }) => Object.values(drawn).flatMap((stated) => Object.keys(stated)));

/** Whether a memory is true at the time that the reader asks about. */
const isValid = ({ state, validFrom, validUntil }: Memory, validity: Validity): boolean => {
  if (validity === 'now') return state === 'live';
  if (state === 'deleted') return false;
  if (validity === 'ever') return true;
  return validFrom <= validity.at && validity.at < (validUntil ?? Number.POSITIVE_INFINITY);
};

/** Messages of applied turns: all of recent turns, of older ones those that the index found. */
const messagesToCheck = (
  read: ReadSet,
  recent: ReadonlySet<string>,
  hits: HitIds['messages'],
): SpokenMessage[] => {
  const applied = [...read.turns.values()].filter(
    (turn) => turn.state === 'applied' && !turn.erased && !isKeptVerbatim(turn),
  );
  const wanted = Map.groupBy(hits, ({ turn }) => turn);
  return applied.flatMap((turn) => {
    const found = recent.has(turn.id)
      ? messagesOf(turn)
      : (wanted.get(turn.id) ?? [])
          .map(({ position }) => position)
          .sort((a, b) => a - b)
          .flatMap((position) => messageAt(turn, position) ?? []);
    return found.map((message) => ({ ...message, stated: statedBy(message) }));
  });
};

/**
 * Returns the turns to read again: turns read as rough, of which a memory was read too, so that they were applied in between;
 * and turns that staged one of the memories read.
 */
const staleTurns = ({ turns, memories }: ReadSet, fresh: ReadonlySet<string>): string[] => {
  const present = [...memories.values()].filter((memory) => memory !== undefined);
  const sources = new Set(present.flatMap(({ lineage }) => lineage));
  const overtaken = [...turns.values()].filter((turn) => isRough(turn) && sources.has(turn.id));
  const stagingTurns = present.flatMap(({ stagedBy }) =>
    stagedBy && !turns.has(stagedBy.turn) ? [stagedBy.turn] : [],
  );
  const ids = new Set([...overtaken.map(({ id }) => id), ...stagingTurns]);
  return [...ids].filter((id) => !fresh.has(id));
};

/**
 * Reads turns that changed in the meantime again, with their memories, each turn once. Guarantee: a reader sees a turn or
 * its memories, never both and never neither. Returns whether any was read again.
 */
const rereadUntilStable = async (
  platform: Platform,
  project: string,
  read: ReadSet,
): Promise<boolean> => {
  const fresh = new Set<string>();
  for (;;) {
    const again = staleTurns(read, fresh);
    if (again.length === 0) return fresh.size > 0;
    const turns = await readTurns(platform, project, again);
    for (const id of again) {
      fresh.add(id);
      read.turns.delete(id);
    }
    for (const turn of turns) read.turns.set(turn.id, turn);
    await readMemories(platform, project, read, [...memoryIdsOf(turns), ...statedIn(turns)]);
  }
};

/** Sort keys of the entity records whose cutoffs were read. */
const cutoffKeysRead = (...parts: readonly Cutoffs[]): Set<string> =>
  new Set(parts.flatMap(({ revisions }) => revisions.map(({ key }) => key.sk)));

/**
 * Hydrates pointers and hits from the store: applied turns become their memories, other turns stay themselves. Leaves out
 * whatever is deleted, staged, expired or older than a cutoff. The order of reads makes this safe under concurrent writes:
 * recent turns were read before the index was queried, turns of message hits are read next, memories last. Cutoffs are read by the
 * entities of the hits at the same time as the memories, and once more for entities that only the items name.
 */
export const hydrate = async (
  platform: Platform,
  project: string,
  recent: RecentWrites,
  found: HitIds,
): Promise<VisibleItems> => {
  const read: ReadSet = {
    turns: new Map(recent.turns.map((turn) => [turn.id, turn])),
    memories: new Map(),
  };
  const recentTurns = new Set(recent.turns.map(({ id }) => id));
  const memoryIds = memoryIdsOf(recent.turns);
  const unread = new Set(
    found.messages.map(({ turn }) => turn).filter((id) => !recentTurns.has(id)),
  );
  for (const turn of await readTurns(platform, project, [...unread])) read.turns.set(turn.id, turn);
  const readMessages = () =>
    found.withMessages ? messagesToCheck(read, recentTurns, found.messages) : [];
  const messagesBefore = readMessages();
  const ids = [
    ...recent.memories,
    ...memoryIds,
    ...found.memories,
    ...messagesBefore.flatMap((message) => statedBy(message).map(([id]) => id)),
  ];
  const [, cutoffsOfHits] = await Promise.all([
    readMemories(platform, project, read, ids),
    readCutoffs(platform, project, found.tagged, cutoffKeysRead(recent.cutoffs)),
  ]);
  const isReadAgain = await rereadUntilStable(platform, project, read);
  // A turn that was refined meanwhile is shown by its messages, too.
  const messages = isReadAgain ? readMessages() : messagesBefore;
  const present = [...read.memories.values()].filter((memory) => memory !== undefined);
  const rough = [...read.turns.values()].filter(isRough);
  const known = cutoffKeysRead(recent.cutoffs, cutoffsOfHits);
  const cutoffsOfItems = await readCutoffs(platform, project, [...present, ...rough], known);
  const cutoffs = [recent.cutoffs, cutoffsOfHits, cutoffsOfItems].flatMap((part) => part.cutoffs);
  const isDeleted = deletedBy(cutoffs);
  const isCutOff = cutOffBy(cutoffs);
  const { now = platform.clock.now() } = found;
  const isCurrent = (dated: { expiresOn?: string }) => found.showExpired || !isExpired(dated, now);
  const { validity } = found;
  const wasSaid = (at: number) => typeof validity === 'string' || at <= validity.at;
  const unlessErased = (id: string): Memory | undefined => {
    const memory = read.memories.get(id);
    return memory && !isDeleted(memory) ? memory : undefined;
  };
  const isReadable = (turn: Turn, message?: Message) =>
    isCurrent(turn.options) && wasSaid(saidAtOf(turn, message)) && !isCutOff(turn);
  return {
    memories: present.filter(
      (memory) =>
        isValid(memory, validity) &&
        isPublished(memory, read.turns.get(memory.stagedBy?.turn ?? '')) &&
        isCurrent(memory) &&
        !isDeleted(memory),
    ),
    rough: rough.filter((turn) => isReadable(turn)),
    messages: messages.flatMap((message) => {
      const appearance = appearanceOf(message, unlessErased);
      return appearance === 'hidden' || !isReadable(message.turn, message.message)
        ? []
        : [{ ...message, appearance }];
    }),
    isStale(id, version) {
      const named = parseMessageId(id);
      if (named) {
        const turn = read.turns.get(named.turn);
        const message = turn && messageAt(turn, named.position);
        return (
          !message ||
          turn.state === 'cancelled' ||
          isKeptVerbatim(turn) ||
          // A newer entry than the turn that was read is no older one.
          (turn.revision ?? 0) + 1 > version
        );
      }
      const memory = read.memories.get(id);
      if (!memory || memory.state === 'deleted') return true;
      // Until the index is seen to hold the newer version, its old entry may be the only way to find the memory.
      return memory.version > version && memory.dueAt === undefined;
    },
  };
};

/** Hydrates pointers and memories that a listing names, as `hydrate` does; messages are in no list. */
export const hydrateListed = (
  platform: Platform,
  project: string,
  recent: RecentWrites,
  listed: Pick<HitIds, 'memories' | 'showExpired' | 'now' | 'validity'>,
): Promise<VisibleItems> =>
  hydrate(platform, project, recent, {
    ...listed,
    messages: [],
    tagged: [],
    withMessages: false,
  });
