import type { VectorIndex } from '../../ports/vector-index.ts';

/**
 * Direct reads of a memory or a turn go on for this long after its entries were first visible: replicas of the index may lag, and
 * searches that started before still rely on the pointers. An index in the database of the store shows an entry from its write on.
 */
export const directReadGraceMs = ({ isInStore = false }: VectorIndex): number =>
  isInStore ? 0 : 60_000;

/** Entries of older versions stay so long after a newer one was first visible: a search under way may know only them. */
export const oldEntriesGraceMs = 10_000;

/** Entries that are not visible after this are taken as lost, and are submitted again. */
export const resubmitAfterMs = 60_000;

/** Time after which a write to the index that was in flight has ended. */
export const inFlightWriteMs = 60_000;

/** Time after which an applied turn is checked for the end of its direct reads. */
export const indexCheckDelayMs = 60_000;
