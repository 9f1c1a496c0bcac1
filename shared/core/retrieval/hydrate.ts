import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import { isExpired, isPublished, type Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { IndexAttributes } from '../../domain/table/items.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type Cutoffs, deletedBy, readCutoffs } from '../cutoffs.ts';
import { type RecentWrites, readTurns } from './recent.ts';

/** What a reader may see, each thing once: memories, and turns not refined yet. */
export interface Visible {
  memories: Memory[];
  rough: Turn[];
  /** Whether the index should no longer hold this version of a memory (0: of a rough turn). */
  isStale(id: string, version: number): boolean;
}

/** What to look at besides what was written lately. */
export interface HitIds {
  memories: readonly string[];
  /** Turns that were indexed verbatim while they stayed rough for long. */
  turns: readonly string[];
  /** Entities of the hits, as the index tells them. */
  named: readonly Tagged[];
  showExpired: boolean;
}

const isRough = (turn: Turn): boolean =>
  (turn.state === 'pending' || turn.state === 'failed') && !turn.erased;

interface ReadSet {
  turns: Map<string, Turn>;
  memories: Map<string, (Memory & IndexAttributes) | undefined>;
}

const readMemories = async (
  { store }: Platform,
  project: string,
  reading: ReadSet,
  ids: Iterable<string>,
): Promise<void> => {
  const wanted = [...new Set(ids)];
  const items = await store.getMany(wanted.map((id) => memoryKey(project, id)));
  wanted.forEach((id, index) => {
    reading.memories.set(id, items[index]);
  });
};

const memoryIdsOf = (turns: Iterable<Turn>): string[] =>
  [...turns].flatMap((turn) => (turn.state === 'applied' ? (turn.memoryIds ?? []) : []));

/**
 * Turns to read (again): those read as rough that a memory read later was drawn from, so they were applied in between,
 * and those that memories were written ahead for.
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

/** Reads again whatever moved on while it was read, each turn once: a reader gets a turn or its memories, never both or neither. */
const rereadUntilStable = async (
  platform: Platform,
  project: string,
  reading: ReadSet,
): Promise<void> => {
  const fresh = new Set<string>();
  for (;;) {
    const again = staleTurns(reading, fresh);
    if (again.length === 0) return;
    const turns = await readTurns(platform, project, again);
    for (const id of again) {
      fresh.add(id);
      reading.turns.delete(id);
    }
    for (const turn of turns) reading.turns.set(turn.id, turn);
    await readMemories(platform, project, reading, memoryIdsOf(turns));
  }
};

/** Where delete-alls were looked for. */
const cutoffKeysRead = (...read: readonly Cutoffs[]): Set<string> =>
  new Set(read.flatMap(({ revisions }) => revisions.map(({ key }) => key.sk)));

/**
 * Resolves pointers and hits to what is visible now: applied turns to their memories, the rest to themselves; nothing that
 * is gone, held back, expired or older than a delete-all. Reads in the order that makes this safe: turns were read before
 * the index was asked, memories are read last.
 */
export const hydrate = async (
  platform: Platform,
  project: string,
  recent: RecentWrites,
  found: HitIds,
): Promise<Visible> => {
  const reading: ReadSet = {
    turns: new Map(recent.turns.map((turn) => [turn.id, turn])),
    memories: new Map(),
  };
  const unread = found.turns.filter((id) => !reading.turns.has(id));
  for (const turn of await readTurns(platform, project, unread)) reading.turns.set(turn.id, turn);
  const ids = [...recent.memories, ...memoryIdsOf(reading.turns.values()), ...found.memories];
  const [, cutoffsOfHits] = await Promise.all([
    readMemories(platform, project, reading, ids),
    readCutoffs(platform, project, found.named, cutoffKeysRead(recent.cutoffs)),
  ]);
  await rereadUntilStable(platform, project, reading);
  const present = [...reading.memories.values()].filter((memory) => memory !== undefined);
  const rough = [...reading.turns.values()].filter(isRough);
  const known = cutoffKeysRead(recent.cutoffs, cutoffsOfHits);
  const cutoffsOfItems = await readCutoffs(platform, project, [...present, ...rough], known);
  const cutoffs = [recent.cutoffs, cutoffsOfHits, cutoffsOfItems].flatMap((read) => read.cutoffs);
  const isForgotten = deletedBy(cutoffs);
  const isCutOff = cutOffBy(cutoffs);
  const now = platform.clock.now();
  const isCurrent = (dated: { expiresOn?: string }) => found.showExpired || !isExpired(dated, now);
  return {
    memories: present.filter(
      (memory) =>
        memory.state === 'live' &&
        isPublished(memory, reading.turns.get(memory.stagedBy?.turn ?? '')) &&
        isCurrent(memory) &&
        !isForgotten(memory),
    ),
    rough: rough.filter((turn) => isCurrent(turn.options) && !isCutOff(turn)),
    isStale(id, version) {
      if (version === 0) {
        const turn = reading.turns.get(id);
        return !turn || !isRough(turn);
      }
      const memory = reading.memories.get(id);
      if (!memory || memory.state === 'deleted') return true;
      // Until a newer version is settled, an old entry may be all that leads to the memory.
      return memory.version > version && memory.dueAt === undefined;
    },
  };
};
