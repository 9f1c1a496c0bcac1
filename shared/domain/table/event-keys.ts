import type { Key } from './items.ts';
import { eventListing } from './keys.ts';

/* Keys of the copies from which lists of events are read. */

/** Listing attributes of the changes of an event: the partitions of its month, and in them the order, are as those of events. */
export const saidListing = (
  project: string,
  event: string,
  createdAt: number,
): { listPk: string; listSk: string } => {
  const { listPk, listSk } = eventListing(project, event, createdAt);
  return { listPk: `${listPk}#SAID`, listSk };
};

/** Present for some minutes after texts of the project were erased. */
export const erasedKey = (project: string): Key<'ERASED'> => ({
  kind: 'ERASED',
  pk: `P#${project}`,
  sk: 'ERASED',
});
