import type { Partition } from '../../domain/memory/filter.ts';
import { listingPks } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';

/** Partition keys of the listings of all partitions, each once. */
export const listingPksOf = (project: string, partitions: readonly Partition[]): string[] => [
  ...new Set(partitions.flatMap((partition) => listingPks(project, partition))),
];

/** Whether the partitions may list any memory, or any of these besides. One round trip. */
export const isAnythingListed = async (
  { store }: Platform,
  project: string,
  partitions: readonly Partition[],
  { closed, turns }: { closed: boolean; turns: boolean },
): Promise<boolean> => {
  const pages = await Promise.all(
    listingPksOf(project, partitions).flatMap((pk) => [
      store.query({ kind: 'LISTED', pk, prefix: 'MEM#', limit: 1 }),
      ...(closed ? [store.query({ kind: 'CLOSED', pk, prefix: 'CLOSED#', limit: 1 })] : []),
      ...(turns
        ? [store.query({ kind: 'LISTED_TURN', pk, prefix: 'TURN_LISTED#', limit: 1 })]
        : []),
    ]),
  );
  // A page may be empty and still have a next one.
  return pages.some(({ items, next }) => items.length > 0 || next !== undefined);
};
