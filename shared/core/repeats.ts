import { entitiesOf } from '../domain/memory/entities.ts';
import { isFinal } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Item } from '../domain/table/items.ts';
import { eventKey, memoryKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { IdempotencyRecord } from './idempotency.ts';
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

/** Whether nothing of a turn was erased: neither a message nor a memory that was drawn from it. */
const isKept = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const { state, erased, erasures, quotingForbidden } = turn;
  if (state === 'cancelled' || erased || erasures || quotingForbidden) return false;
  const { readable } = await readabilityOf(platform, turn.project, [turn]);
  return !readable(turn).quotingForbidden;
};

/** Whether nothing of a turn was erased, edited, or changed by another turn. */
const isWhole = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const { revision, secretsReplaced } = turn;
  if (revision && !(revision === 1 && secretsReplaced)) return false;
  const [kept, hasAll] = await Promise.all([
    isKept(platform, turn),
    hasAllMemories(platform, turn),
  ]);
  return kept && hasAll;
};

const isNewest = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const [owner = 'project' as const] = entitiesOf(turn.entities);
  const newest = await newestTurnOf(platform, turn.project, owner);
  return newest === undefined || newest <= turn.id;
};

/** The turns that events report, without those that were not accepted. */
const turnsOf = async (
  platform: Platform,
  project: string,
  events: readonly string[],
): Promise<Turn[]> => {
  const found = await platform.store.getMany(events.map((id) => eventKey(project, id)));
  const ids = found.flatMap((event) => event?.turn ?? []);
  return readTurns(platform, project, ids);
};

/**
 * Whether the turns of an earlier request still are as they were accepted or refined, and the newest of their owners, so that an equal
 * request adds nothing: of none was a message or a memory erased, edited, or changed by another turn. Of copies, nothing was erased:
 * other owners write beside them. Strongly consistent.
 * @param event event of the request
 * @throws RetryableError when the store cannot be reached
 */
const areTurnsWhole = async (
  platform: Platform,
  project: string,
  event: string,
): Promise<boolean> => {
  const { group = [], copies = [] } = (await platform.store.get(eventKey(project, event))) ?? {};
  const [turns, copied] = await Promise.all([
    turnsOf(platform, project, [event, ...group]),
    turnsOf(platform, project, copies),
  ]);
  const whole = await Promise.all([
    ...turns.map(
      async (turn) => (await isWhole(platform, turn)) && (await isNewest(platform, turn)),
    ),
    ...copied.map((turn) => isKept(platform, turn)),
  ]);
  return turns.length > 0 && whole.every(Boolean);
};

/** Result of a request that repeats an earlier one. */
type Replay =
  | { outcome: 'replayed'; event: string; turn: string }
  /** The idempotency key was used for another request. */
  | { outcome: 'key_reused' };

/**
 * The result of a request whose idempotency record exists already. Undefined for an equal request without a key whose event
 * is final, or with a window of its own whose turn was changed or followed by another: the request is a new turn.
 */
export const replayOf = async (
  platform: Platform,
  project: string,
  record: IdempotencyRecord,
  earlier: Item<'IDEM'>,
): Promise<Replay | undefined> => {
  if (earlier.request !== record.request) return { outcome: 'key_reused' };
  const replay: Replay = { outcome: 'replayed', event: earlier.event, turn: earlier.turn };
  const { repeats } = record;
  if (repeats === 'always') return replay;
  if (repeats === 'while_newest')
    return (await areTurnsWhole(platform, project, earlier.event)) ? replay : undefined;
  const event = await platform.store.get(eventKey(project, earlier.event));
  return event && !isFinal(event.status) ? replay : undefined;
};
