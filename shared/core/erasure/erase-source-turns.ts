import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { itemExists } from '../conditions.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { eraseTurnTexts } from './erase-turn.ts';

/**
 * Memories read by each search for one that is not deleted. A deletion seldom reads more than the first: positions whose memories are
 * known to be deleted are skipped, and a deleted memory never returns.
 */
const readSizes = [8, 64, Number.POSITIVE_INFINITY];

/** Position of the first memory of the turn that is not deleted; undefined when all are. */
const findKept = async (
  { store }: Platform,
  { project, memoryIds = [], deletedMemories = 0 }: Turn,
  deleted: ReadonlySet<string>,
): Promise<number | undefined> => {
  let from = deletedMemories;
  for (const size of readSizes) {
    const candidates = memoryIds
      .map((id, position) => ({ id, position }))
      .slice(from, from + size)
      .filter(({ id }) => !deleted.has(id));
    const items = await store.getMany(candidates.map(({ id }) => memoryKey(project, id)));
    const kept = items.findIndex((memory) => memory !== undefined && memory.state !== 'deleted');
    if (kept >= 0) return candidates[kept]?.position;
    from += size;
    if (from >= memoryIds.length) return undefined;
  }
  return undefined;
};

/** Change of a turn from which deleted memories were drawn. */
interface SourceChange {
  turn: Turn;
  isUnused: boolean;
  set: Partial<Turn>;
}

const afterDeletion = async (
  platform: Platform,
  { turn, keepsTurnText, deleted }: SourceTurn & { deleted: ReadonlySet<string> },
): Promise<SourceChange> => {
  if (turn.erased) return { turn, isUnused: false, set: {} };
  const { deletedMemories = 0, quotingForbidden } = turn;
  const forbidding = quotingForbidden ? {} : { quotingForbidden: true };
  const kept = keepsTurnText ? 0 : await findKept(platform, turn, deleted);
  if (kept === undefined) return { turn, isUnused: true, set: {} };
  const isBeyondFirstRead = kept >= deletedMemories + (readSizes[0] ?? 0);
  return {
    turn,
    isUnused: false,
    set: { ...forbidding, ...(isBeyondFirstRead ? { deletedMemories: kept } : {}) },
  };
};

/** A turn from which memories were drawn that are deleted now. */
export interface SourceTurn {
  turn: Turn;
  /** Whether the turn keeps its text: the caller erases only the messages that the memories were drawn from. */
  keepsTurnText: boolean;
}

/**
 * Erases the texts of turns from which memories were drawn that are deleted now, except of turns from which another memory was
 * drawn that is not. Costs at most three reads for each turn, however many memories were drawn from it. Safe to repeat and to run
 * concurrently: of the last two deletions at least one finds no other memory.
 * @param deleted memories that are known to be deleted
 */
export const eraseSourceTurns = async (
  platform: Platform,
  project: string,
  turns: readonly SourceTurn[],
  deleted: ReadonlySet<string>,
): Promise<void> => {
  const changes = await mapConcurrent(turns, (one) => afterDeletion(platform, { ...one, deleted }));
  const changed = changes.filter(({ set }) => Object.keys(set).length > 0);
  await commitTogether(
    platform,
    changed.map(({ turn, set }) => ({
      subject: turn,
      steps: [update(turnKey(project, turn.id), set, itemExists)],
      bytes: erasureBytes(turn),
    })),
  );
  const unused = changes.filter(({ isUnused }) => isUnused).map(({ turn }) => turn);
  await eraseTurnTexts(platform, project, unused, { quotingForbidden: true });
};
