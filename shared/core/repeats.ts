import { entitiesOf } from '../domain/memory/entities.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { eventKey, memoryKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { newestTurnOf } from './retrieval/conversation.ts';
import { readabilityOf } from './retrieval/readable-turns.ts';
import { readTurns } from './retrieval/recent.ts';

/** Whether the memories of a turn are as the turn left them: none was edited, erased, or changed by another turn. */
const hasAllMemories = async (
  { store }: Platform,
  { project, id, memoryIds = [] }: Turn,
): Promise<boolean> => {
  const memories = await store.getMany(memoryIds.map((memory) => memoryKey(project, memory)));
  return memories.every((memory) => memory?.state === 'live' && memory.lastWrite === id);
};

const isWhole = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const { state, erased, revision, erasures } = turn;
  const isChanged = state === 'cancelled' || erased || revision || erasures;
  if (isChanged || turn.quotingForbidden) return false;
  const [{ readable }, hasAll] = await Promise.all([
    readabilityOf(platform, turn.project, [turn]),
    hasAllMemories(platform, turn),
  ]);
  return hasAll && !readable(turn).quotingForbidden;
};

const isNewest = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const [owner = 'project' as const] = entitiesOf(turn.entities);
  const newest = await newestTurnOf(platform, turn.project, owner);
  return newest === undefined || newest <= turn.id;
};

/** Turns of the request that an event reports: those of its group that were accepted, or the one. */
const turnsOf = async (platform: Platform, project: string, event: string): Promise<Turn[]> => {
  const first = await platform.store.get(eventKey(project, event));
  const others = await platform.store.getMany(
    (first?.group ?? []).map((other) => eventKey(project, other)),
  );
  const ids = [first, ...others].flatMap((one) => one?.turn ?? []);
  return readTurns(platform, project, ids);
};

/**
 * Whether the turns of an earlier request still are as they were accepted or refined, so that an equal request adds nothing: of none
 * was a message or a memory erased, edited, or changed by another turn. Strongly consistent.
 * @param event event of the request
 * @param mustBeNewest whether no other turn of their owners may have been accepted since
 * @throws RetryableError when the store cannot be reached
 */
export const areTurnsWhole = async (
  platform: Platform,
  project: string,
  event: string,
  mustBeNewest: boolean,
): Promise<boolean> => {
  const turns = await turnsOf(platform, project, event);
  const whole = await Promise.all(
    turns.map(
      async (turn) =>
        (await isWhole(platform, turn)) && (!mustBeNewest || (await isNewest(platform, turn))),
    ),
  );
  return whole.length > 0 && whole.every(Boolean);
};
