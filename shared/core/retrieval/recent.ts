import type { Entities } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Recent } from '../../domain/table/items.ts';
import { turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type Cutoffs, readCutoffs } from '../cutoffs.ts';
import { listingsOf } from './listings.ts';

/** Pointers read directly; what is older than the newest of these is found through the index. */
const maxPointers = 500;

/** Where to look directly, newest first. */
export interface Pointers {
  turns: { turn: string; entities?: Entities }[];
  /** Memories the API wrote. */
  memories: string[];
  /** There are older ones. */
  isTruncated: boolean;
}

/** What was written lately, read first and strongly consistent. */
export interface RecentWrites {
  turns: Turn[];
  /** Memories the API wrote. */
  memories: string[];
  /** Delete-alls of what the turns name. */
  cutoffs: Cutoffs;
}

type PointerRow = { sk: string; item: Recent };

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

/** The newest pointers of the partitions. One round trip. */
export const readPointers = async (
  platform: Platform,
  project: string,
  partitions: readonly Partition[],
  limit = maxPointers,
): Promise<Pointers> => {
  const read = await Promise.all(
    listingsOf(project, partitions).map((pk) => pointersIn(platform, pk, limit)),
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

/** The turns that were pointed to, and the delete-alls that can concern them. One round trip. */
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

export const readTurns = async (
  { store }: Platform,
  project: string,
  ids: readonly string[],
): Promise<Turn[]> => {
  const turns = await store.getMany(ids.map((id) => turnKey(project, id)));
  return turns.filter((turn) => turn !== undefined);
};
