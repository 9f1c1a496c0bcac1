import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { type Turn, withoutWords } from '../../domain/memory/turn.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { deletedBy, readCutoffs } from '../cutoffs.ts';

/** Answers about what readers may see: of turns, and of memories that are quoted beside them. */
export interface Readability {
  /** Whether the memory was not deleted, by itself or by a delete-all. */
  isKept(memory: string): boolean;
  /** Whether a delete-all covers the turn. */
  isCovered(turn: Turn): boolean;
  /**
   * The turn as a reader may see it: messages that state a deleted memory have no words, and no history may quote it then; a turn
   * that a delete-all covers has neither messages nor metadata.
   */
  readable(turn: Turn): Turn;
}

/** Ids of the memories that the messages of a turn state, by position. */
const statedIn = ({ drawn = {} }: Turn): [position: number, memories: string[]][] =>
  Object.entries(drawn).map(([position, stated]) => [Number(position), Object.keys(stated)]);

/**
 * Reads what decides how turns may be quoted, strongly consistent: the memories that their messages state, the other `memories`,
 * and the cutoffs of all of these. Two round trips. A deletion that was answered before is seen.
 */
export const readabilityOf = async (
  platform: Platform,
  project: string,
  turns: readonly Turn[],
  memories: readonly string[] = [],
): Promise<Readability> => {
  const stated = turns.flatMap(statedIn).flatMap(([, ids]) => ids);
  const ids = [...new Set([...stated, ...memories])];
  const found = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const present: Memory[] = found.filter((memory) => memory !== undefined);
  const { cutoffs } = await readCutoffs(platform, project, [...turns, ...present]);
  const isDeleted = deletedBy(cutoffs);
  const isCutOff = cutOffBy(cutoffs);
  const kept = new Set(
    present
      .filter((memory) => memory.state !== 'deleted' && !isDeleted(memory))
      .map(({ id }) => id),
  );
  return {
    isKept: (memory) => kept.has(memory),
    isCovered: isCutOff,
    readable(turn) {
      if (isCutOff(turn)) return { ...turn, messages: [], metadata: {}, quotingForbidden: true };
      const hidden = statedIn(turn).filter(([, all]) => !all.every((id) => kept.has(id)));
      if (hidden.length === 0) return turn;
      const positions = new Set(hidden.map(([position]) => position));
      const messages = withoutWords(turn.messages, positions);
      return { ...turn, messages, quotingForbidden: true };
    },
  };
};
