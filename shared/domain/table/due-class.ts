/**
 * Class of due items. `work` is what callers wait for: turns, outboxes, deliveries, jobs. `upkeep` follows from work that is done:
 * index entries, the end of direct reads, files to be removed.
 */
export type DueClass = 'work' | 'upkeep';

/** Starts of the partition keys of memories, and of turns with their files. */
const upkeepPrefixes: readonly string[] = ['M#', 'T#'];

/** Returns the class of an item by its partition key. */
export const dueClassOf = (pk: string): DueClass =>
  upkeepPrefixes.includes(pk.slice(0, 2)) ? 'upkeep' : 'work';
