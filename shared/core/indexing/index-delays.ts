import type { Turn } from '../../domain/memory/turn.ts';
import type { VectorIndex } from '../../ports/vector-index.ts';

/**
 * Direct reads of a memory or a turn go on for this long after its entries were first visible: replicas of the index may lag, and
 * searches that started before still rely on the pointers. An index in the database of the store shows an entry from its write on.
 */
export const directReadGraceMs = ({ isInStore = false }: VectorIndex): number =>
  isInStore ? 0 : 60_000;

/** Time in which the index of another service is to show a memory or a turn, and direct reads of it to end, as hints follow it. */
const followedByHintsMs = 180_000;

/**
 * Due time of a memory that is written now, and that a hint follows until its direct reads end. Until then the progress of the entry is
 * in hints: a record of it would be one more write. A memory that is due then lost its hint or its entry, and is submitted again.
 */
export const firstIndexCheckAt = (vectorIndex: VectorIndex, now: number): number =>
  directReadGraceMs(vectorIndex) === 0 ? now : now + followedByHintsMs;

/**
 * Due time of a turn that is applied now. As with memories, hints follow it before. The due time that it has since it was accepted is
 * kept if that is late enough, since a change of it is charged twice.
 */
export const firstTurnCheckAt = (
  vectorIndex: VectorIndex,
  { dueAt = 0 }: Turn & { dueAt?: number },
  now: number,
): number => {
  const delayMs = directReadGraceMs(vectorIndex) === 0 ? indexCheckDelayMs : followedByHintsMs;
  return Math.max(dueAt, now + delayMs);
};

/** Entries of older versions stay so long after a newer one was first visible: a search under way may know only them. */
export const oldEntriesGraceMs = 10_000;

/** Entries that are not visible after this are taken as lost, and are submitted again. */
export const resubmitAfterMs = 60_000;

/** Time after which a write to the index that was in flight has ended. */
export const inFlightWriteMs = 60_000;

/** Time after which an applied turn is checked for the end of its direct reads. */
export const indexCheckDelayMs = 60_000;
