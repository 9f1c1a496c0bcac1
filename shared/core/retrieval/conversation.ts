import { type Entities, entitiesOf, hasAllEntities } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import { type Message, saidAtOf, spokenMessages, type Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { itemsUpTo } from '../pagination.ts';
import { listingPksOf } from './listings.ts';
import { readabilityOf } from './readable-turns.ts';
import { readPointers, readTurns } from './recent.ts';

/** Turns that one call reads, the newest ones. */
const maxTurns = 200;
/** Turns read together; each may be large. */
const turnsPerRead = 20;

/** Message of a conversation. Times in ms since 1970. */
export interface SaidMessage {
  message: Message;
  /** When it was said. */
  observedAt: number;
  /** When the turn was accepted. */
  createdAt: number;
}

const messagesIn = (turn: Turn): SaidMessage[] =>
  spokenMessages(turn).map(({ message }) => ({
    message,
    observedAt: saidAtOf(turn, message),
    createdAt: turn.createdAt,
  }));

const isKept = ({ state, erased }: Turn): boolean => state !== 'cancelled' && !erased;

/** Ids of the newest turns of an entity. Pointers are read before the listing that turns move to. */
const turnIdsOf = async (
  platform: Platform,
  project: string,
  partition: Partition,
  max: number,
): Promise<string[]> => {
  const partitions = [partition];
  const { turns } = await readPointers(platform, project, partitions, maxTurns);
  const listed = await Promise.all(
    listingPksOf(project, partitions).map((pk) =>
      itemsUpTo(max, (range) =>
        platform.store.query({
          kind: 'LISTED_TURN',
          pk,
          prefix: 'TURN_LISTED#',
          newestFirst: true,
          ...range,
        }),
      ),
    ),
  );
  const ids = [...turns, ...listed.flat().map(({ item }) => item)].map(({ turn }) => turn);
  // Ids of turns sort by time.
  return [...new Set(ids)].sort().slice(-max);
};

/** Returns the id of the newest turn of an entity that still has its text, strongly consistent. */
export const newestTurnOf = async (
  platform: Platform,
  project: string,
  entity: Partition,
): Promise<string | undefined> => (await turnIdsOf(platform, project, entity, 1)).at(-1);

/** The listing to read: that of the run, which has the fewest turns, if one is named. */
const partitionOf = (entities: Entities): Partition => {
  const [owner] = entitiesOf(entities);
  if (entities.run !== undefined) return { kind: 'run', id: entities.run };
  return owner ?? 'project';
};

/**
 * Returns the newest messages of a run, or of another entity, as long as their words are kept, oldest first, strongly consistent. Reads
 * the newest 200 turns of the run or the entity. Messages that state a deleted memory, and those that a delete-all covers, are left out.
 * @param entities entities that each turn must name
 * @param before id of a turn: only messages of older turns that are refined are returned
 * @throws RetryableError when the store cannot be reached
 */
export const conversationOf = async (
  platform: Platform,
  project: string,
  entities: Entities,
  limit: number,
  before?: string,
): Promise<SaidMessage[]> => {
  const all = await turnIdsOf(platform, project, partitionOf(entities), maxTurns);
  const ids = before === undefined ? all : all.filter((id) => id < before);
  const said: SaidMessage[] = [];
  for (let end = ids.length; end > 0 && said.length < limit; end -= turnsPerRead) {
    const part = ids.slice(Math.max(0, end - turnsPerRead), end);
    const read = await readTurns(platform, project, part);
    const turns = read.filter(
      (turn) =>
        isKept(turn) &&
        hasAllEntities(turn, entities) &&
        (before === undefined || turn.state === 'applied'),
    );
    const { readable } = await readabilityOf(platform, project, turns);
    said.unshift(...turns.map(readable).flatMap(messagesIn));
  }
  return said.slice(-limit);
};
