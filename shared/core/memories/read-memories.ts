import { isCutOff } from '../../domain/memory/cutoff-index.ts';
import {
  messageId,
  parseClosedVersionId,
  parseMessageId,
} from '../../domain/memory/derived-ids.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import {
  isPublished,
  type Memory,
  type MemoryView,
  type Revision,
} from '../../domain/memory/memory.ts';
import { type Message, messageText, roughText, type Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeletedByCutoff, readCutoffs } from '../cutoffs.ts';
import { everyPage, itemsUpTo } from '../pagination.ts';
import { messageAt, messagesOf, messageView, type SpokenMessage } from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { roughView, viewOf } from '../retrieval/view.ts';
import { jsonBytes } from '../store-limits.ts';

/** Visible item under an id: a memory, live or closed, a turn that is not refined yet, or a message of a turn. */
export type Subject =
  | { memory: Memory; turn?: Turn }
  | { turn: Turn; memory?: undefined }
  | { message: SpokenMessage; memory?: undefined; turn?: undefined };

/** Whether readers may see a memory; the staging turn of a staged one is read. */
const isVisible = async ({ store }: Platform, memory: Memory): Promise<boolean> => {
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
 * it added, else an alias. Undefined when it never existed, was deleted or cancelled, or is older than a cutoff.
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

/** A memory, with the ids of all that the turn of this id became when the id is an alias. */
export type FoundMemory = MemoryView & { alsoBecame?: string[] };

/** Returns what an id stands for. Strongly consistent; undefined when nothing is visible. */
export const getMemory = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<FoundMemory | undefined> => {
  const subject = await findById(platform, project, id);
  if (!subject) return undefined;
  if ('message' in subject) return messageView(subject.message);
  if (subject.memory === undefined) return roughView(subject.turn);
  const { memory, turn } = subject;
  const view = viewOf(memory);
  if (!turn) return view;
  return { ...view, alsoBecame: (turn.memoryIds ?? []).filter((other) => other !== memory.id) };
};

/** A revision with the messages it was drawn from. `SAID` is what was said before refinement: its text is that of the turn. */
export interface RevisionView extends Omit<Revision, 'type'>, Tagged {
  type: Revision['type'] | 'SAID';
  input: Message[];
  categories: string[];
}

/** Reads all revisions of a memory, oldest first. */
export const revisionsOf = async (
  { store }: Platform,
  project: string,
  id: string,
): Promise<Revision[]> => {
  const { pk } = memoryKey(project, id);
  const revisions = await everyPage((from) =>
    store.query({ kind: 'REV', pk, prefix: 'REV#', ...from }),
  );
  return revisions.map(({ item }) => item);
};

/** Bounds of one answer: a memory may have any number of revisions, each with two texts and the messages of a turn. */
const maxRevisions = 100;
const maxHistoryBytes = 3_000_000;
const sourcesPerRead = 10;

const withSources = async (
  platform: Platform,
  { project, entities, categories }: Memory,
  revisions: readonly Revision[],
): Promise<RevisionView[]> => {
  const sources = revisions.flatMap(({ turn }) => (turn === undefined ? [] : [turn]));
  const turns = await readTurns(platform, project, [...new Set(sources)]);
  const inputs = new Map(turns.map((turn) => [turn.id, turn.messages]));
  return revisions.map((revision) => ({
    ...revision,
    input: inputs.get(revision.turn ?? '') ?? [],
    entities,
    categories,
  }));
};

/**
 * Returns the first entry of a history: the words of the turn before refinement. The store holds no copy of them, so the text is
 * absent once a memory of the turn was erased or the turn's text has expired.
 */
const saidEntry = (id: string, turn: Turn): RevisionView => {
  const isGone = turn.erased || turn.quotingForbidden;
  return {
    memory: id,
    version: 0,
    type: 'SAID',
    ...(isGone ? {} : { newText: roughText(turn) }),
    turn: turn.id,
    event: turn.event,
    metadata: isGone ? {} : turn.metadata,
    createdAt: turn.createdAt,
    input: isGone ? [] : turn.messages,
    entities: turn.entities,
    categories: [],
  };
};

/** Returns the history of a message, whose only entry has the message itself. */
const messageHistory = ({ turn, position, message }: SpokenMessage): RevisionView[] => {
  const said = saidEntry(messageId(turn.id, position), turn);
  return [
    turn.quotingForbidden ? said : { ...said, newText: messageText(message), input: [message] },
  ];
};

/** The newest revisions of a memory, oldest first, as many as fit one answer. */
const newestRevisions = async (platform: Platform, memory: Memory): Promise<RevisionView[]> => {
  const { pk } = memoryKey(memory.project, memory.id);
  const newest = await itemsUpTo(maxRevisions, (range) =>
    platform.store.query({ kind: 'REV', pk, prefix: 'REV#', newestFirst: true, ...range }),
  );
  const views: RevisionView[] = [];
  let bytes = 0;
  for (let at = 0; at < newest.length && bytes < maxHistoryBytes; at += sourcesPerRead) {
    const some = newest.slice(at, at + sourcesPerRead).map(({ item }) => item);
    const read = await withSources(platform, memory, some);
    views.push(...read);
    bytes += jsonBytes(read);
  }
  return views.reverse();
};

/** The memory whose history an id has: of a closed version, that which has the newer text; also a deleted one. */
const historySubject = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Memory | undefined> => {
  const memory = await platform.store.get(
    memoryKey(project, parseClosedVersionId(id)?.memory ?? id),
  );
  if (!memory || !(await isVisible(platform, memory))) return undefined;
  const { cutoffs } = await readCutoffs(platform, project, [memory]);
  return isDeletedByCutoff(memory, cutoffs) ? undefined : memory;
};

/**
 * Returns the history under an id, oldest first, as far as it fits one answer. Revisions of a deleted memory have no texts. The
 * history of a memory with its turn's id begins with what was said. Undefined when the id never existed or is older than a
 * cutoff.
 */
export const historyOf = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<RevisionView[] | undefined> => {
  const memory = await historySubject(platform, project, id);
  if (memory) {
    const revisions = await newestRevisions(platform, memory);
    const turn = await platform.store.get(turnKey(project, memory.id));
    const isWhole = revisions[0]?.version === 1;
    return turn && isWhole ? [saidEntry(memory.id, turn), ...revisions] : revisions;
  }
  const subject = await findById(platform, project, id);
  if (!subject) return undefined;
  if ('message' in subject) return messageHistory(subject.message);
  if (subject.memory) return historyOf(platform, project, subject.memory.id);
  return [saidEntry(id, subject.turn)];
};
