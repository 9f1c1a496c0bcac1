import { isCutOff } from '../../domain/memory/cutoff-index.ts';
import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import { isPublished, type Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeletedByCutoff, readCutoffs } from '../cutoffs.ts';
import {
  messageAt,
  messagesOf,
  type SpokenMessage,
  statedBy,
  statesErased,
} from '../retrieval/messages.ts';

/** Visible item under an id: a memory, live or closed, a turn that is not refined yet, or a message of a turn. */
export type Subject =
  | { memory: Memory; turn?: Turn }
  | { turn: Turn; memory?: undefined }
  | { message: SpokenMessage; memory?: undefined; turn?: undefined };

/** Whether readers may see a memory; the staging turn of a staged one is read. */
export const isVisible = async ({ store }: Platform, memory: Memory): Promise<boolean> => {
  const { project, stagedBy } = memory;
  const turn = stagedBy && (await store.get(turnKey(project, stagedBy.turn)));
  return isPublished(memory, turn);
};

/** The memory, if readers may see it. */
const ifVisible = async (
  platform: Platform,
  memory: Memory | undefined,
): Promise<Memory | undefined> => {
  if (!memory || memory.state === 'deleted' || !(await isVisible(platform, memory)))
    return undefined;
  const { cutoffs } = await readCutoffs(platform, memory.project, [memory]);
  return isDeletedByCutoff(memory, cutoffs) ? undefined : memory;
};

/** The turn, if readers may see its text. */
const ifReadable = async (
  platform: Platform,
  turn: Turn | undefined,
): Promise<Turn | undefined> => {
  if (!turn || turn.state === 'cancelled' || turn.erased) return undefined;
  const { cutoffs } = await readCutoffs(platform, turn.project, [turn]);
  return isCutOff(turn, cutoffs) ? undefined : turn;
};

const findMessage = async (
  platform: Platform,
  project: string,
  { turn: id, position }: { turn: string; position: number },
): Promise<Subject | undefined> => {
  const turn = await ifReadable(platform, await platform.store.get(turnKey(project, id)));
  const message = turn && messageAt(turn, position);
  return message && { message };
};

/**
 * Returns the subject of an applied turn's id when no memory has that id: the first memory that the turn changed, else the first
 * message of the turn. Undefined when the subject is gone.
 */
const findAlias = async (platform: Platform, turn: Turn): Promise<Subject | undefined> => {
  const [first] = [...(turn.memoryIds ?? []), ...(turn.closedIds ?? [])];
  if (first === undefined) {
    const readable = await ifReadable(platform, turn);
    const message = readable && messagesOf(readable)[0];
    return message && { message };
  }
  const memory = await platform.store.get(memoryKey(turn.project, first));
  const visible = await ifVisible(platform, memory);
  return visible && { memory: visible, turn };
};

/**
 * Reads what an id stands for, strongly consistent. The id of a turn is that of its rough memory, then that of the first memory
 * it added, else an alias. Undefined when it never existed, was deleted or cancelled, or is older than a cutoff. A message is
 * found as long as it has its words, so that an interrupted deletion of the message can be repeated; `findVisible` is for readers.
 */
export const findById = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Subject | undefined> => {
  const named = parseMessageId(id);
  if (named) return findMessage(platform, project, named);
  // The turn is read first: a memory that is absent after its turn was seen to be applied does not exist.
  const turn = await platform.store.get(turnKey(project, id));
  const memory = await platform.store.get(memoryKey(project, id));
  if (memory && (await isVisible(platform, memory))) {
    const visible = await ifVisible(platform, memory);
    return visible && { memory: visible };
  }
  if (turn?.state === 'applied') return findAlias(platform, turn);
  const readable = await ifReadable(platform, turn);
  return readable && { turn: readable };
};

/** Whether a memory that the message states was deleted, by itself or by a delete-all. */
const isHidden = async (platform: Platform, message: SpokenMessage): Promise<boolean> => {
  const { project } = message.turn;
  const ids = statedBy(message).map(([id]) => id);
  const memories = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const present = memories.filter((memory) => memory !== undefined);
  const { cutoffs } = await readCutoffs(platform, project, present);
  const kept = present.filter((memory) => !isDeletedByCutoff(memory, cutoffs));
  const byId = new Map(kept.map((memory) => [memory.id, memory]));
  return statesErased(message, (id) => byId.get(id));
};

/** Reads what an id stands for, as `findById`, but for readers: a message that states a deleted memory is not found. */
export const findVisible = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Subject | undefined> => {
  const subject = await findById(platform, project, id);
  return subject && 'message' in subject && (await isHidden(platform, subject.message))
    ? undefined
    : subject;
};
