import type { Entities } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { RecentPointer } from '../../domain/table/items.ts';
import { turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type Cutoffs, readCutoffs } from '../cutoffs.ts';
import { listingPksOf } from './listings.ts';

/** Bound of the pointers that a search reads. Writes with older pointers are found through the index. */
const maxPointers = 500;

/** Recent-write pointers, newest first. */
export interface Pointers {
  turns: { turn: string; entities?: Entities }[];
  /** Memories that the API wrote. */
  memories: string[];
  /** Whether there are older pointers. */
  isTruncated: boolean;
}

/** Recent writes; turns are read before anything else, strongly consistent. */
export interface RecentWrites {
  turns: Turn[];
  /** Memories that the API wrote. */
  memories: string[];
  /** Cutoffs of the entities that the turns name. */
  cutoffs: Cutoffs;
}

type PointerRow = { sk: string; item: RecentPointer };

const pointersIn = async (
  { store }: Platform,
  pk: string,
  limit: number,
): Promise<{ pointers: PointerRow[]; isTruncated: boolean }> => {
  const pointers: PointerRow[] = [];
  let after: string | undefined;
  do {
    const page = await store.query({
      kind: 'RECENT',
      pk,
      prefix: 'RECENT#',
      newestFirst: true,
      ...(Number.isFinite(limit) ? { limit } : {}),
      ...(after === undefined ? {} : { after }),
    });
    for (const { key, item } of page.items) pointers.push({ sk: key.sk, item });
    after = page.next;
  } while (after !== undefined && pointers.length < limit);
  return { pointers, isTruncated: after !== undefined };
};

/** Reads the newest pointers of the partitions. One round trip, unless they fill several pages. */
export const readPointers = async (
  platform: Platform,
  project: string,
  partitions: readonly Partition[],
  limit = maxPointers,
): Promise<Pointers> => {
  const read = await Promise.all(
    listingPksOf(project, partitions).map((pk) => pointersIn(platform, pk, limit)),
  );
  const all = read.flatMap(({ pointers }) => pointers).sort((a, b) => (a.sk < b.sk ? 1 : -1));
  const newest = all.slice(0, limit).map(({ item }) => item);
  const turns = newest.flatMap((item) => ('turn' in item ? [item] : []));
  const memories = newest.flatMap((item) => ('memory' in item ? [item.memory] : []));
  return {
    turns: [...new Map(turns.map((pointer) => [pointer.turn, pointer])).values()],
    memories: [...new Set(memories)],
    isTruncated: all.length > limit || read.some(({ isTruncated }) => isTruncated),
  };
};

/** Reads the turns that the pointers name, and the cutoffs that may hide them. One round trip. */
export const readPointerTargets = async (
  platform: Platform,
  project: string,
  { turns: pointers, memories }: Pointers,
): Promise<RecentWrites> => {
  const ids = pointers.map(({ turn }) => turn);
  const named = pointers.flatMap(({ entities }) => (entities ? [{ entities }] : []));
  const [turns, cutoffs] = await Promise.all([
    readTurns(platform, project, ids),
    readCutoffs(platform, project, named),
  ]);
  return { turns, memories, cutoffs };
};

/** Reads turns, strongly consistent. Turns that do not exist are left out. */
export const readTurns = async (
  { store }: Platform,
  project: string,
  ids: readonly string[],
): Promise<Turn[]> => {
  const turns = await store.getMany(ids.map((id) => turnKey(project, id)));
  return turns.filter((turn) => turn !== undefined);
};
