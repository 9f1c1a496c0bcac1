import type { Memory } from './memory.ts';

/** Bound of the turns that a memory names, since each write of the memory writes them all: 2.5 kB. */
const maxLineage = 64;

/** Returns a lineage with a further turn: the first turn, by which the age of a memory is known, and the newest. */
export const extendedLineage = (lineage: readonly string[], turn: string): string[] => {
  const [first, ...later] = [...lineage, turn];
  return first === undefined ? [] : [first, ...later.slice(1 - maxLineage)];
};

/** Whether the lineage of a memory may lack turns, which its revisions and restatements have. */
export const isCut = ({ lineage }: Pick<Memory, 'lineage'>): boolean =>
  lineage.length >= maxLineage;
