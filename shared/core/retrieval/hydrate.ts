import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import { isExpired, isPublished, type Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { IndexAttributes } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type Cutoffs, deletedBy, readCutoffs } from '../cutoffs.ts';
import { type RecentWrites, readTurns } from './recent.ts';

/** Items that a reader may see, each once: memories, and turns that are not refined yet. */
export interface VisibleItems {
  memories: Memory[];
  rough: Turn[];
  /** Whether the index entry of this version of a memory (0: of a rough turn) is to be removed. */
  isStale(id: string, version: number): boolean;
}

/** Items to read besides the recent writes. */
export interface HitIds {
  memories: readonly string[];
  /** Rough turns that were indexed verbatim, because they were not refined for long. */
  turns: readonly string[];
  /** Hits with their entities according to the index, for reading cutoffs early. */
  tagged: readonly Tagged[];
  showExpired: boolean;
}

/** Whether a reader sees the turn itself. */
const isRough = (turn: Turn): boolean =>
  (turn.state === 'pending' || turn.state === 'failed') && !turn.erased;

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
  [...turns].flatMap((turn) => (turn.state === 'applied' ? (turn.memoryIds ?? []) : []));

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
 * its memories, never both and never neither.
 */
const rereadUntilStable = async (
  platform: Platform,
  project: string,
  read: ReadSet,
): Promise<void> => {
  const fresh = new Set<string>();
  for (;;) {
    const again = staleTurns(read, fresh);
    if (again.length === 0) return;
    const turns = await readTurns(platform, project, again);
    for (const id of again) {
      fresh.add(id);
      read.turns.delete(id);
    }
    for (const turn of turns) read.turns.set(turn.id, turn);
    await readMemories(platform, project, read, memoryIdsOf(turns));
  }
};

/** Sort keys of the entity records whose cutoffs were read. */
const cutoffKeysRead = (...parts: readonly Cutoffs[]): Set<string> =>
  new Set(parts.flatMap(({ revisions }) => revisions.map(({ key }) => key.sk)));

/**
 * Hydrates pointers and hits from the store: applied turns become their memories, other turns stay themselves. Leaves out
 * whatever is deleted, staged, expired or older than a cutoff. The order of reads makes this safe under concurrent writes:
 * turns were read before the index was queried, memories are read last. Cutoffs are read by the entities of the hits at
 * the same time as the memories, and once more for entities that only the items name.
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
  const unread = found.turns.filter((id) => !read.turns.has(id));
  for (const turn of await readTurns(platform, project, unread)) read.turns.set(turn.id, turn);
  const ids = [...recent.memories, ...memoryIdsOf(read.turns.values()), ...found.memories];
  const [, cutoffsOfHits] = await Promise.all([
    readMemories(platform, project, read, ids),
    readCutoffs(platform, project, found.tagged, cutoffKeysRead(recent.cutoffs)),
  ]);
  await rereadUntilStable(platform, project, read);
  const present = [...read.memories.values()].filter((memory) => memory !== undefined);
  const rough = [...read.turns.values()].filter(isRough);
  const known = cutoffKeysRead(recent.cutoffs, cutoffsOfHits);
  const cutoffsOfItems = await readCutoffs(platform, project, [...present, ...rough], known);
  const cutoffs = [recent.cutoffs, cutoffsOfHits, cutoffsOfItems].flatMap((part) => part.cutoffs);
  const isDeleted = deletedBy(cutoffs);
  const isCutOff = cutOffBy(cutoffs);
  const now = platform.clock.now();
  const isCurrent = (dated: { expiresOn?: string }) => found.showExpired || !isExpired(dated, now);
  return {
    memories: present.filter(
      (memory) =>
        memory.state === 'live' &&
        isPublished(memory, read.turns.get(memory.stagedBy?.turn ?? '')) &&
        isCurrent(memory) &&
        !isDeleted(memory),
    ),
    rough: rough.filter((turn) => isCurrent(turn.options) && !isCutOff(turn)),
    isStale(id, version) {
      if (version === 0) {
        const turn = read.turns.get(id);
        return !turn || !isRough(turn);
      }
      const memory = read.memories.get(id);
      if (!memory || memory.state === 'deleted') return true;
      // Until the index is seen to hold the newer version, its old entry may be the only way to find the memory.
      return memory.version > version && memory.dueAt === undefined;
    },
  };
};
