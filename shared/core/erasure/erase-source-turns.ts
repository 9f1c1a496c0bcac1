import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { itemExists } from '../conditions.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { eraseMessages } from './erase-messages.ts';
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

/** Turn from which memories were drawn that are deleted now. */
export interface SourceTurn {
  turn: Turn;
  /** Positions of messages that were deleted with the memories drawn from them alone. */
  deletedMessages: readonly number[];
  /** Whether all the memories were deleted with their messages, so that the other messages of the turn stay. */
  keepsTurnText: boolean;
}

/** Change of such a turn. */
interface SourceChange {
  turn: Turn;
  /** Whether its text was erased before. */
  isErased?: boolean;
  /** Whether its whole text is to be erased. */
  isUnused?: boolean;
  /** Positions of messages to erase. */
  positions: readonly number[];
  set: Partial<Turn>;
}

/** Positions of the messages that memories of the turn were drawn from: readers see none of them once all these are deleted. */
const sourcePositions = ({ drawn = {}, memoryIds = [] }: Turn): number[] => {
  const own = new Set(memoryIds);
  return Object.entries(drawn).flatMap(([position, stated]) =>
    Object.keys(stated).some((id) => own.has(id)) ? [Number(position)] : [],
  );
};

const afterDeletion = async (
  platform: Platform,
  { turn, deletedMessages, keepsTurnText, deleted }: SourceTurn & { deleted: ReadonlySet<string> },
): Promise<SourceChange> => {
  if (turn.erased) return { turn, isErased: true, positions: [], set: {} };
  const { deletedMemories = 0, quotingForbidden } = turn;
  const kept = await findKept(platform, turn, deleted);
  if (kept === undefined && !keepsTurnText) return { turn, isUnused: true, positions: [], set: {} };
  const forbidding = quotingForbidden ? {} : { quotingForbidden: true };
  const isBeyondFirstRead = kept !== undefined && kept >= deletedMemories + (readSizes[0] ?? 0);
  return {
    turn,
    positions:
      kept === undefined ? [...deletedMessages, ...sourcePositions(turn)] : deletedMessages,
    set: { ...forbidding, ...(isBeyondFirstRead ? { deletedMemories: kept } : {}) },
  };
};

/**
 * Erases the texts of turns from which memories were drawn that are deleted now, except of turns from which another memory was
 * drawn that is not; of a turn whose messages were deleted with the memories, those, and with its last memory all that one was drawn
 * from. Costs at most three reads for each turn, however many memories were drawn from it. Safe to repeat and to run
 * concurrently: of the last two deletions at least one finds no other memory.
 * @param deleted memories that are known to be deleted
 * @returns ids of the turns that lost words
 */
export const eraseSourceTurns = async (
  platform: Platform,
  project: string,
  turns: readonly SourceTurn[],
  deleted: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
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
  const relieved = changes.filter(({ positions }) => positions.length > 0);
  const positionsOf = relieved.map(({ turn, positions }) => [turn.id, new Set(positions)] as const);
  await eraseMessages(platform, project, new Map(positionsOf));
  const unused = changes.filter(({ isUnused }) => isUnused).map(({ turn }) => turn);
  await eraseTurnTexts(platform, project, unused, { quotingForbidden: true });
  return new Set(
    changes.flatMap(({ turn, isErased, isUnused, positions }) =>
      isErased || isUnused || positions.length > 0 ? [turn.id] : [],
    ),
  );
};
