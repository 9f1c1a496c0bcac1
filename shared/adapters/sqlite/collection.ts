import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { EntryClass } from '../../ports/vector-index.ts';
import type { SearchedEntry, VectorPartition } from './vector-partition.ts';

/** An entry in the partition that lists it now. */
export interface Located {
  entry: SearchedEntry;
  partition: VectorPartition;
}

/** The entries of a query's partitions, each once and under a number of its own. Later entries have none. */
export interface Collection {
  partitions: readonly VectorPartition[];
  numbers: ReadonlyMap<string, number>;
  /** The id of each entry, by number. */
  ids: readonly string[];
  /** Each entry as it was when it was numbered, by number. */
  located: readonly Located[];
  /** Whether each entry is of a wanted class and passes the filter, by number. */
  matching: readonly boolean[];
  /** The length of each entry, by number. */
  lengths: readonly number[];
  averageLength: number;
}

/** Entries that are tested between two steps. */
const entriesPerStep = 16;

/**
 * Numbers the entries of the partitions and tests them. Yields between entries: an entry that is in a partition all the
 * time is included, even when the same entry is written again meanwhile, because the iterators of a Map are live.
 */
export function* collect(
  partitions: readonly VectorPartition[],
  classes: ReadonlySet<EntryClass>,
  matches: (target: FilterTarget) => Generator<undefined, boolean>,
): Generator<undefined, Collection> {
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const located: Located[] = [];
  const matching: boolean[] = [];
  const lengths: number[] = [];
  let totalLength = 0;
  for (const partition of partitions)
    for (const entry of partition.entries.values()) {
      const { id, class: entryClass, length, target } = entry;
      if (numbers.has(id)) continue;
      numbers.set(id, ids.length);
      ids.push(id);
      located.push({ entry, partition });
      lengths.push(length);
      totalLength += length;
      matching.push(classes.has(entryClass) && (yield* matches(target)));
      if (ids.length % entriesPerStep === 0) yield;
    }
  const averageLength = ids.length === 0 ? 0 : totalLength / ids.length;
  return { partitions, numbers, ids, located, matching, lengths, averageLength };
}

/** Returns the entry of an id as the partitions list it now; undefined after its removal. */
export const locate = ({ partitions }: Collection, id: string): Located | undefined => {
  for (const partition of partitions) {
    const entry = partition.entries.get(id);
    if (entry) return { entry, partition };
  }
  return undefined;
};
