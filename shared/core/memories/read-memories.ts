import { messageId, parseClosedVersionId } from '../../domain/memory/derived-ids.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { Memory, MemoryView, Revision } from '../../domain/memory/memory.ts';
import { type Message, messageText, roughText, type Turn } from '../../domain/memory/turn.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeletedByCutoff, readCutoffs } from '../cutoffs.ts';
import { everyPage, itemsUpTo } from '../pagination.ts';
import { messageView, type SpokenMessage } from '../retrieval/messages.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { readTurns } from '../retrieval/recent.ts';
import { roughView, viewOf } from '../retrieval/view.ts';
import { jsonBytes } from '../store-limits.ts';
import { findVisible, isVisible } from './find-by-id.ts';

/** A memory. When the id is an alias of a turn, with the ids of the other memories that the turn added or updated. */
export type FoundMemory = MemoryView & { alsoBecame?: string[] };

/** Returns what an id stands for. Strongly consistent; undefined when nothing is visible. */
export const getMemory = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<FoundMemory | undefined> => {
  const subject = await findVisible(platform, project, id);
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
  const { readable } = await readabilityOf(platform, project, turns);
  const inputs = new Map(
    turns.map(readable).map((turn) => [turn.id, turn.quotingForbidden ? [] : turn.messages]),
  );
  return revisions.map((revision) => ({
    ...revision,
    input: inputs.get(revision.turn ?? '') ?? [],
    entities,
    categories,
  }));
};

/**
 * Returns the first entry of a history: the words of the turn before refinement. The store holds no copy of them, so the text is
 * absent once a memory or a message of the turn was erased, or the turn's text has expired.
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

/** The first entry of a history whose turn has expired. */
const expiredEntry = (
  { id, entities }: Memory,
  { event, createdAt }: Pick<RevisionView, 'event' | 'createdAt'>,
): RevisionView => ({
  memory: id,
  version: 0,
  type: 'SAID',
  turn: id,
  ...(event === undefined ? {} : { event }),
  metadata: {},
  createdAt,
  input: [],
  entities,
  categories: [],
});

/** The history of a memory from the words of its turn on. Words that are kept as they are were not refined. */
const fromItsTurn = (
  memory: Memory,
  turn: Turn | undefined,
  revisions: RevisionView[],
): RevisionView[] => {
  const [first] = revisions;
  const isVerbatim = turn ? !turn.options.infer : memory.source === 'verbatim';
  if (first?.version !== 1 || memory.lineage[0] !== memory.id || isVerbatim) return revisions;
  return [turn ? saidEntry(memory.id, turn) : expiredEntry(memory, first), ...revisions];
};

/** Returns the history of a message, whose only entry has the message itself. */
const messageHistory = ({ turn, position, message }: SpokenMessage): RevisionView[] => {
  const said = saidEntry(messageId(turn.id, position), turn);
  return [{ ...said, newText: messageText(message), metadata: turn.metadata, input: [message] }];
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

/**
 * The memory whose history an id has: of a closed version, that which has the newer text; also a deleted one. A version whose memory is
 * not there, as after half of an import, has its own history, which is empty.
 */
const historySubject = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Memory | undefined> => {
  const { store } = platform;
  const own = await store.get(memoryKey(project, parseClosedVersionId(id)?.memory ?? id));
  const memory = own ?? (await store.get(memoryKey(project, id)));
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
    const [turn] = await readTurns(platform, project, [memory.id]);
    const { readable } = await readabilityOf(platform, project, turn ? [turn] : []);
    return fromItsTurn(memory, turn && readable(turn), revisions);
  }
  const subject = await findVisible(platform, project, id);
  if (!subject) return undefined;
  if ('message' in subject) return messageHistory(subject.message);
  if (subject.memory) return historyOf(platform, project, subject.memory.id);
  return [saidEntry(id, subject.turn)];
};
