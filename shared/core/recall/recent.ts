import type { Partition } from '../../domain/filter.ts';
import { listingPks, turnKey } from '../../domain/keys.ts';
import type { Turn } from '../../domain/turn.ts';
import type { Platform } from '../../ports/platform.ts';

/** Pointers read directly; what is older than the newest of these is found through the index. */
const directReads = 500;

/** What was written lately, read first and strongly consistent. */
export interface RecentWrites {
  turns: Turn[];
  /** Memories the API wrote. */
  memories: string[];
}

const pointersOf = async (
  { store }: Platform,
  pk: string,
  limit: number,
): Promise<{ sk: string; turn?: string; memory?: string }[]> => {
  const pointers: { sk: string; turn?: string; memory?: string }[] = [];
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
    for (const { key, item } of page.items)
      pointers.push(
        'turn' in item ? { sk: key.sk, turn: item.turn } : { sk: key.sk, memory: item.memory },
      );
    after = page.next;
  } while (after !== undefined && pointers.length < limit);
  return pointers;
};

/** The newest pointers of the partitions and the turns they point to. Two round trips. */
export const readRecent = async (
  platform: Platform,
  project: string,
  partitions: readonly Partition[],
  limit = directReads,
): Promise<RecentWrites> => {
  const pks = [...new Set(partitions.flatMap((partition) => listingPks(project, partition)))];
  const pages = await Promise.all(pks.map((pk) => pointersOf(platform, pk, limit)));
  const newest = pages
    .flat()
    .sort((a, b) => (a.sk < b.sk ? 1 : -1))
    .slice(0, limit);
  const turnIds = new Set(newest.flatMap(({ turn }) => (turn === undefined ? [] : [turn])));
  const turns = await readTurns(platform, project, [...turnIds]);
  const memories = newest.flatMap(({ memory }) => (memory === undefined ? [] : [memory]));
  return { turns, memories: [...new Set(memories)] };
};

export const readTurns = async (
  { store }: Platform,
  project: string,
  ids: readonly string[],
): Promise<Turn[]> => {
  const turns = await store.getMany(ids.map((id) => turnKey(project, id)));
  return turns.filter((turn) => turn !== undefined);
};
